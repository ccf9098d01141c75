import { type Kysely, sql } from "kysely";
import { columnTypesOf, type DatabaseKind } from "../database/columnTypes.ts";

/** Sweeps: which there are, who drives them, and their journals. And for runs: why somebody wishes that one stops. */
export async function up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const { text } = columnTypesOf(kind);
  await db.schema
    .createTable("sweeps")
    .addColumn("run_id", text, (c) => c.primaryKey())
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("entries", "integer", (c) => c.notNull())
    .addColumn("is_open", "integer", (c) => c.notNull())
    .addColumn("holder", text)
    .addColumn("held_until", "bigint", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("sweeps_open").on("sweeps").columns(["created_at"]).where(sql.ref("is_open"), "=", 1).execute();
  await db.schema
    .createTable("sweep_entries")
    .addColumn("run_id", text, (c) => c.notNull())
    .addColumn("number", "integer", (c) => c.notNull())
    .addColumn("at", "bigint", (c) => c.notNull())
    .addColumn("entry", text, (c) => c.notNull())
    .addPrimaryKeyConstraint("sweep_entries_key", ["run_id", "number"])
    .execute();
  await db.schema.alterTable("runs").addColumn("cancel_reason", text).execute();
}
