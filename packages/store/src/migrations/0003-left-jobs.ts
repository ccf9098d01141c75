import type { Kysely } from "kysely";
import { columnTypesOf, type DatabaseKind } from "../database/columnTypes.ts";

/** Jobs of earlier attempts of a run whose directories have yet to be stopped or removed. */
export async function up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const { text } = columnTypesOf(kind);
  await db.schema
    .alterTable("runs")
    .addColumn("left_jobs", text, (c) => c.notNull().defaultTo("[]"))
    .execute();
}
