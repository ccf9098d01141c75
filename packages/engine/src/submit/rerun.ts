import { Conflict, type JsonObject, NotFound } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { openSecrets } from "../bundle/runSecrets.ts";
import type { EngineContext } from "../context.ts";
import { keepsSnapshot } from "../reconciler/letGo.ts";
import { SCRIPT_RUN } from "../runs/carried.ts";
import { type SubmitOptions, submitRun } from "./submit.ts";

/** What a repetition changes. */
export interface RerunOverrides {
  readonly arguments?: readonly string[] | undefined;
  readonly target?: string | undefined;
  readonly experimentName?: string | undefined;
}

/** Properties that belong to one run only. */
const NOT_REPEATED = new Set(["azureml.rerunOf"]);

/** Submits the code and configuration of an earlier run again; a snapshot is kept as long as its run, so the code is the same. */
export async function rerunRun(
  context: EngineContext,
  runId: string,
  overrides: RerunOverrides,
  options: SubmitOptions,
): Promise<RunRecord> {
  const view = await context.store.runs.view(runId);
  if (view === undefined) throw new NotFound(`There is no run "${runId}".`);
  const { record } = view;
  if (record.type !== SCRIPT_RUN)
    throw new Conflict(`Run ${runId} was not submitted (it is an ${record.type}), so it cannot be submitted again.`);
  await requireCode(context, record);
  const runConfiguration: JsonObject = {
    ...record.definition,
    ...(overrides.arguments === undefined ? {} : { arguments: overrides.arguments }),
    ...(overrides.target === undefined ? {} : { target: overrides.target }),
  };
  const properties = Object.fromEntries(Object.entries(view.properties).filter(([name]) => !NOT_REPEATED.has(name)));
  return submitRun(
    context,
    record.workspace,
    {
      experimentName: overrides.experimentName ?? record.experiment,
      runConfiguration: runConfiguration as Record<string, never>,
      snapshotId: record.snapshotId,
      ...(record.displayName === null ? {} : { displayName: record.displayName }),
      tags: { ...view.tags },
      properties: { ...properties, "azureml.rerunOf": runId },
    },
    { ...options, secrets: openSecrets(context, record) },
  );
}

/** A run that was not to keep its code cannot be repeated once it has ended. */
async function requireCode({ store }: EngineContext, run: RunRecord): Promise<void> {
  if (run.snapshotId === null || keepsSnapshot(run) || (await store.snapshots.get(run.snapshotId)) !== undefined) return;
  throw new Conflict(
    `Run ${run.id} cannot be submitted again: its code was not kept, because history.snapshotProject is false. Submit the folder anew.`,
  );
}
