import { sql } from "kysely";
import type { Queries } from "../database/database.ts";

/**
 * Removes every row that belongs to a workspace. What belongs to one says so in a column `workspace`; else what belongs to a run says so
 * in `run_id`, to a model in `model_id`, to an experiment in `experiment_id`, so that a table which comes later is not forgotten here.
 */
export async function removeRowsOf(db: Queries, workspace: string): Promise<void> {
  const tables = (await db.introspection.getTables()).map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) }));
  const its = sql`select id from runs where workspace = ${workspace}`;
  await sql`delete from metric_chunks where series_id in (select id from metric_series where run_id in (${its}))`.execute(db);
  const models = sql`select id from models where workspace = ${workspace} union select id from logged_models where workspace = ${workspace}`;
  const experiments = sql`select id from experiments where workspace = ${workspace}`;
  for (const { name, columns } of tables) {
    if (columns.includes("workspace")) continue; // a model of another workspace may name a run of this one
    if (columns.includes("model_id")) await sql`delete from ${sql.table(name)} where model_id in (${models})`.execute(db);
    if (columns.includes("experiment_id")) await sql`delete from ${sql.table(name)} where experiment_id in (${experiments})`.execute(db);
    if (columns.includes("run_id")) await sql`delete from ${sql.table(name)} where run_id in (${its})`.execute(db);
  }
  for (const { name, columns } of tables) {
    if (columns.includes("workspace")) await sql`delete from ${sql.table(name)} where workspace = ${workspace}`.execute(db);
  }
}
