import type { Kysely } from "kysely";

/** When somebody wanted what an ended run left on its compute to go at once. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("runs").addColumn("clean_requested_at", "bigint").execute();
}
