import { Conflict, NotFound, type SweepConfiguration, type SweepEntryOf } from "@switchyard/protocol";
import type { EngineContext } from "../../../context.ts";
import type { SweepState, SweepTrialState } from "../state.ts";
import { earlierSweep } from "./priorTrials.ts";

/** Earlier trials that the sweep goes on with before it tries new values: the same values, and their outputs to start from. */
export async function continuedTrials(
  context: EngineContext,
  workspace: string,
  { resumeChildRuns }: SweepConfiguration,
): Promise<SweepEntryOf<"added">[]> {
  if (resumeChildRuns.length === 0) return [];
  const sweeps = new Map<string, SweepState>();
  const trials: SweepEntryOf<"added">["trials"] = [];
  for (const [trial, runId] of resumeChildRuns.entries()) {
    const { values, branches } = await earlierTrial(context, workspace, runId, sweeps);
    trials.push({ trial, values, branches, key: null, of: null, continues: runId });
  }
  return [{ kind: "added", origin: "continued", trials }];
}

async function earlierTrial(
  context: EngineContext,
  workspace: string,
  runId: string,
  sweeps: Map<string, SweepState>,
): Promise<SweepTrialState> {
  const run = await context.store.runs.get(runId);
  if (run === undefined || run.workspace !== workspace)
    throw new NotFound(`There is no run "${runId}" in workspace "${workspace}" to go on from.`);
  const number = /_(\d+)$/.exec(runId)?.[1];
  if (run.parentId === null || number === undefined)
    throw new Conflict(`Run ${runId} is no trial of a sweep, so it has no values to go on with.`);
  const sweep = sweeps.get(run.parentId) ?? (await earlierSweep(context, workspace, run.parentId));
  sweeps.set(run.parentId, sweep);
  const trial = sweep.trials[Number(number)];
  if (trial === undefined) throw new Conflict(`Run ${runId} is no trial of the sweep ${run.parentId}.`);
  if (run.state !== "ended") throw new Conflict(`Run ${runId} still goes on: wait until it has ended, or cancel it first.`);
  return trial;
}
