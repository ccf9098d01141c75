import { exp, log } from "../../packages/engine/src/sweeps/math/elementary.ts";
import { normalBelow } from "../../packages/engine/src/sweeps/math/normal.ts";

export function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** How often a draw of the first is below one of the second; equal ones count half (Mann and Whitney's U, as a share). */
export function shareBelow(a: readonly number[], b: readonly number[]): number {
  let wins = 0;
  for (const x of a) for (const y of b) wins += x < y ? 1 : x === y ? 0.5 : 0;
  return wins / a.length / b.length;
}

/** Wilcoxon's signed-rank test that the differences lean to below zero, one-sided, by its normal approximation. */
export function signedRank(differences: readonly number[]): number {
  const found = differences.filter((difference) => difference !== 0).toSorted((a, b) => Math.abs(a) - Math.abs(b));
  const n = found.length;
  if (n === 0) return 1;
  let above = 0;
  for (let start = 0; start < n; ) {
    let end = start + 1;
    while (end < n && Math.abs(found[end]!) === Math.abs(found[start]!)) end++;
    for (let at = start; at < end; at++) if (found[at]! > 0) above += (start + end + 1) / 2;
    start = end;
  }
  const mean = (n * (n + 1)) / 4;
  return normalBelow((above - mean + 0.5) / Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24));
}

/** Geometric mean of ratios; what is nearly nothing on both sides counts as equal. */
export function geometricMean(pairs: readonly (readonly [number, number])[]): number {
  const logs = pairs.map(([a, b]) => log((a + 1e-6) / (b + 1e-6)));
  return exp(logs.reduce((sum, value) => sum + value, 0) / logs.length);
}
