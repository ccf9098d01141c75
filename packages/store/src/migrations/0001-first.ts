import { type Kysely, sql } from "kysely";
import { type ColumnTypes, columnTypesOf, type DatabaseKind } from "../database/columnTypes.ts";

type Any = Kysely<unknown>;

/** Workspaces, runs, their telemetry, environments, snapshots, tokens, and what several servers share. */
export async function up(db: Any, kind: DatabaseKind): Promise<void> {
  const types = columnTypesOf(kind);
  await createWorkspaces(db, types);
  await createRuns(db, types);
  await createRunIndexes(db);
  await createLabels(db, types);
  await createTelemetry(db, types);
  await createMetrics(db, types);
  await createRegistries(db, types);
  await createTokens(db, types);
  await createCoordination(db, types);
}

async function createWorkspaces(db: Any, { text }: ColumnTypes) {
  await db.schema
    .createTable("workspaces")
    .addColumn("name", text, (c) => c.primaryKey())
    .addColumn("id", text, (c) => c.notNull().unique())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  await db.schema
    .createTable("experiments")
    .addColumn("id", text, (c) => c.primaryKey())
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("last_number", "bigint", (c) => c.notNull().defaultTo(0))
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addUniqueConstraint("experiments_by_name", ["workspace", "name"])
    .execute();
}

async function createRuns(db: Any, { text }: ColumnTypes) {
  await db.schema
    .createTable("runs")
    .addColumn("id", text, (c) => c.primaryKey())
    .addColumn("number", "bigint", (c) => c.notNull())
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("experiment", text, (c) => c.notNull())
    .addColumn("parent_id", text)
    .addColumn("root_id", text, (c) => c.notNull())
    .addColumn("type", text, (c) => c.notNull())
    .addColumn("display_name", text)
    .addColumn("description", text)
    .addColumn("submitted_by", text)
    .addColumn("target", text, (c) => c.notNull())
    .addColumn("snapshot_id", text)
    .addColumn("environment_name", text)
    .addColumn("environment_version", text)
    .addColumn("may_prepare", "integer", (c) => c.notNull())
    .addColumn("state", text, (c) => c.notNull())
    .addColumn("outcome", text)
    .addColumn("error", text)
    .addColumn("warnings", text, (c) => c.notNull())
    .addColumn("preparing", "integer", (c) => c.notNull())
    .addColumn("unreachable_since", "bigint")
    .addColumn("missing_since", "bigint")
    .addColumn("cancel_requested_at", "bigint")
    .addColumn("cancel_grace_seconds", "double precision", (c) => c.notNull())
    .addColumn("cancel_sent_at", "bigint")
    .addColumn("failure", text)
    .addColumn("job_id", text)
    .addColumn("launches", "bigint", (c) => c.notNull())
    .addColumn("handle", text)
    .addColumn("waits_for", text)
    .addColumn("attempts", text, (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("started_at", "bigint")
    .addColumn("ended_at", "bigint")
    .addColumn("removed_at", "bigint")
    .addColumn("version", "bigint", (c) => c.notNull())
    .addColumn("status", text, (c) => c.notNull())
    .addColumn("attention", text)
    .addColumn("owner", text)
    .addColumn("definition", text, (c) => c.notNull())
    .execute();
}

async function createRunIndexes(db: Any) {
  await db.schema.createIndex("runs_newest").on("runs").columns(["workspace", "created_at", "id"]).execute();
  await db.schema.createIndex("runs_of_experiment").on("runs").columns(["workspace", "experiment", "created_at", "id"]).execute();
  await db.schema.createIndex("runs_of_parent").on("runs").columns(["parent_id"]).where(sql.ref("parent_id"), "is not", null).execute();
  await db.schema
    .createIndex("runs_with_attention")
    .on("runs")
    .columns(["attention", "owner", "ended_at", "created_at"])
    .where(sql.ref("attention"), "is not", null)
    .execute();
}

async function createLabels(db: Any, { text, countedKey }: ColumnTypes) {
  await db.schema
    .createTable("run_tags")
    .addColumn("run_id", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("value", text)
    .addPrimaryKeyConstraint("run_tags_key", ["run_id", "name"])
    .execute();
  await db.schema
    .createTable("run_properties")
    .addColumn("run_id", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("value", text, (c) => c.notNull())
    .addPrimaryKeyConstraint("run_properties_key", ["run_id", "name"])
    .execute();
  await db.schema
    .createTable("run_timeline")
    .addColumn("id", countedKey)
    .addColumn("run_id", text, (c) => c.notNull())
    .addColumn("at", "bigint", (c) => c.notNull())
    .addColumn("attempt", "integer")
    .addColumn("what", text, (c) => c.notNull())
    .addColumn("detail", text)
    .execute();
  await db.schema.createIndex("run_timeline_of_run").on("run_timeline").columns(["run_id", "id"]).execute();
}

async function createTelemetry(db: Any, { text }: ColumnTypes) {
  await db.schema
    .createTable("run_cursors")
    .addColumn("run_id", text, (c) => c.notNull())
    .addColumn("attempt", "integer", (c) => c.notNull())
    .addColumn("file", text, (c) => c.notNull())
    .addColumn("offset", "bigint", (c) => c.notNull())
    .addColumn("lines_skipped", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("run_cursors_key", ["run_id", "attempt", "file"])
    .execute();
  await db.schema
    .createTable("run_takes")
    .addColumn("run_id", text, (c) => c.primaryKey())
    .addColumn("takes", "bigint", (c) => c.notNull())
    .execute();
  await db.schema
    .createTable("run_resumes")
    .addColumn("run_id", text, (c) => c.notNull())
    .addColumn("attempt", "integer", (c) => c.notNull())
    .addPrimaryKeyConstraint("run_resumes_key", ["run_id", "attempt"])
    .execute();
}

async function createMetrics(db: Any, { text, bytes, countedKey }: ColumnTypes) {
  await db.schema
    .createTable("metric_series")
    .addColumn("id", countedKey)
    .addColumn("run_id", text, (c) => c.notNull())
    .addColumn("origin", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("attempt", "integer", (c) => c.notNull())
    .addColumn("kind", text, (c) => c.notNull())
    .addColumn("count", "bigint", (c) => c.notNull())
    .addColumn("non_finite", "bigint", (c) => c.notNull())
    .addColumn("min", "double precision")
    .addColumn("max", "double precision")
    .addColumn("last", text)
    .addColumn("last_number", "double precision")
    .addColumn("is_latest", "integer", (c) => c.notNull())
    .addColumn("tail_first", "bigint", (c) => c.notNull())
    .addUniqueConstraint("metric_series_by_name", ["run_id", "origin", "name", "attempt"])
    .execute();
  await db.schema
    .createTable("metric_chunks")
    .addColumn("series_id", "bigint", (c) => c.notNull())
    .addColumn("first_index", "bigint", (c) => c.notNull())
    .addColumn("count", "bigint", (c) => c.notNull())
    .addColumn("bytes", bytes, (c) => c.notNull())
    .addPrimaryKeyConstraint("metric_chunks_key", ["series_id", "first_index"])
    .execute();
}

async function createRegistries(db: Any, { text }: ColumnTypes) {
  await db.schema
    .createTable("environments")
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("hash", text, (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("definition", text, (c) => c.notNull())
    .addPrimaryKeyConstraint("environments_key", ["workspace", "name", "version"])
    .execute();
  await db.schema
    .createTable("snapshots")
    .addColumn("id", text, (c) => c.primaryKey())
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("root", text, (c) => c.notNull())
    .addColumn("files", "bigint", (c) => c.notNull())
    .addColumn("bytes", "bigint", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
}

async function createTokens(db: Any, { text }: ColumnTypes) {
  await db.schema
    .createTable("tokens")
    .addColumn("id", text, (c) => c.primaryKey())
    .addColumn("secret_sha256", text, (c) => c.notNull().unique())
    .addColumn("scope", text, (c) => c.notNull())
    .addColumn("run_id", text)
    .addColumn("user_name", text)
    .addColumn("note", text, (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("expires_at", "bigint")
    .addColumn("revoked_at", "bigint")
    .execute();
  await db.schema.createIndex("tokens_of_run").on("tokens").columns(["run_id"]).where(sql.ref("run_id"), "is not", null).execute();
}

async function createCoordination(db: Any, { text }: ColumnTypes) {
  await db.schema
    .createTable("changes")
    .addColumn("id", "bigint", (c) => c.primaryKey())
    .addColumn("kind", text, (c) => c.notNull())
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("run_id", text, (c) => c.notNull())
    .addColumn("names", text, (c) => c.notNull())
    .execute();
  await db.schema
    .createTable("counters")
    .addColumn("name", text, (c) => c.primaryKey())
    .addColumn("value", "bigint", (c) => c.notNull())
    .execute();
  await sql`insert into counters (name, value) values ('change', 0), ('lease', 0)`.execute(db);
  await db.schema
    .createTable("idempotency")
    .addColumn("key", text, (c) => c.primaryKey())
    .addColumn("request_hash", text, (c) => c.notNull())
    .addColumn("result", text, (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  await db.schema
    .createTable("leases")
    .addColumn("owner", text, (c) => c.primaryKey())
    .addColumn("expires_at", "bigint", (c) => c.notNull())
    .execute();
  await db.schema
    .createTable("settings")
    .addColumn("name", text, (c) => c.primaryKey())
    .addColumn("value", text, (c) => c.notNull())
    .execute();
}
