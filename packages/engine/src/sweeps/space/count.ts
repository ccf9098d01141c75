import { log } from "../math/elementary.ts";
import { countOf, multiplesOf } from "./dimension.ts";
import type { Space } from "./space.ts";
import type { Coordinates } from "./values.ts";

/** How many sets of values a space has; null when they cannot be counted. Exact, however many they are. */
export function spaceSize(space: Space): bigint | null {
  const sizes = sizesOf(
    space,
    BigInt,
    (a, b) => a + b,
    (a, b) => a * b,
  );
  return sizes === null ? null : rootsOf(space).reduce((product, index) => product * sizes[index]!, 1n);
}

/** Whether only choices are drawn, so that a random search need not repeat itself. */
export function isOnlyChoices(space: Space): boolean {
  return space.parameters.every(({ dimension }) => dimension.kind === "categorical" && dimension.isChoice);
}

/**
 * Finds the n-th set of values without making those before it. The last parameter changes first. Every parameter must be
 * finite; `n` is below the size of the space.
 */
export class Enumeration {
  readonly #space: Space;
  /** how many sets of values a parameter and all below it have; Infinity past 2^53, where no `n` gets to */
  readonly #sizes: readonly number[];
  readonly #roots: readonly number[];
  readonly size: number;

  constructor(space: Space) {
    this.#space = space;
    this.#sizes = sizesOf(
      space,
      Number,
      exactOrInfinite((a, b) => a + b),
      exactOrInfinite((a, b) => a * b),
    )!;
    this.#roots = rootsOf(space);
    this.size = this.#roots.reduce((product, index) => exactOrInfinite((a, b) => a * b)(product, this.#sizes[index]!), 1);
  }

  at(n: number): Coordinates {
    const coordinates = new Float64Array(this.#space.parameters.length).fill(Number.NaN);
    this.#place(this.#roots, n, coordinates);
    return coordinates;
  }

  #place(siblings: readonly number[], n: number, coordinates: Coordinates): void {
    let rest = n;
    for (const index of siblings.toReversed()) {
      const size = this.#sizes[index]!;
      const here = size === Infinity ? rest : rest % size;
      rest = size === Infinity ? 0 : Math.floor(rest / size);
      this.#choose(index, here, coordinates);
    }
  }

  #choose(index: number, n: number, coordinates: Coordinates): void {
    const { dimension } = this.#space.parameters[index]!;
    if (dimension.kind === "numeric") {
      const value = (multiplesOf(dimension)[0] + n) * dimension.q!;
      coordinates[index] = dimension.isLog ? log(Math.max(value, dimension.q! / 4)) : value;
      return;
    }
    let rest = n;
    for (let option = 0; option < dimension.options.length; option++) {
      const below = childrenOf(this.#space, index, option);
      const size = below.reduce((product, child) => exactOrInfinite((a, b) => a * b)(product, this.#sizes[child]!), 1);
      if (rest < size) {
        coordinates[index] = option;
        this.#place(below, rest, coordinates);
        return;
      }
      rest -= size;
    }
  }
}

function exactOrInfinite(of: (a: number, b: number) => number): (a: number, b: number) => number {
  return (a, b) => {
    const result = of(a, b);
    return result <= Number.MAX_SAFE_INTEGER ? result : Infinity;
  };
}

/** For each parameter the number of ways to choose it and all below it. Null when one has no end of values. */
function sizesOf<N>(space: Space, from: (count: number) => N, add: (a: N, b: N) => N, multiply: (a: N, b: N) => N): N[] | null {
  const sizes: N[] = new Array(space.parameters.length);
  for (let index = space.parameters.length - 1; index >= 0; index--) {
    const { dimension } = space.parameters[index]!;
    const count = countOf(dimension);
    if (!Number.isFinite(count)) return null;
    const hasChildren = space.parameters.some(({ parent }) => parent?.index === index);
    if (!hasChildren) {
      sizes[index] = from(count);
      continue;
    }
    let total = from(0);
    for (let option = 0; option < count; option++) {
      const below = childrenOf(space, index, option).reduce((product, child) => multiply(product, sizes[child]!), from(1));
      total = add(total, below);
    }
    sizes[index] = total;
  }
  return sizes;
}

function rootsOf({ parameters }: Space): number[] {
  return parameters.flatMap(({ parent }, index) => (parent === null ? [index] : []));
}

function childrenOf({ parameters }: Space, index: number, option: number): number[] {
  return parameters.flatMap(({ parent }, at) => (parent?.index === index && parent.options.has(option) ? [at] : []));
}
