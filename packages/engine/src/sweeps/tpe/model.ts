import type { Random } from "../math/random.ts";
import { isActive } from "../space/space.ts";
import { type Bandwidths, Kernels } from "./kernels.ts";
import { snapped, type UnitSpace } from "./unit.ts";

/** Chosen on functions that are not in the benchmark (docs/decisions/0024-samplers.md). */
const JOINT: Bandwidths = { number: 0.05, options: 0.8 };
const SINGLE: Bandwidths = { number: 0.08, options: 0.5 };

/** `joint`: parameters are modelled together; `single`: each alone; `both`: the mean of the two opinions. */
export type ModelKind = "joint" | "single" | "both";

/** Two densities over some parameters: of the good observations, and of all others. */
interface Pair {
  readonly parameters: readonly number[];
  readonly good: Kernels;
  readonly other: Kernels;
}

/** The tree-structured Parzen estimator (Bergstra et al. 2011): where good observations are dense and others are not. */
export class Model {
  readonly #unit: UnitSpace;
  readonly #joint: Pair | null;
  /** one for each parameter, of the observations that had it */
  readonly #singles: readonly Pair[] | null;

  constructor(unit: UnitSpace, good: readonly Float64Array[], other: readonly Float64Array[], kind: ModelKind) {
    this.#unit = unit;
    const indices = unit.space.parameters.map((_, index) => index);
    const pair = (parameters: readonly number[], a: readonly Float64Array[], b: readonly Float64Array[], bandwidths: Bandwidths): Pair => ({
      parameters,
      good: new Kernels(unit, parameters, a, bandwidths),
      other: new Kernels(unit, parameters, b, bandwidths),
    });
    this.#joint = kind === "single" ? null : pair(indices, good, other, JOINT);
    const having = (index: number, places: readonly Float64Array[]) => places.filter((place) => !Number.isNaN(place[index]!));
    this.#singles = kind === "joint" ? null : indices.map((index) => pair([index], having(index, good), having(index, other), SINGLE));
  }

  /** A draw from the good density; with both kinds of model they take turns. */
  draw(turn: number, random: Random): Float64Array {
    const joint = this.#singles === null || (this.#joint !== null && turn % 2 === 0) ? this.#joint : null;
    const place = new Float64Array(this.#unit.space.parameters.length).fill(Number.NaN);
    const kernel = joint?.good.drawKernel(random);
    this.#unit.space.parameters.forEach((parameter, index) => {
      const value = joint !== null ? joint.good.draw(kernel!, index, random) : drawFrom(this.#singles![index]!.good, random);
      if (isActive(parameter, place)) place[index] = snapped(this.#unit, index, value);
    });
    return place;
  }

  /** How much denser the good observations are here than the others, as a logarithm. */
  logRatio(place: Float64Array): number {
    const joint = this.#joint === null ? 0 : ratioOf(this.#joint, place);
    if (this.#singles === null) return joint;
    let single = 0;
    for (const pair of this.#singles) if (!Number.isNaN(place[pair.parameters[0]!]!)) single += ratioOf(pair, place);
    return this.#joint === null ? single : (joint + single) / 2;
  }
}

function drawFrom(kernels: Kernels, random: Random): number {
  return kernels.draw(kernels.drawKernel(random), 0, random);
}

function ratioOf({ good, other }: Pair, place: Float64Array): number {
  return good.logAt(place) - other.logAt(place);
}
