import type { Attempt } from "@switchyard/protocol";
import { trialRunId } from "@switchyard/protocol";
import type { Store, TrialSeries, TrialStanding } from "@switchyard/store";
import { hasPolicy } from "./minds.ts";
import type { SweepState, SweepTrialState } from "./state.ts";

/** Values that came since the journal was written last. */
export interface FreshValues {
  readonly attempt: number;
  readonly resumes: boolean;
  readonly values: readonly number[];
}

/** What is seen of a trial that has yet to end in the journal. */
export interface TrialLook {
  readonly trial: number;
  /** null: its run has yet to be made */
  readonly run: TrialStanding | null;
  /** what its attempts logged of the primary metric */
  readonly series: readonly TrialSeries[];
  readonly fresh: readonly FreshValues[];
}

/** Looks at the runs of all trials that have yet to end. */
export async function lookAtTrials(store: Store, runId: string, state: SweepState): Promise<TrialLook[]> {
  const pending = [...state.pending.values()];
  if (pending.length === 0) return [];
  const ids = pending.map(({ number }) => trialRunId(runId, number));
  // The runs first: what an ended run has logged is all that it will.
  const runs = new Map((await store.sweeps.standing(ids)).map((run) => [run.id, run]));
  const series = await store.sweeps.seriesOf(ids, state.configuration.primaryMetricName);
  const looks: TrialLook[] = [];
  for (const [index, trial] of pending.entries()) {
    const id = ids[index] as string;
    const own = series.get(id) ?? [];
    const fresh = hasPolicy(state) ? await freshValues(store, trial, own) : [];
    looks.push({ trial: trial.number, run: runs.get(id) ?? null, series: own, fresh });
  }
  return looks;
}

async function freshValues(store: Store, { attempts }: SweepTrialState, series: readonly TrialSeries[]): Promise<FreshValues[]> {
  const fresh: FreshValues[] = [];
  for (const each of series) {
    const known = attempts.find(({ attempt }) => attempt === each.attempt);
    const from = known?.values.length ?? 0;
    if (each.count <= from) continue;
    const values = await store.sweeps.valuesFrom(each, from);
    if (values.length > 0) fresh.push({ attempt: each.attempt, resumes: known?.resumes ?? each.resumes, values });
  }
  return fresh;
}

/** The series of the attempt that counts, after those that it goes on from. */
export function seriesThatCount(series: readonly TrialSeries[]): readonly TrialSeries[] {
  let first = series.length - 1;
  while (first > 0 && series[first]?.resumes) first -= 1;
  return series.slice(Math.max(0, first));
}

/** Seconds that a trial has computed so far, its nodes together. */
export function computeSecondsOf(attempts: readonly Attempt[], nodes: number, now: Date): number {
  return attempts.reduce((sum, attempt) => sum + secondsOf(attempt, now) * nodes, 0);
}

function secondsOf({ durationSeconds, startTimeUtc, endTimeUtc }: Attempt, now: Date): number {
  if (durationSeconds !== null) return durationSeconds;
  if (startTimeUtc === null) return 0;
  const end = endTimeUtc === null ? now.getTime() : Date.parse(endTimeUtc);
  return Math.max(0, (end - Date.parse(startTimeUtc)) / 1000);
}
