import { fromLogged, type JsonObject, type SweepEntryOf, toLogged } from "@switchyard/protocol";
import type { Policy, PolicyDecision, PolicyRequest } from "../policy.ts";
import type { Sampler, SuggestionRequest } from "../sampler.ts";
import type { TrialCurve, TrialObservation, TrialState } from "../trial.ts";
import type { SweepState, SweepTrialState } from "./state.ts";

/** What chooses values and what ends trials early: pure functions of what the journal says. */
export interface Minds {
  readonly suggest: Sampler;
  readonly judge: Policy;
}

/** What the sampler is asked with when `count` trials are wanted. */
export function suggestionRequest(state: SweepState, count: number): SuggestionRequest {
  const { sampling, primaryMetricGoal } = state.configuration;
  const prior = state.prior.map(
    ({ values, branches, state, score }): TrialObservation => ({ number: null, values, branches, state, score }),
  );
  const own = state.trials.filter(({ retriedBy }) => retriedBy === null).map(observationOf);
  const seeded = { ...sampling, seed: sampling.seed ?? 0 };
  return { sampling: seeded, goal: primaryMetricGoal, history: [...prior, ...own], made: state.made, count };
}

/** A trial as samplers and reports see it. */
export function observationOf({ number, values, branches, state, score }: SweepTrialState): TrialObservation {
  const counts = state === "finished" || state === "stopped" || state === "canceled";
  return { number, values, branches, state: observedState(state, score), score: counts ? score : null };
}

/** A trial that somebody canceled says as much as one that was stopped early, when it said anything. */
function observedState(state: SweepTrialState["state"], score: number | null): TrialState {
  if (state !== "canceled") return state;
  return score === null ? "failed" : "stopped";
}

/** Asks the sampler; what it answers is the next entry. */
export function suggestedEntry(state: SweepState, count: number, { suggest }: Minds): SweepEntryOf<"suggested"> {
  const { suggestions, exhausted } = suggest(suggestionRequest(state, count));
  const first = state.trials.length;
  const trials = suggestions.map(({ values, branches, ordinal, because }, index) => ({
    trial: first + index,
    values,
    branches,
    ordinal,
    because: plain(because) as JsonObject,
  }));
  return { kind: "suggested", count, exhausted, trials };
}

/** One trial for somebody who tries it elsewhere; null when there is none left. */
export function lentEntry(state: SweepState, key: string | undefined, minds: Minds): SweepEntryOf<"suggested"> | null {
  const { trials, ...entry } = suggestedEntry(state, 1, minds);
  const [trial] = trials;
  return trial === undefined ? null : { ...entry, isLent: true, trials: [{ ...trial, ...(key === undefined ? {} : { key }) }] };
}

/** Whether anything ends trials early, so that what they log on their way has to be known. */
export const hasPolicy = ({ configuration }: Pick<SweepState, "configuration">): boolean =>
  configuration.policy.type !== "NoTerminationPolicy";

/** What the policy is asked with when values have come. */
export function policyRequest(state: SweepState): PolicyRequest {
  const { policy, primaryMetricGoal: goal } = state.configuration;
  const curves = state.trials
    .filter(({ curve }) => curve.length > 0)
    .map((trial): TrialCurve => ({ trial: trial.number, values: trial.curve, ended: trial.state !== "pending" || trial.stop !== null }));
  const prior = state.prior
    .filter(({ curve }) => curve.length > 0)
    .map(({ curve }, index): TrialCurve => ({ trial: -1 - index, values: curve.map(fromLogged), ended: true }));
  const decided = new Map([...state.pending.values()].map(({ number, judged }) => [number, judged]));
  return { policy, goal, curves, prior, decided };
}

/** Asks the policy; what it answers is the next entry. Of a trial's decisions to go on, the last one is kept. */
export function judgedEntry(state: SweepState, { judge }: Minds): SweepEntryOf<"judged"> {
  const decisions = judge(policyRequest(state));
  const lastOf = new Map<number, PolicyDecision>();
  for (const decision of decisions) lastOf.set(decision.trial, decision);
  return {
    kind: "judged",
    decisions: decisions
      .filter((decision) => lastOf.get(decision.trial) === decision)
      .map(({ trial, interval, decision, because }) => ({
        trial,
        interval,
        decision,
        because: plain(because) as PolicyDecision["because"],
      })),
  };
}

/** As it will be read from the journal again, where JSON has no NaN and no undefined. */
function plain(value: unknown): unknown {
  if (typeof value === "number") return toLogged(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, plain(inner)]),
  );
}
