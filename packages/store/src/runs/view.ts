import { type JsonValue, NO_RUN_DATA, type RunData } from "@switchyard/protocol";
import type { Queries } from "../database/database.ts";
import { fromJson } from "../database/text.ts";
import { readRunData } from "../datasets/runData.ts";
import { readParams } from "../tracking/params.ts";
import { type Properties, readProperties, readTags, type Tags } from "./labels.ts";
import type { RunRecord } from "./record.ts";

/** A run with all that people see of it. `metrics` has the last value by name, of the last attempt that has the series. */
export interface RunView {
  readonly record: RunRecord;
  readonly tags: Tags;
  readonly properties: Properties;
  /** what an MLflow client said the run was made with */
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, JsonValue>>;
  readonly data: RunData;
}

/** In the order of `records`, with one query per kind of label however many runs there are. */
export async function viewsOf(db: Queries, records: readonly RunRecord[]): Promise<RunView[]> {
  if (records.length === 0) return [];
  const ids = records.map((record) => record.id);
  const [tags, properties, params, metrics, data] = await Promise.all([
    readTags(db, ids),
    readProperties(db, ids),
    readParams(db, ids),
    readLastMetrics(db, ids),
    readRunData(db, ids),
  ]);
  return records.map((record) => ({
    record,
    tags: tags.get(record.id) ?? {},
    properties: properties.get(record.id) ?? {},
    params: params.get(record.id) ?? {},
    metrics: metrics.get(record.id) ?? {},
    data: data.get(record.id) ?? NO_RUN_DATA,
  }));
}

async function readLastMetrics(db: Queries, runIds: readonly string[]): Promise<Map<string, Record<string, JsonValue>>> {
  const rows = await db
    .selectFrom("metric_series")
    .select(["run_id", "name", "last"])
    .where("run_id", "in", runIds)
    .where("origin", "=", "script")
    .where("is_latest", "=", 1)
    .orderBy("name")
    .execute();
  const byRun = Map.groupBy(rows, (row) => row.run_id);
  const lastOf = (last: string | null) => (last === null ? null : fromJson(last));
  return new Map([...byRun].map(([runId, own]) => [runId, Object.fromEntries(own.map((row) => [row.name, lastOf(row.last)]))]));
}
