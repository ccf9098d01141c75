import type { SweepEntry, SweepEntryOf } from "@switchyard/protocol";
import type { PolicyDecision } from "../policy.ts";
import { newTrial, type SweepState, type SweepTrialState, takeObserved } from "./state.ts";

/** Takes one entry into the state of its sweep. Throws when the entry cannot follow those before it. */
export function applyEntry(state: SweepState, entry: SweepEntry, at: Date): void {
  if ((entry.kind === "began") !== (state.length === 0))
    throw new Error(`Entry ${state.length} of a sweep's journal cannot be "${entry.kind}".`);
  (APPLY[entry.kind] as (state: SweepState, entry: SweepEntry, at: Date) => void)(state, entry, at);
  state.length += 1;
}

const APPLY: { readonly [K in SweepEntry["kind"]]: (state: SweepState, entry: SweepEntryOf<K>, at: Date) => void } = {
  began(state, { configuration, generates }, at) {
    Object.assign(state, { configuration, generates, beganAt: at, since: at });
  },
  prior(state, { trials }) {
    state.prior.push(...trials);
  },
  suggested(state, { trials, exhausted, isLent }, at) {
    const origin = isLent ? "lent" : "sampler";
    for (const { trial, key = null, values, branches, because } of trials)
      add(state, { number: trial, values, branches, because, origin, key, of: null, continues: null, suggestedAt: at });
    state.made += trials.length;
    state.exhausted = exhausted;
  },
  added(state, { origin, trials }, at) {
    for (const { trial, ...told } of trials) {
      add(state, { number: trial, ...told, because: null, origin, suggestedAt: at });
      if (told.of !== null) trialOf(state, told.of).retriedBy = trial;
    }
  },
  observed(state, entry) {
    takeObserved(trialOf(state, entry.trial), entry);
  },
  judged(state, { decisions }) {
    for (const decision of decisions as readonly PolicyDecision[]) {
      const trial = trialOf(state, decision.trial);
      trial.lastDecision = decision;
      if (decision.decision === "stop") trial.stop = decision;
    }
    for (const trial of state.pending.values()) trial.judged = trial.curve.length;
  },
  ended(state, { trial: number, state: how, outcome, score, intervals, computeSeconds, error }, at) {
    const trial = trialOf(state, number);
    Object.assign(trial, { state: how, outcome, score, intervals, computeSeconds, error, endedAt: at });
    state.pending.delete(number);
    state.computeSeconds += computeSeconds;
  },
  noted(state, { about, text }) {
    state.notes.set(about, text);
  },
  closed(state, { because, cancels, detail }) {
    // What stops the trials as well is stronger than what only makes no more.
    if (state.closed === null || (cancels && !state.closed.cancels)) state.closed = { because, cancels, detail };
  },
  reopened(state, { limits }, at) {
    state.configuration = { ...state.configuration, ...limits } as SweepState["configuration"];
    if (state.closed !== null || state.finished !== null) state.since = at;
    Object.assign(state, { closed: null, finished: null, finishedAt: null });
  },
  finished(state, { status, best, score, error }, at) {
    state.finished = { status, best, score, error };
    state.finishedAt = at;
  },
};

function add(state: SweepState, made: Parameters<typeof newTrial>[0]): void {
  if (made.number !== state.trials.length) throw new Error(`Trial ${made.number} of a sweep cannot follow ${state.trials.length} trials.`);
  const trial = newTrial(made);
  state.trials.push(trial);
  state.pending.set(trial.number, trial);
  if (trial.key !== null) state.byKey.set(trial.key, trial);
}

function trialOf(state: SweepState, number: number): SweepTrialState {
  const trial = state.trials[number];
  if (trial === undefined) throw new Error(`A sweep's journal speaks of trial ${number}, which it did not make.`);
  return trial;
}
