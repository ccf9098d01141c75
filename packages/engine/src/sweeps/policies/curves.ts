import type { TrialCurve } from "../trial.ts";
import type { Comparison } from "./compare.ts";

/**
 * What trials had reached by an interval, computed once for all of them: what a trial logs later never counts at an earlier
 * interval, however late the decision is made.
 */
export interface Reached {
  readonly curve: TrialCurve;
  /** whether it is only compared with */
  readonly isPrior: boolean;
  /** best number of intervals 1 … n; NaN when it had none. An infinity is no number: it would be the best of all for ever */
  bestBy(n: number): number;
  /** mean of the numbers of intervals 1 … n; NaN when it had none */
  meanBy(n: number): number;
  hasReached(n: number): boolean;
}

export function reachedBy(curve: TrialCurve, isPrior: boolean, comparison: Comparison): Reached {
  const bests: number[] = [];
  const means: number[] = [];
  let best = Number.NaN;
  let sum = 0;
  let count = 0;
  for (const value of curve.values) {
    if (Number.isFinite(value)) {
      if (comparison.isBetter(value, best)) best = value;
      sum += value;
      count++;
    }
    bests.push(best);
    means.push(count === 0 ? Number.NaN : sum / count);
  }
  const at = (values: readonly number[], n: number) => values[Math.min(n, values.length) - 1] ?? Number.NaN;
  return {
    curve,
    isPrior,
    bestBy: (n) => at(bests, n),
    meanBy: (n) => at(means, n),
    hasReached: (n) => curve.values.length >= n,
  };
}
