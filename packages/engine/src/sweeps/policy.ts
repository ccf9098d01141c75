import type { JsonObject, MetricGoal, TerminationPolicy } from "@switchyard/protocol";
import type { TrialCurve } from "./trial.ts";

/** What a policy is asked with: the curves of all trials, those of `resume_from` too, and what it has decided before. */
export interface PolicyRequest {
  readonly policy: TerminationPolicy;
  readonly goal: MetricGoal;
  readonly curves: readonly TrialCurve[];
  /** curves of earlier sweeps: only compared with, never decided on; their `trial` numbers mean nothing */
  readonly prior: readonly TrialCurve[];
  /** for each trial the last interval that was decided on; decisions are made once */
  readonly decided: ReadonlyMap<number, number>;
}

/** What is done with a trial at one interval, and the numbers it was done for. */
export interface PolicyDecision {
  readonly trial: number;
  readonly interval: number;
  readonly decision: "continue" | "stop";
  /** names and numbers of the rule, as `why` shows them; `rule` is a sentence */
  readonly because: JsonObject & { readonly rule: string };
}

/**
 * Decides on every interval of every running trial that has not been decided on. Pure. In the order of intervals, then
 * of trials; nothing follows a trial's `stop`.
 */
export type Policy = (request: PolicyRequest) => readonly PolicyDecision[];
