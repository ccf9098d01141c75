import {
  Conflict,
  NotFound,
  type PriorTrial,
  type SweepConfiguration,
  type SweepEntryOf,
  toLogged,
  trialRunId,
} from "@switchyard/protocol";
import type { EngineContext } from "../../../context.ts";
import { loadSweep } from "../loadSweep.ts";
import { seriesThatCount } from "../look.ts";
import { hasPolicy } from "../minds.ts";
import type { SweepState, SweepTrialState } from "../state.ts";

/** What earlier sweeps came to, as entries of the new one: its journal says all that decides about it. */
export async function priorEntries(
  context: EngineContext,
  workspace: string,
  configuration: SweepConfiguration,
): Promise<SweepEntryOf<"prior">[]> {
  const entries: SweepEntryOf<"prior">[] = [];
  for (const from of configuration.resumeFrom) {
    const earlier = await earlierSweep(context, workspace, from);
    requireSameMetric(from, earlier.configuration, configuration);
    const trials: PriorTrial[] = [];
    for (const trial of earlier.trials) {
      const known = await priorTrial(context, from, earlier, trial, hasPolicy({ configuration }));
      if (known !== null) trials.push(known);
    }
    entries.push({ kind: "prior", from, trials });
  }
  return entries;
}

/** A sweep of this workspace. */
export async function earlierSweep({ store }: EngineContext, workspace: string, runId: string): Promise<SweepState> {
  const run = await store.runs.get(runId);
  if (run === undefined || run.workspace !== workspace)
    throw new NotFound(`There is no sweep "${runId}" in workspace "${workspace}" to start from.`);
  return await loadSweep(store, runId);
}

function requireSameMetric(from: string, earlier: SweepConfiguration, { primaryMetricName, primaryMetricGoal }: SweepConfiguration): void {
  if (earlier.primaryMetricName === primaryMetricName && earlier.primaryMetricGoal === primaryMetricGoal) return;
  throw new Conflict(
    `The sweep ${from} was to ${earlier.primaryMetricGoal} "${earlier.primaryMetricName}", this one is to ${primaryMetricGoal} "${primaryMetricName}": their trials cannot be compared. Leave it out of resume_from.`,
  );
}

async function priorTrial(
  context: EngineContext,
  from: string,
  { configuration }: SweepState,
  trial: SweepTrialState,
  withCurve: boolean,
): Promise<PriorTrial | null> {
  const { values, branches, state, score, retriedBy } = trial;
  if (retriedBy !== null || state === "pending") return null;
  if (state === "canceled" && score === null) return null;
  const curve = withCurve ? await curveOf(context, trialRunId(from, trial.number), configuration.primaryMetricName) : [];
  const counts = state !== "failed";
  return { values, branches, state: state === "canceled" ? "stopped" : state, score: counts ? score : null, curve: curve.map(toLogged) };
}

async function curveOf({ store }: EngineContext, runId: string, metric: string): Promise<number[]> {
  const series = seriesThatCount((await store.sweeps.seriesOf([runId], metric)).get(runId) ?? []);
  const parts = await Promise.all(series.map((each) => store.sweeps.valuesFrom(each, 0)));
  return parts.flat();
}
