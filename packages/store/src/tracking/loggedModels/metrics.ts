import { NotFound } from "@switchyard/protocol";
import type { Queries } from "../../database/database.ts";
import { inGroups } from "../../database/groups.ts";
import { storable, storableName, toJson } from "../../database/text.ts";
import type { LoggedMetric } from "../logging/log.ts";

/** Notes with logged models the metrics that were logged of them. Throws NotFound for a model that is not there. */
export async function logModelMetrics(db: Queries, workspace: string, runId: string, metrics: readonly LoggedMetric[]): Promise<void> {
  const own = metrics.filter((metric) => metric.modelId !== undefined && metric.modelId !== "");
  if (own.length === 0) return;
  const ids = [...new Set(own.map((metric) => metric.modelId as string))];
  const known = await db.selectFrom("logged_models").select("id").where("workspace", "=", workspace).where("id", "in", ids).execute();
  const missing = ids.find((id) => !known.some((row) => row.id === id));
  if (missing !== undefined) throw new NotFound(`Logged model with ID '${missing}' not found.`);
  const rows = own.map(({ modelId, name, step, time, value, datasetName, datasetDigest }) => ({
    model_id: modelId as string,
    run_id: runId,
    name: storableName(name),
    step,
    time: Math.round(time),
    value: toJson(Number.isFinite(value) ? value : String(value)),
    number: Number.isNaN(value) ? null : Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value)),
    dataset_name: storable(datasetName ?? ""),
    dataset_digest: storable(datasetDigest ?? ""),
  }));
  for (const group of inGroups(rows)) {
    await db
      .insertInto("logged_model_metrics")
      .values(group)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
