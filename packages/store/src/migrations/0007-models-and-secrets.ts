import type { Kysely } from "kysely";
import { type ColumnTypes, columnTypesOf, type DatabaseKind } from "../database/columnTypes.ts";

type Any = Kysely<unknown>;

/** Models with their versions and files, and the secrets of workspaces. */
export async function up(db: Any, kind: DatabaseKind): Promise<void> {
  const types = columnTypesOf(kind);
  await createModels(db, types);
  await createVersions(db, types);
  await createLabels(db, types);
  await createSecrets(db, types);
}

async function createModels(db: Any, { text }: ColumnTypes) {
  await db.schema
    .createTable("models")
    .addColumn("id", text, (c) => c.primaryKey())
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("description", text)
    .addColumn("last_version", "integer", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("updated_at", "bigint", (c) => c.notNull())
    .addUniqueConstraint("models_by_name", ["workspace", "name"])
    .execute();
  await db.schema
    .createTable("model_aliases")
    .addColumn("model_id", text, (c) => c.notNull())
    .addColumn("alias", text, (c) => c.notNull())
    .addColumn("version", "integer", (c) => c.notNull())
    .addPrimaryKeyConstraint("model_aliases_key", ["model_id", "alias"])
    .execute();
}

async function createVersions(db: Any, { text }: ColumnTypes) {
  await db.schema
    .createTable("model_versions")
    .addColumn("model_id", text, (c) => c.notNull())
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("description", text)
    .addColumn("framework", text)
    .addColumn("framework_version", text)
    .addColumn("run_id", text)
    .addColumn("experiment", text)
    .addColumn("run_path", text)
    .addColumn("source", text)
    .addColumn("location", text)
    .addColumn("run_link", text)
    .addColumn("logged_model_id", text)
    .addColumn("stage", text, (c) => c.notNull())
    .addColumn("path", text)
    .addColumn("files", "integer")
    .addColumn("bytes", "bigint")
    .addColumn("details", text, (c) => c.notNull())
    .addColumn("created_by", text)
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("updated_at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("model_versions_key", ["model_id", "version"])
    .execute();
  await db.schema.createIndex("model_versions_newest").on("model_versions").columns(["workspace", "updated_at"]).execute();
  await db.schema.createIndex("model_versions_of_run").on("model_versions").columns(["run_id"]).execute();
  await db.schema
    .createTable("model_files")
    .addColumn("model_id", text, (c) => c.notNull())
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("path", text, (c) => c.notNull())
    .addColumn("sha256", text, (c) => c.notNull())
    .addColumn("size", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("model_files_key", ["model_id", "version", "path"])
    .execute();
}

/** Tags and properties of versions; the tags of a model as a whole have version 0. */
async function createLabels(db: Any, { text }: ColumnTypes) {
  for (const table of ["model_tags", "model_properties"]) {
    await db.schema
      .createTable(table)
      .addColumn("model_id", text, (c) => c.notNull())
      .addColumn("version", "integer", (c) => c.notNull())
      .addColumn("name", text, (c) => c.notNull())
      .addColumn("value", text, (c) => c.notNull())
      .addPrimaryKeyConstraint(`${table}_key`, ["model_id", "version", "name"])
      .execute();
  }
}

async function createSecrets(db: Any, { text }: ColumnTypes) {
  await db.schema
    .createTable("secrets")
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("name_key", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("sealed", text, (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("modified_at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("secrets_key", ["workspace", "name_key"])
    .execute();
}
