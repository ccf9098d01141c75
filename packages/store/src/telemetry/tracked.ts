import type { Work } from "../database/database.ts";
import { storable, storableName, storableOrNull } from "../database/text.ts";
import { addInputs } from "../tracking/inputs.ts";
import { logModelMetrics } from "../tracking/loggedModels/metrics.ts";
import { writePairs } from "../tracking/loggedModels/pairs.ts";
import { addParams } from "../tracking/params.ts";
import { linkModels } from "../tracking/runModels.ts";
import type { ModelChange, TelemetryBatch, TrackedRecord } from "./batch.ts";
import type { Family } from "./family.ts";

/** Stores params, datasets and logged models that a script told its journal. What does not fit is a note, never an error. */
export async function takeTracked(work: Work, family: Family, { runId: ownId, tracked = [] }: TelemetryBatch): Promise<void> {
  if (tracked.length === 0) return;
  const experimentId = await experimentOf(work, family);
  for (const [runId, records] of Map.groupBy(tracked, (record) => record.runId ?? ownId)) {
    if (!(await family.admits(runId, "params, datasets and models"))) continue;
    const of = <K extends TrackedRecord["kind"]>(kind: K) =>
      records.filter((record): record is Extract<TrackedRecord, { kind: K }> => record.kind === kind);
    for (const { asked } of await addParams(work.db, runId, of("param"))) {
      family.note("param_kept", `Param "${asked.name}" of run ${runId} keeps its first value.`);
    }
    await addInputs(
      work.db,
      experimentId,
      runId,
      of("dataset").map(({ input }) => input),
    );
    for (const change of of("model")) await changeModel(work, family, experimentId, runId, change);
    await linkModels(
      work.db,
      runId,
      of("link").map(({ link }) => link),
    );
    const metrics = of("metric").map(({ metric }) => metric);
    await logModelMetrics(work.db, family.workspace, runId, await ofKnownModels(work, family, metrics));
    work.announce({ kind: "run", workspace: family.workspace, runId, names: [] });
  }
}

async function experimentOf({ db }: Work, { workspace, head }: Family): Promise<string> {
  const { id } = await db
    .selectFrom("experiments")
    .select("id")
    .where("workspace", "=", workspace)
    .where("name", "=", head.experiment)
    .executeTakeFirstOrThrow();
  return id;
}

type Told = ModelChange & { readonly time: number };

/** Makes or changes a model of this family; one that somebody else made is left alone. */
async function changeModel({ db }: Work, family: Family, experimentId: string, runId: string, told: Told): Promise<void> {
  const { modelId, title, type, status, params = [], tags = [], untag, time } = told;
  await db
    .insertInto("logged_models")
    .values({
      id: modelId,
      workspace: family.workspace,
      experiment_id: experimentId,
      name: storableName(title ?? modelId),
      type: storableOrNull(type ?? null),
      source_run_id: runId,
      status: "PENDING",
      created_at: Math.round(time),
      changed_at: Math.round(time),
    })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
  const { source_run_id } = await db
    .selectFrom("logged_models")
    .select("source_run_id")
    .where("id", "=", modelId)
    .executeTakeFirstOrThrow();
  if (source_run_id === null || !(await family.isMember(source_run_id))) {
    return family.note("refused", `Left out what the script said of model ${modelId}, which is not of this run.`);
  }
  await writePairs(db, "logged_model_params", modelId, params);
  await writePairs(db, "logged_model_tags", modelId, tags);
  if (untag !== undefined)
    await db.deleteFrom("logged_model_tags").where("model_id", "=", modelId).where("name", "=", storable(untag)).execute();
  await db
    .updateTable("logged_models")
    .set({ changed_at: Math.round(time), ...(status !== undefined && { status }) })
    .where("id", "=", modelId)
    .execute();
}

async function ofKnownModels<M extends { readonly modelId?: string | undefined }>(
  { db }: Work,
  { workspace }: Family,
  metrics: readonly M[],
): Promise<M[]> {
  if (metrics.length === 0) return [];
  const ids = [...new Set(metrics.map(({ modelId }) => modelId ?? ""))];
  const rows = await db.selectFrom("logged_models").select("id").where("workspace", "=", workspace).where("id", "in", ids).execute();
  const known = new Set(rows.map(({ id }) => id));
  return metrics.filter(({ modelId }) => known.has(modelId ?? ""));
}
