import { exp, log } from "./elementary.ts";

const SQRT_2_PI = 2.5066282746310002;

/**
 * The share of a standard normal distribution below x. Rational approximation of Hart (1968) as given by West, "Better
 * approximations to cumulative normal functions" (2005): right to about 15 digits.
 */
export function normalBelow(x: number): number {
  const size = x < 0 ? -x : x;
  const tail = size > 38 ? 0 : upperTail(size);
  return x > 0 ? 1 - tail : tail;
}

function upperTail(x: number): number {
  const density = exp(-0.5 * x * x);
  if (x >= 7.07106781186547) return density / (x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65))))) / SQRT_2_PI;
  let above = 3.52624965998911e-2 * x + 0.700383064443688;
  above = above * x + 6.37396220353165;
  above = above * x + 33.912866078383;
  above = above * x + 112.079291497871;
  above = above * x + 221.213596169931;
  above = above * x + 220.206867912376;
  let below = 8.83883476483184e-2 * x + 1.75566716318264;
  below = below * x + 16.064177579207;
  below = below * x + 86.7807322029461;
  below = below * x + 296.564248779674;
  below = below * x + 637.333633378831;
  below = below * x + 793.826512519948;
  below = below * x + 440.413735824752;
  return (density * above) / below;
}

/** The share between a and b, without the loss of digits that a difference has far out. */
export function normalBetween(a: number, b: number): number {
  return a > 0 ? normalBelow(-a) - normalBelow(-b) : normalBelow(b) - normalBelow(a);
}

/** The x below which the share p of a standard normal distribution lies. Acklam's approximation, then one step of Halley's method. */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY;
  if (p >= 1) return Number.POSITIVE_INFINITY;
  if (p > 0.5) return -normalQuantile(1 - p);
  const x = roughQuantile(p);
  const error = (normalBelow(x) - p) * SQRT_2_PI * exp(0.5 * x * x);
  return x - error / (1 + 0.5 * x * error);
}

function roughQuantile(p: number): number {
  return p < 0.02425 ? tailQuantile(Math.sqrt(-2 * log(p))) : centralQuantile(p - 0.5);
}

function tailQuantile(q: number): number {
  let above = -7.784894002430293e-3 * q - 3.223964580411365e-1;
  above = above * q - 2.400758277161838;
  above = above * q - 2.549732539343734;
  above = above * q + 4.374664141464968;
  above = above * q + 2.938163982698783;
  let below = 7.784695709041462e-3 * q + 3.224671290700398e-1;
  below = below * q + 2.445134137142996;
  below = below * q + 3.754408661907416;
  return above / (below * q + 1);
}

function centralQuantile(q: number): number {
  const r = q * q;
  let above = -39.69683028665376 * r + 220.9460984245205;
  above = above * r - 275.9285104469687;
  above = above * r + 138.357751867269;
  above = above * r - 30.66479806614716;
  above = above * r + 2.506628277459239;
  let below = -54.47609879822406 * r + 161.5858368580409;
  below = below * r - 155.6989798598866;
  below = below * r + 66.80131188771972;
  below = below * r - 13.28068155288572;
  return (above * q) / (below * r + 1);
}
