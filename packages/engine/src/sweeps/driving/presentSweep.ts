import { OUTCOME_STATUS, type Sweep, type SweepTrial, TRIAL_STATES, trialArguments, trialRunId } from "@switchyard/protocol";
import type { RunRecord, Store, TrialSeries, TrialStanding } from "@switchyard/store";
import { statusOfRun } from "../../present/publicRun.ts";
import { nodesOf } from "../../reconciler/agenda.ts";
import { spaceSize } from "../space/count.ts";
import { spaceOf } from "../space/space.ts";
import { doubtsAbout } from "./askedValues.ts";
import { scoreOf } from "./ended.ts";
import { computeSecondsOf, seriesThatCount } from "./look.ts";
import { bestTrial, isBetter, type SweepState, type SweepTrialState } from "./state.ts";

/** What a pending trial came to so far. */
interface Standing {
  readonly run: TrialStanding | undefined;
  readonly series: readonly TrialSeries[];
}

/** A sweep with its trials, those that run as they stand now. */
export async function presentSweep(store: Store, parent: RunRecord, state: SweepState, now: Date): Promise<Sweep> {
  const ids = [...state.pending.keys()].map((number) => trialRunId(parent.id, number));
  const runs = new Map((await store.sweeps.standing(ids)).map((run) => [run.id, run]));
  const series = await store.sweeps.seriesOf(ids, state.configuration.primaryMetricName);
  const trials = state.trials.map((trial) => {
    const id = trialRunId(parent.id, trial.number);
    const standing = trial.state === "pending" ? { run: runs.get(id), series: series.get(id) ?? [] } : null;
    return presentTrial(parent, state, trial, standing, now);
  });
  const counts = Object.fromEntries(TRIAL_STATES.map((name) => [name, trials.filter((trial) => trial.state === name).length]));
  return {
    runId: parent.id,
    workspace: parent.workspace,
    experimentName: parent.experiment,
    target: parent.target,
    status: statusOfRun(parent),
    error: parent.error,
    warnings: [...parent.warnings],
    createdUtc: parent.createdAt.toISOString(),
    endTimeUtc: parent.endedAt?.toISOString() ?? null,
    configuration: state.configuration,
    generates: state.generates,
    entries: state.length,
    spaceSize: spaceSize(spaceOf(state.configuration.sampling.parameterSpace))?.toString() ?? null,
    exhausted: state.exhausted,
    closed: state.closed,
    counts: counts as Sweep["counts"],
    computeHours: trials.reduce((sum, { computeSeconds }) => sum + computeSeconds, 0) / 3600,
    best: bestOf(parent.id, state, trials),
    trials,
  };
}

/** The best of the trials that have ended; while none has, the best of those that run. */
function bestOf(runId: string, state: SweepState, trials: readonly SweepTrial[]): Sweep["best"] {
  const ended = bestTrial(state);
  const number = ended?.number ?? bestRunning(state, trials);
  const best = number === null ? undefined : trials[number];
  if (best === undefined || best.score === null) return null;
  return { trial: best.trial, runId: trialRunId(runId, best.trial), score: best.score, values: best.values };
}

function bestRunning({ configuration }: SweepState, trials: readonly SweepTrial[]): number | null {
  let best: SweepTrial | null = null;
  for (const trial of trials) if (isBetter(configuration.primaryMetricGoal, trial.score, best?.score ?? null)) best = trial;
  return best?.trial ?? null;
}

function presentTrial(parent: RunRecord, state: SweepState, trial: SweepTrialState, standing: Standing | null, now: Date): SweepTrial {
  const { configuration } = state;
  const counting = seriesThatCount(standing?.series ?? []);
  return {
    trial: trial.number,
    runId: trialRunId(parent.id, trial.number),
    values: trial.values,
    branches: trial.branches,
    origin: trial.origin,
    warnings: warningsOf(state, trial),
    key: trial.key,
    retryOf: trial.of,
    continues: trial.continues,
    arguments: trialArguments(configuration.sampling.parameterSpace, trial),
    state: trial.state,
    status: standing === null ? (trial.outcome === null ? null : OUTCOME_STATUS[trial.outcome]) : (standing.run?.status ?? null),
    score: standing === null ? trial.score : scoreOf(counting, configuration.primaryMetricGoal),
    intervals: standing === null ? trial.intervals : counting.reduce((sum, { count }) => sum + count, 0),
    computeSeconds: standing === null ? trial.computeSeconds : computeSecondsOf(standing.run?.attempts ?? [], nodesOf(parent), now),
    error: trial.error,
    decision: trial.lastDecision,
    because: trial.because as SweepTrial["because"],
    suggestedUtc: trial.suggestedAt.toISOString(),
    endTimeUtc: trial.endedAt?.toISOString() ?? null,
  };
}

/** Only values of somebody else's choosing may be strange. */
export function warningsOf({ configuration }: SweepState, trial: SweepTrialState): string[] {
  return trial.origin === "asked" ? doubtsAbout(configuration.sampling, trial) : [];
}
