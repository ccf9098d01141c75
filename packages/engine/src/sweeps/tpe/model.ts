import type { Random } from "../math/random.ts";
import { isActive } from "../space/space.ts";
import { type Bandwidths, columnOf, Kernels, widthOf } from "./kernels.ts";
import { NumberDensity, OptionDensity } from "./single.ts";
import { snapped, type UnitSpace } from "./unit.ts";

/** Chosen on functions that are not in the benchmark (docs/decisions/0024-samplers.md). */
const JOINT: Bandwidths = { number: 0.05, options: 0.8 };
const SINGLE: Bandwidths = { number: 0.08, options: 0.5 };

/** `joint`: parameters are modelled together; `single`: each alone; `both`: the mean of the two opinions. */
export type ModelKind = "joint" | "single" | "both";

/** A density, whose value at a place is asked for. */
interface Density {
  logAt(value: number): number;
}

/** One parameter alone: what good observations are drawn from, and the two densities. */
interface Single {
  readonly source: Kernels;
  readonly good: Density;
  readonly other: Density;
}

/** The tree-structured Parzen estimator (Bergstra et al. 2011): where good observations are dense and others are not. */
export class Model {
  readonly #unit: UnitSpace;
  readonly #joint: { readonly good: Kernels; readonly other: Kernels } | null;
  /** one for each parameter, of the observations that had it */
  readonly #singles: readonly Single[] | null;

  constructor(unit: UnitSpace, good: readonly Float64Array[], other: readonly Float64Array[], kind: ModelKind) {
    this.#unit = unit;
    const indices = unit.space.parameters.map((_, index) => index);
    const joint = (places: readonly Float64Array[]) => new Kernels(unit, indices, places, JOINT);
    this.#joint = kind === "single" ? null : { good: joint(good), other: joint(other) };
    this.#singles = kind === "joint" ? null : indices.map((index) => singleOf(unit, index, good, other));
  }

  /** A draw from the good density; with both kinds of model they take turns. */
  draw(turn: number, random: Random): Float64Array {
    const joint = this.#singles === null || (this.#joint !== null && turn % 2 === 0) ? this.#joint : null;
    const place = new Float64Array(this.#unit.space.parameters.length).fill(Number.NaN);
    const kernel = joint?.good.drawKernel(random);
    this.#unit.space.parameters.forEach((parameter, index) => {
      const value = joint !== null ? joint.good.draw(kernel!, index, random) : drawFrom(this.#singles![index]!.source, random);
      if (isActive(parameter, place)) place[index] = snapped(this.#unit, index, value);
    });
    return place;
  }

  /** How much denser the good observations are here than the others, as a logarithm. */
  logRatio(place: Float64Array): number {
    const joint = this.#joint === null ? 0 : this.#joint.good.logAt(place) - this.#joint.other.logAt(place);
    if (this.#singles === null) return joint;
    let single = 0;
    for (const [index, { good, other }] of this.#singles.entries()) {
      const value = place[index]!;
      if (!Number.isNaN(value)) single += good.logAt(value) - other.logAt(value);
    }
    return this.#joint === null ? single : (joint + single) / 2;
  }
}

function singleOf(unit: UnitSpace, index: number, good: readonly Float64Array[], other: readonly Float64Array[]): Single {
  const having = good.filter((place) => !Number.isNaN(place[index]!));
  const source = new Kernels(unit, [index], having, SINGLE);
  return { source, good: densityOf(unit, index, good), other: densityOf(unit, index, other) };
}

function densityOf(unit: UnitSpace, index: number, places: readonly Float64Array[]): Density {
  const known = withoutAbsent(columnOf(places, index));
  const options = unit.options[index]!;
  if (options > 0) return new OptionDensity(known, options, SINGLE.options);
  return new NumberDensity(known.sort(), widthOf(SINGLE.number, 1, known.length, unit.cells[index]!));
}

/** The numbers that are there; all of them, most of the time. */
function withoutAbsent(column: Float64Array): Float64Array {
  let kept = 0;
  for (let at = 0; at < column.length; at++) if (!Number.isNaN(column[at]!)) column[kept++] = column[at]!;
  return column.subarray(0, kept);
}

function drawFrom(kernels: Kernels, random: Random): number {
  return kernels.draw(kernels.drawKernel(random), 0, random);
}
