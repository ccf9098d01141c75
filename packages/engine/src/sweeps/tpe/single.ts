import { exp, log } from "../math/elementary.ts";
import { normalBetween } from "../math/normal.ts";

const SQRT_2_PI = 2.5066282746310002;
/** So many bandwidths away a kernel adds less than a rounding error to what the even one gives. */
const REACH = 8.3;

/**
 * Density of one number between 0 and 1: a kernel around each centre, all of one width, and an even one of the same weight.
 * Only centres near a place are looked at, so that ten thousand of them cost little.
 */
export class NumberDensity {
  readonly #centres: Float64Array;
  readonly #heights: Float64Array;
  readonly #width: number;

  /** The centres must be in order. */
  constructor(centres: Float64Array, width: number) {
    this.#centres = centres;
    this.#width = width;
    const whole = width * SQRT_2_PI;
    this.#heights = new Float64Array(centres.length);
    for (let at = 0; at < centres.length; at++) {
      this.#heights[at] = 1 / (whole * inside(centres[at]! / width, (1 - centres[at]!) / width));
    }
  }

  logAt(place: number): number {
    const centres = this.#centres;
    const reach = REACH * this.#width;
    let sum = 1;
    for (let at = firstFrom(centres, place - reach); at < centres.length && centres[at]! <= place + reach; at++) {
      const distance = (place - centres[at]!) / this.#width;
      sum += this.#heights[at]! * exp(-0.5 * distance * distance);
    }
    return log(sum / (centres.length + 1));
  }
}

/** Density of one choice: each observation puts most of its weight on its own option, the even one none on any. */
export class OptionDensity {
  readonly #logs: Float64Array;

  constructor(observed: Float64Array, options: number, share: number) {
    const weights = new Float64Array(options).fill((1 + observed.length * share) / options);
    for (const option of observed) weights[option]! += 1 - share;
    this.#logs = weights.map((weight) => log(weight / (observed.length + 1)));
  }

  logAt(option: number): number {
    return this.#logs[option]!;
  }
}

function inside(toLow: number, toHigh: number): number {
  return toLow > REACH && toHigh > REACH ? 1 : normalBetween(-toLow, toHigh);
}

/** Index of the first that is not below `value`. */
function firstFrom(sorted: Float64Array, value: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (sorted[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
