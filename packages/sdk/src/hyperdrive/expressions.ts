import type { Expression, JsonValue } from "@switchyard/protocol";

/** One of the options, each as likely as the others; a list in place of several arguments is taken apart. */
export function choice(...options: readonly JsonValue[]): Expression {
  const [first] = options;
  return ["choice", [options.length === 1 && Array.isArray(first) ? first : options]];
}

/** A whole number from 0 to `upper` - 1; neighbours have nothing to do with each other, as seeds. */
export const randint = (upper: number): Expression => ["randint", [upper]];

/** From `min` to `max`. */
export const uniform = (min: number, max: number): Expression => ["uniform", [min, max]];

/** From `min` to `max`, rounded to multiples of `q`. */
export const quniform = (min: number, max: number, q: number): Expression => ["quniform", [min, max, q]];

/** The exponential of a number from `min` to `max`: the arguments are natural logarithms. */
export const loguniform = (min: number, max: number): Expression => ["loguniform", [min, max]];

/** The same, rounded to multiples of `q`. */
export const qloguniform = (min: number, max: number, q: number): Expression => ["qloguniform", [min, max, q]];

/** Normally distributed around `mu` with the standard deviation `sigma`. */
export const normal = (mu: number, sigma: number): Expression => ["normal", [mu, sigma]];

/** The same, rounded to multiples of `q`. */
export const qnormal = (mu: number, sigma: number, q: number): Expression => ["qnormal", [mu, sigma, q]];

/** The exponential of what `normal` gives. */
export const lognormal = (mu: number, sigma: number): Expression => ["lognormal", [mu, sigma]];

/** The same, rounded to multiples of `q`. */
export const qlognormal = (mu: number, sigma: number, q: number): Expression => ["qlognormal", [mu, sigma, q]];
