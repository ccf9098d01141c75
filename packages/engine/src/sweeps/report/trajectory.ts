import type { MetricGoal } from "@switchyard/protocol";
import { comparisonOf } from "../policies/compare.ts";
import type { TrialObservation } from "../trial.ts";

/** A trial that was better than all before it. */
export interface Milestone {
  /** how many trials had a score by then, this one too */
  readonly trials: number;
  readonly trial: number | null;
  readonly score: number;
}

/**
 * How the best score grew, trial by trial in the order given: the order in which they ended, or that of their numbers. Who has a score
 * counts, whatever became of it, as with the best trial.
 */
export function trajectoryOf(trials: readonly Pick<TrialObservation, "number" | "score">[], goal: MetricGoal): readonly Milestone[] {
  const { isBetter } = comparisonOf(goal);
  const milestones: Milestone[] = [];
  let scored = 0;
  for (const { score, number } of trials) {
    if (score === null || !Number.isFinite(score)) continue;
    scored++;
    if (isBetter(score, milestones.at(-1)?.score ?? Number.NaN)) milestones.push({ trials: scored, trial: number, score });
  }
  return milestones;
}
