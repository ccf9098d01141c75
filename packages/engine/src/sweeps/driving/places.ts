import type { SweepEntryOf } from "@switchyard/protocol";
import type { SweepState, SweepTrialState } from "./state.ts";

/** How many sets of values the sampler is asked for in this pass: none for a sweep that is closed, exhausted or driven from outside. */
export function freePlaces(state: SweepState): number {
  if (state.closed !== null || state.exhausted || !state.generates) return 0;
  const left = state.configuration.maxTotalRuns - placesTaken(state);
  return Math.max(0, Math.min(left, freeSlots(state)));
}

/** Trials that failed, once more. */
export function retries(state: SweepState): SweepEntryOf<"added"> | null {
  if (state.closed !== null) return null;
  const failed = trialsToRetry(state).slice(0, Math.max(0, freeSlots(state)));
  if (failed.length === 0) return null;
  return { kind: "added", origin: "retry", trials: failed.map((trial, index) => again(trial, state.trials.length + index)) };
}

/** A trial with the values of another one, in its place. */
export function again({ number, values, branches, continues }: SweepTrialState, trial: number) {
  return { trial, values, branches, key: null, of: number, continues };
}

/** How many trials may be under way beside those that are. */
function freeSlots({ pending, configuration: { maxConcurrentRuns, maxTotalRuns } }: SweepState): number {
  return (maxConcurrentRuns ?? maxTotalRuns) - pending.size;
}

/** What somebody tries elsewhere cannot be tried again here. */
export const isOurs = ({ origin }: SweepTrialState): boolean => origin !== "lent";

/** How often the values of a trial were tried before it. */
function triesBefore(trials: readonly SweepTrialState[], { of }: SweepTrialState): number {
  let tries = 0;
  for (let at = of; at !== null; at = trials[at]?.of ?? null) tries += 1;
  return tries;
}

/** Trials that failed and are to be tried again. */
export function trialsToRetry({ trials, configuration: { maxTrialRetries } }: SweepState): SweepTrialState[] {
  if (maxTrialRetries === 0) return [];
  return trials.filter(
    (trial) => isOurs(trial) && trial.state === "failed" && trial.retriedBy === null && triesBefore(trials, trial) < maxTrialRetries,
  );
}

/** How many of the trials that a sweep may have are used up: one that failed and is tried again, or replaced, is not counted. */
export function placesTaken(state: SweepState): number {
  const { maxTotalRuns, replaceFailedTrials } = state.configuration;
  const standing = state.trials.filter(({ retriedBy }) => retriedBy === null);
  if (!replaceFailedTrials) return standing.length;
  const failedForGood = standing.filter((trial) => trial.state === "failed").length - trialsToRetry(state).length;
  // A script that always fails must not go on for ever.
  return standing.length - Math.min(failedForGood, maxTotalRuns);
}
