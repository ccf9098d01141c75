import {
  argumentName,
  branchPath,
  type Expression,
  isSameValue,
  type JsonValue,
  optionsOf,
  type SweepParameter,
} from "@switchyard/protocol";
import { type Dimension, dimensionOf } from "./dimension.ts";

/** One thing that is drawn. Those that others depend on stand before them. */
export interface SpaceParameter {
  /** its place in the space; of a parameter at the top, its name */
  readonly path: string;
  /** the key in a trial's values */
  readonly name: string;
  readonly dimension: Dimension;
  /** it is there only when the parameter of this index has one of these options */
  readonly parent: { readonly index: number; readonly options: ReadonlySet<number> } | null;
  /** whether it is the choice of an option that has more below it, which `branches` must name */
  readonly isNested: boolean;
}

/** A parameter space ready to draw from: a forest, since each parameter depends on at most one other. */
export interface Space {
  readonly parameters: readonly SpaceParameter[];
}

/** Lays out the stored parameters of a sweep. They have been checked, so that conditions name choices that are there. */
export function spaceOf(stored: readonly SweepParameter[]): Space {
  const layout = new Layout();
  const waiting = [...stored];
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ when }) => when === null || layout.has(when.parameter));
    if (next === -1) throw new Error(`The parameter "${waiting[0]!.name}" depends on one that is not there.`);
    layout.add(waiting.splice(next, 1)[0]!);
  }
  return { parameters: layout.parameters };
}

class Layout {
  readonly parameters: SpaceParameter[] = [];
  readonly #tops = new Map<string, number>();

  has(name: string): boolean {
    return this.#tops.has(argumentName(name));
  }

  add({ name, expression, when }: SweepParameter): void {
    const parent = when === null ? null : this.#optionsWhere(when.parameter, when.in);
    this.#tops.set(argumentName(name), this.parameters.length);
    this.#append(name, name, expression, parent);
  }

  #optionsWhere(name: string, values: readonly JsonValue[]): NonNullable<SpaceParameter["parent"]> {
    const index = this.#tops.get(argumentName(name))!;
    const { dimension } = this.parameters[index]!;
    const options = dimension.kind === "categorical" ? dimension.options : [];
    const matching = options.flatMap((option, at) =>
      option.kind === "value" && values.some((value) => isSameValue(option.value, value)) ? [at] : [],
    );
    return { index, options: new Set(matching) };
  }

  #append(path: string, name: string, expression: Expression, parent: SpaceParameter["parent"]): void {
    const index = this.parameters.length;
    const options = expression[0] === "choice" ? optionsOf(expression) : [];
    const isNested = options.some(({ kind }) => kind !== "value");
    this.parameters.push({ path, name, dimension: dimensionOf(expression), parent, isNested });
    options.forEach((option, at) => {
      const below = { index, options: new Set([at]) };
      if (option.kind === "expression") this.#append(branchPath(path, at, name), name, option.expression, below);
      if (option.kind !== "space") return;
      for (const inner of option.parameters) this.#append(branchPath(path, at, inner.name), inner.name, inner.expression, below);
    });
  }
}

/** Whether the parameter is there, given the coordinates of those before it. */
export function isActive(parameter: SpaceParameter, coordinates: ArrayLike<number>): boolean {
  return parameter.parent === null || parameter.parent.options.has(coordinates[parameter.parent.index]!);
}
