import type { MetricGoal } from "@switchyard/protocol";

/** Which of two values is better, by the goal. Not-a-number is worse than every number and never better. */
export interface Comparison {
  isBetter(a: number, b: number): boolean;
  /** the best of all; NaN when there is none */
  best(values: readonly number[]): number;
  /** best first, not-a-number last */
  order(a: number, b: number): number;
}

const COMPARISONS: Readonly<Record<MetricGoal, Comparison>> = { maximize: comparison(1), minimize: comparison(-1) };

export function comparisonOf(goal: MetricGoal): Comparison {
  return COMPARISONS[goal];
}

function comparison(sign: 1 | -1): Comparison {
  const isBetter = (a: number, b: number) => !Number.isNaN(a) && (Number.isNaN(b) || sign * a > sign * b);
  return {
    isBetter,
    best: (values) => values.reduce((best, value) => (isBetter(value, best) ? value : best), Number.NaN),
    order: (a, b) => (isBetter(a, b) ? -1 : isBetter(b, a) ? 1 : 0),
  };
}
