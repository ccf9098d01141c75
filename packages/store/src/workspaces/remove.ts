import { sql } from "kysely";
import type { Queries } from "../database/database.ts";

/** Columns that name something of a workspace, and its table. */
const OWNED = [
  { column: "experiment_id", owner: "experiments" },
  { column: "model_id", owner: "logged_models" },
  { column: "model_id", owner: "models" },
] as const;

/**
 * Removes every row that belongs to a workspace. What belongs to one says so in a column `workspace`; else what belongs to a run
 * says so in `run_id` and what belongs to something else in a column of `OWNED`, so that a table which comes later is not forgotten here.
 */
export async function removeRowsOf(db: Queries, workspace: string): Promise<void> {
  const tables = (await db.introspection.getTables()).map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) }));
  const its = sql`select id from runs where workspace = ${workspace}`;
  await sql`delete from metric_chunks where series_id in (select id from metric_series where run_id in (${its}))`.execute(db);
  for (const { column, owner } of OWNED) {
    const owners = sql`select id from ${sql.table(owner)} where workspace = ${workspace}`;
    for (const { name, columns } of tables) {
      if (!columns.includes(column) || columns.includes("workspace")) continue;
      await sql`delete from ${sql.table(name)} where ${sql.ref(column)} in (${owners})`.execute(db);
    }
  }
  for (const { name, columns } of tables) {
    if (columns.includes("workspace")) continue; // a model of another workspace may name a run of this one
    if (columns.includes("run_id")) await sql`delete from ${sql.table(name)} where run_id in (${its})`.execute(db);
  }
  for (const { name, columns } of tables) {
    if (columns.includes("workspace")) await sql`delete from ${sql.table(name)} where workspace = ${workspace}`.execute(db);
  }
}
