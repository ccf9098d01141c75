import { exp, log } from "../math/elementary.ts";
import { normalBelow, normalBetween, normalQuantile } from "../math/normal.ts";
import type { Random } from "../math/random.ts";
import type { UnitSpace } from "./unit.ts";

const SQRT_2_PI = 2.5066282746310002;
/** So many bandwidths away from an edge a kernel loses nothing there. */
const FAR = 8.3;

/** How wide the kernels are, and how much of a choice's weight lies on other options. */
export interface Bandwidths {
  readonly number: number;
  readonly options: number;
}

/**
 * A density over some parameters: a kernel around each observation (a normal distribution cut off at 0 and 1, or most of
 * the weight on one option), and one that is even over all, which is what is believed before anything is known. All weigh
 * the same. An observation that lacks a parameter says nothing of it: there its kernel is even.
 */
export class Kernels {
  readonly #unit: UnitSpace;
  readonly #parameters: readonly number[];
  readonly #centres: readonly Float64Array[];
  readonly #widths: Float64Array;
  readonly #sameOption: Float64Array;
  readonly #otherOption: Float64Array;
  readonly #optionShare: number;
  /** log of each kernel's weight and of what makes it a density; the last is the even one */
  readonly #norms: Float64Array;
  /** log densities of one place, used again */
  readonly #logs: Float64Array;
  readonly #count: number;

  constructor(unit: UnitSpace, parameters: readonly number[], observations: readonly Float64Array[], bandwidths: Bandwidths) {
    this.#unit = unit;
    this.#parameters = parameters;
    this.#count = observations.length;
    this.#centres = parameters.map((index) => columnOf(observations, index));
    this.#widths = Float64Array.from(parameters, (index) => widthOf(bandwidths.number, parameters.length, this.#count, unit.cells[index]!));
    this.#optionShare = bandwidths.options;
    this.#sameOption = Float64Array.from(parameters, (index) => log(1 - bandwidths.options + bandwidths.options / unit.options[index]!));
    this.#otherOption = Float64Array.from(parameters, (index) => log(bandwidths.options / unit.options[index]!));
    this.#norms = this.#makeNorms();
    this.#logs = new Float64Array(this.#count + 1);
  }

  #makeNorms(): Float64Array {
    const norms = new Float64Array(this.#count + 1).fill(-log(this.#count + 1));
    for (const [at, index] of this.#parameters.entries()) {
      const options = this.#unit.options[index]!;
      if (options > 0) norms[this.#count]! -= log(options);
      const even = options > 0 ? -log(options) : 0;
      const width = this.#widths[at]!;
      const whole = log(width * SQRT_2_PI);
      const centres = this.#centres[at]!;
      for (let kernel = 0; kernel < this.#count; kernel++) {
        const centre = centres[kernel]!;
        if (Number.isNaN(centre)) norms[kernel]! += even;
        else if (options === 0) norms[kernel]! -= whole + logInside(centre / width, (1 - centre) / width);
      }
    }
    return norms;
  }

  /** Log of the density at a place; parameters that are not there do not count. */
  logAt(place: Float64Array): number {
    const logs = this.#logs;
    logs.set(this.#norms);
    for (const [at, index] of this.#parameters.entries()) {
      const value = place[index]!;
      if (!Number.isNaN(value)) this.#add(at, index, value, logs);
    }
    return logSum(logs);
  }

  #add(at: number, index: number, value: number, logs: Float64Array): void {
    const centres = this.#centres[at]!;
    if (this.#unit.options[index]! > 0) {
      const [same, other] = [this.#sameOption[at]!, this.#otherOption[at]!];
      for (let kernel = 0; kernel < this.#count; kernel++) {
        const centre = centres[kernel]!;
        if (centre === value) logs[kernel]! += same;
        else if (!Number.isNaN(centre)) logs[kernel]! += other;
      }
      return;
    }
    const scale = Math.SQRT1_2 / this.#widths[at]!;
    for (let kernel = 0; kernel < this.#count; kernel++) {
      const distance = (value - centres[kernel]!) * scale;
      if (distance * distance >= 0) logs[kernel]! -= distance * distance;
    }
  }

  /** Which kernel a draw comes from. */
  drawKernel(random: Random): number {
    return Math.min(this.#count, Math.floor(random.next() * (this.#count + 1)));
  }

  /** One parameter's value by a kernel; always takes one number from the stream. */
  draw(kernel: number, at: number, random: Random): number {
    const u = random.next();
    const options = this.#unit.options[this.#parameters[at]!]!;
    const centre = kernel === this.#count ? Number.NaN : this.#centres[at]![kernel]!;
    if (Number.isNaN(centre)) return options > 0 ? Math.floor(u * options) : u;
    if (options > 0) {
      const rest = u - (1 - this.#optionShare);
      return rest < 0 ? centre : Math.min(options - 1, Math.floor((rest / this.#optionShare) * options));
    }
    const width = this.#widths[at]!;
    const [below, above] = [normalBelow(-centre / width), normalBelow((1 - centre) / width)];
    return Math.min(1, Math.max(0, centre + width * normalQuantile(below + u * (above - below))));
  }
}

/** One parameter of all places. A loop: `Float64Array.from` with a function takes ten times as long. */
export function columnOf(places: readonly Float64Array[], index: number): Float64Array {
  const column = new Float64Array(places.length);
  for (let at = 0; at < places.length; at++) column[at] = places[at]![index]!;
  return column;
}

const NARROWEST = 0.002;

/** Scott's rule: the more observations, the narrower; the more dimensions, the slower. A value's own cell is not parted. */
export function widthOf(bandwidth: number, dimensions: number, observations: number, cell: number): number {
  const width = bandwidth * exp((-1 / (dimensions + 4)) * log(Math.max(1, observations)));
  return Math.max(width, cell / 2, NARROWEST);
}

/** Log of the share of a kernel that lies between 0 and 1. */
function logInside(toLow: number, toHigh: number): number {
  return toLow > FAR && toHigh > FAR ? 0 : log(normalBetween(-toLow, toHigh));
}

/** ln Σ e^x. Terms that add less than a rounding error are left out, which makes long sums quick. */
function logSum(logs: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < logs.length; at++) if (logs[at]! > largest) largest = logs[at]!;
  const least = largest - 45;
  let sum = 0;
  for (let at = 0; at < logs.length; at++) if (logs[at]! > least) sum += exp(logs[at]! - largest);
  return largest + log(sum);
}
