import type { Kysely } from "kysely";
import { columnTypesOf, type DatabaseKind } from "../database/columnTypes.ts";

/** Compute targets that people made or attached; the local one is no row. */
export async function up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const { text } = columnTypesOf(kind);
  await db.schema
    .createTable("computes")
    .addColumn("id", text, (c) => c.primaryKey())
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("name_key", text, (c) => c.notNull())
    .addColumn("type", text, (c) => c.notNull())
    .addColumn("attached", "integer", (c) => c.notNull())
    .addColumn("resource", text)
    .addColumn("settings", text, (c) => c.notNull())
    .addColumn("secret", text)
    .addColumn("provisioning_state", text, (c) => c.notNull())
    .addColumn("provisioning_errors", text, (c) => c.notNull())
    .addColumn("provisioning_at", "bigint", (c) => c.notNull())
    .addColumn("facts", text, (c) => c.notNull())
    .addColumn("tags", text, (c) => c.notNull())
    .addColumn("description", text)
    .addColumn("location", text)
    .addColumn("created_by", text)
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("modified_at", "bigint", (c) => c.notNull())
    .addColumn("version", "bigint", (c) => c.notNull())
    .addUniqueConstraint("computes_by_name", ["workspace", "name_key"])
    .addUniqueConstraint("computes_by_resource", ["workspace", "resource"])
    .execute();
}
