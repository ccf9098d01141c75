import type { Kysely } from "kysely";
import { columnTypesOf, type DatabaseKind } from "../database/columnTypes.ts";

/** Datastores with the files that we keep for them, datasets by id and by name, and what runs have to do with them. */
export async function up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const { text } = columnTypesOf(kind);
  await db.schema
    .createTable("datastores")
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("name_key", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("kind", text, (c) => c.notNull())
    .addColumn("settings", text, (c) => c.notNull())
    .addColumn("secret", text)
    .addColumn("created_by", text)
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("datastores_pk", ["workspace", "name_key"])
    .execute();
  await db.schema
    .createTable("default_datastores")
    .addColumn("workspace", text, (c) => c.primaryKey())
    .addColumn("name_key", text, (c) => c.notNull())
    .execute();
  await db.schema
    .createTable("datastore_files")
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("datastore", text, (c) => c.notNull())
    .addColumn("path", text, (c) => c.notNull())
    .addColumn("sha256", text, (c) => c.notNull())
    .addColumn("size", "bigint", (c) => c.notNull())
    .addColumn("modified_at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("datastore_files_pk", ["workspace", "datastore", "path"])
    .execute();
  await db.schema
    .createTable("fetched_files")
    .addColumn("address", text, (c) => c.primaryKey())
    .addColumn("validator", text, (c) => c.notNull())
    .addColumn("sha256", text, (c) => c.notNull())
    .addColumn("size", "bigint", (c) => c.notNull())
    .addColumn("fetched_at", "bigint", (c) => c.notNull())
    .execute();
  await db.schema
    .createTable("datasets")
    .addColumn("id", text, (c) => c.primaryKey())
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("definition_hash", text, (c) => c.notNull())
    .addColumn("definition", text, (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("datasets_by_definition").on("datasets").columns(["workspace", "definition_hash"]).unique().execute();
  await db.schema
    .createTable("dataset_versions")
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("dataset_id", text, (c) => c.notNull())
    .addColumn("description", text)
    .addColumn("tags", text, (c) => c.notNull())
    .addColumn("state", text, (c) => c.notNull())
    .addColumn("deprecated_by", text)
    .addColumn("registered_at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("dataset_versions_pk", ["workspace", "name", "version"])
    .execute();
  await db.schema.createIndex("dataset_versions_of").on("dataset_versions").columns(["dataset_id"]).execute();
  await db.schema
    .createTable("run_data")
    .addColumn("run_id", text, (c) => c.primaryKey())
    .addColumn("data", text, (c) => c.notNull())
    .execute();
}
