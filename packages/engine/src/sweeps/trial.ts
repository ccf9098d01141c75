import type { TrialValues } from "@switchyard/protocol";

/**
 * How far a trial is, as samplers see it: `pending` has been suggested and has no result yet, `finished` ran to its end,
 * `stopped` was ended early by a policy, `failed` ended without a result that counts.
 */
export type TrialState = "pending" | "finished" | "stopped" | "failed";

/** What a sampler knows of a trial. */
export interface TrialObservation extends TrialValues {
  /** from 0, in the order of suggestion; trials of earlier sweeps have none */
  readonly number: number | null;
  readonly state: TrialState;
  /** the best value of the primary metric that counts so far; null when there is none (or it was NaN) */
  readonly score: number | null;
}

/** What a policy knows of a trial: the primary metric by interval. */
export interface TrialCurve {
  readonly trial: number;
  /** the metric's value at interval 1, 2, 3, … of the attempt that counts: `values[0]` is interval 1. May hold NaN. */
  readonly values: readonly number[];
  /** whether the trial has ended, in whatever way */
  readonly ended: boolean;
}

/** How much less a trial says when it was stopped early. */
export function hasScore(trial: TrialObservation): trial is TrialObservation & { score: number } {
  return trial.score !== null && Number.isFinite(trial.score);
}
