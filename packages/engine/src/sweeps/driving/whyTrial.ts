import { trialRunId } from "@switchyard/protocol";
import type { RunRecord, Store } from "@switchyard/store";
import { HYPERDRIVE_RUN } from "../../runs/carried.ts";
import { loadSweep } from "./loadSweep.ts";
import { newNotes } from "./notes.ts";
import { placesTaken } from "./places.ts";
import { warningsOf } from "./presentSweep.ts";
import type { SweepState, SweepTrialState } from "./state.ts";

/** What a sweep's journal says of one of its trials, for `why`; empty for any other run. */
export async function saidOfTrial(store: Store, run: RunRecord): Promise<string[]> {
  const number = /_(\d+)$/.exec(run.id)?.[1];
  if (run.parentId === null || number === undefined || run.id !== `${run.parentId}_${number}`) return [];
  if ((await store.sweeps.get(run.parentId)) === undefined) return [];
  const state = await loadSweep(store, run.parentId);
  const trial = state.trials[Number(number)];
  if (trial === undefined) return [];
  return [
    aboutOrigin(run.parentId, trial),
    ...warningsOf(state, trial),
    ...aboutDecision(trial),
    ...(await aboutScore(store, run.id, state, trial)),
  ];
}

/** Why a trial that has ended has no score. The sweep itself says it of the first one only. */
async function aboutScore(
  store: Store,
  runId: string,
  state: SweepState,
  { number, state: how, score }: SweepTrialState,
): Promise<string[]> {
  if (how === "pending" || score !== null) return [];
  const [run] = await store.sweeps.standing([runId]);
  const series = (await store.sweeps.seriesOf([runId], state.configuration.primaryMetricName)).get(runId) ?? [];
  const otherMetrics = (await store.metrics.summaries(runId)).map(({ name }) => name);
  const look = { trial: number, run: run ?? null, series, fresh: [] };
  return newNotes({ ...state, notes: new Map() }, [look], { otherMetrics }).map(({ text }) => text);
}

function aboutOrigin(sweep: string, { number, values, origin, of, continues }: SweepTrialState): string {
  const whose = {
    sampler: "the sampler chose",
    lent: "for somebody who tries it elsewhere the sampler chose",
    asked: "an optimiser elsewhere chose",
    continued: "it goes on with",
    retry: "it tries again",
  }[origin];
  const more = of !== null ? ` (after trial ${of})` : continues !== null ? ` (from ${continues})` : "";
  return `Trial ${number} of sweep ${sweep}: ${whose} ${JSON.stringify(values)}${more}.`;
}

function aboutDecision({ lastDecision, stop }: SweepTrialState): string[] {
  const decision = stop ?? lastDecision;
  if (decision === null) return [];
  const { rule, ...numbers } = decision.because;
  const what = decision.decision === "stop" ? "ended it" : "let it go on";
  const shown = Object.entries(numbers).map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`);
  return [`The policy ${what} at interval ${decision.interval}: ${rule}${shown.length === 0 ? "" : ` (${shown.join(", ")})`}`];
}

/** A sweep in words, and the runs of its trials that go on. */
interface SaidOfSweep {
  readonly summary: string;
  readonly hints: readonly string[];
  readonly pending: readonly string[];
}

/** What a sweep does or waits for, in words; null for a run that is none. */
export async function saidOfSweep(store: Store, run: RunRecord, trouble: string | null): Promise<SaidOfSweep | null> {
  if (run.type !== HYPERDRIVE_RUN) return null;
  const state = await loadSweep(store, run.id);
  const { closed, trials, configuration, notes } = state;
  const pending = [...state.pending.keys()].map((number) => trialRunId(run.id, number));
  const hints = [...notes.values(), ...stops(state)];
  if (state.finished !== null) {
    const best =
      state.finished.best === null ? "No trial has a score." : `Trial ${state.finished.best} was the best, with ${state.finished.score}.`;
    const error = state.finished.error === null ? "" : ` ${state.finished.error.message}`;
    return { summary: `The sweep is over (${state.finished.status}) after ${trials.length} trials. ${best}${error}`, hints, pending };
  }
  if (trouble !== null) hints.unshift(`The server could not go on with the sweep and tries again: ${trouble}`);
  const going = `${pending.length} of its ${trials.length} trials go on`;
  if (closed !== null) return { summary: `The sweep is coming to its end: ${going}. ${closed.detail}`, hints, pending };
  const places = `${placesTaken(state)} of ${configuration.maxTotalRuns} trials are made`;
  if (!state.generates) return { summary: `The sweep takes what an optimiser elsewhere asks for: ${places}, ${going}.`, hints, pending };
  return { summary: `The sweep is running: ${places}, ${going}.`, hints, pending };
}

const MOST_STOPS = 5;

function stops({ trials }: SweepState): string[] {
  const stopped = trials.filter(({ stop }) => stop !== null);
  const shown = stopped
    .slice(-MOST_STOPS)
    .map(({ number, stop }) => `Trial ${number} was ended at interval ${stop?.interval}: ${stop?.because.rule ?? ""}`);
  return stopped.length > MOST_STOPS ? [...shown, `${stopped.length - MOST_STOPS} more trials were ended early.`] : shown;
}
