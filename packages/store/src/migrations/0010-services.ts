import type { Kysely } from "kysely";
import { columnTypesOf, type DatabaseKind } from "../database/columnTypes.ts";

/** Web services, and which versions of models they use. */
export async function up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const { text } = columnTypesOf(kind);
  await db.schema
    .createTable("services")
    .addColumn("id", text, (c) => c.primaryKey())
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    // null once it is being deleted: the name is free again
    .addColumn("live_name", text)
    .addColumn("instance", text, (c) => c.notNull())
    .addColumn("state", text, (c) => c.notNull())
    .addColumn("error", text)
    .addColumn("description", text)
    .addColumn("tags", text, (c) => c.notNull())
    .addColumn("properties", text, (c) => c.notNull())
    .addColumn("environment", text)
    .addColumn("sealed", text)
    .addColumn("starts", "integer", (c) => c.notNull())
    .addColumn("job_id", text)
    .addColumn("handle", text)
    .addColumn("port", "integer")
    .addColumn("was_healthy", "integer", (c) => c.notNull())
    .addColumn("healthy_since", "bigint")
    .addColumn("failures", "integer", (c) => c.notNull())
    .addColumn("retry_at", "bigint")
    .addColumn("left_jobs", text, (c) => c.notNull())
    .addColumn("cursors", text, (c) => c.notNull())
    .addColumn("created_by", text)
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("modified_at", "bigint", (c) => c.notNull())
    .addColumn("deleted_at", "bigint")
    .addColumn("version", "bigint", (c) => c.notNull())
    .addColumn("definition", text, (c) => c.notNull())
    .addUniqueConstraint("services_by_name", ["workspace", "live_name"])
    .execute();
  await db.schema.createIndex("services_of_instance").on("services").columns(["instance"]).execute();
  await db.schema
    .createTable("service_models")
    .addColumn("service_id", text, (c) => c.notNull())
    .addColumn("model_id", text, (c) => c.notNull())
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("workspace", text, (c) => c.notNull())
    .addPrimaryKeyConstraint("service_models_key", ["service_id", "model_id", "version"])
    .execute();
  await db.schema.createIndex("service_models_of_model").on("service_models").columns(["model_id", "version"]).execute();
}
