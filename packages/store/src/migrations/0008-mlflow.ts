import { type Kysely, sql } from "kysely";
import { type ColumnTypes, columnTypesOf, type DatabaseKind } from "../database/columnTypes.ts";

type Any = Kysely<unknown>;

/** What an infinite value counts as. */
const GREATEST = Number.MAX_VALUE;

/** What MLflow's clients log beside metrics and tags: params, experiments that can be deleted, datasets, logged models. */
export async function up(db: Any, kind: DatabaseKind): Promise<void> {
  const types = columnTypesOf(kind);
  await growExperiments(db, types);
  await growRuns(db, types);
  await growSeries(db);
  await createInputs(db, types);
  await createLoggedModels(db, types);
}

async function growExperiments(db: Any, { text }: ColumnTypes) {
  await db.schema.alterTable("experiments").addColumn("changed_at", "bigint").execute();
  await db.schema.alterTable("experiments").addColumn("deleted_at", "bigint").execute();
  await db.schema.alterTable("experiments").addColumn("artifact_location", text).execute();
  await createPairs(db, pairs("experiment_tags", "experiment_id", text));
}

async function growRuns(db: Any, { text }: ColumnTypes) {
  await db.schema.alterTable("runs").addColumn("deleted_at", "bigint").execute();
  await createPairs(db, pairs("run_params", "run_id", text));
}

/** Where the value that lists show stands on its curve, and the newest time of any point: later points cannot be repeats. */
async function growSeries(db: Any) {
  await db.schema.alterTable("metric_series").addColumn("last_step", "double precision").execute();
  await db.schema.alterTable("metric_series").addColumn("last_time", "bigint").execute();
  await db.schema.alterTable("metric_series").addColumn("newest_time", "bigint").execute();
  await db.schema.alterTable("metric_series").addColumn("sort_number", "double precision").execute();
  await sql`update metric_series set sort_number = coalesce(last_number, case last
    when '"Infinity"' then ${sql.lit(GREATEST)} when '"-Infinity"' then ${sql.lit(-GREATEST)} end) where kind = 'number'`.execute(db);
  // Over an expression, and with a condition that nobody else has, so that only the search that names it uses it: PostgreSQL would else
  // take it for looking up one run's series too, as long as it knows nothing of a table that was just filled.
  await sql`create index metric_series_sorted on metric_series ((name || ''), sort_number) where sort_number is not null`.execute(db);
}

async function createInputs(db: Any, { text }: ColumnTypes) {
  await db.schema
    .createTable("tracked_datasets")
    .addColumn("id", text, (c) => c.primaryKey())
    .addColumn("experiment_id", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("digest", text, (c) => c.notNull())
    .addColumn("source_type", text, (c) => c.notNull())
    .addColumn("source", text, (c) => c.notNull())
    .addColumn("schema", text)
    .addColumn("profile", text)
    .addUniqueConstraint("tracked_datasets_by_name", ["experiment_id", "name", "digest"])
    .execute();
  await db.schema
    .createTable("run_inputs")
    .addColumn("run_id", text, (c) => c.notNull())
    .addColumn("dataset_id", text, (c) => c.notNull())
    .addColumn("context", text)
    .addColumn("tags", text, (c) => c.notNull())
    .addPrimaryKeyConstraint("run_inputs_key", ["run_id", "dataset_id"])
    .execute();
}

async function createLoggedModels(db: Any, { text }: ColumnTypes) {
  await db.schema
    .createTable("logged_models")
    .addColumn("id", text, (c) => c.primaryKey())
    .addColumn("workspace", text, (c) => c.notNull())
    .addColumn("experiment_id", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("type", text)
    .addColumn("source_run_id", text)
    .addColumn("status", text, (c) => c.notNull())
    .addColumn("status_message", text)
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("changed_at", "bigint", (c) => c.notNull())
    .addColumn("deleted_at", "bigint")
    .execute();
  await db.schema.createIndex("logged_models_of_experiment").on("logged_models").columns(["experiment_id", "created_at"]).execute();
  await createPairs(db, pairs("logged_model_tags", "model_id", text));
  await createPairs(db, pairs("logged_model_params", "model_id", text));
  await db.schema
    .createTable("logged_model_metrics")
    .addColumn("model_id", text, (c) => c.notNull())
    .addColumn("run_id", text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("step", "double precision", (c) => c.notNull())
    .addColumn("time", "bigint", (c) => c.notNull())
    .addColumn("value", text, (c) => c.notNull())
    .addColumn("number", "double precision")
    .addColumn("dataset_name", text, (c) => c.notNull())
    .addColumn("dataset_digest", text, (c) => c.notNull())
    .addPrimaryKeyConstraint("logged_model_metrics_key", [
      "model_id", "name", "dataset_name", "dataset_digest", "run_id", "step", "time", "value",
    ]) // biome-ignore format: one key
    .execute();
  await db.schema
    .createTable("run_models")
    .addColumn("run_id", text, (c) => c.notNull())
    .addColumn("direction", text, (c) => c.notNull())
    .addColumn("model_id", text, (c) => c.notNull())
    .addColumn("step", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("run_models_key", ["run_id", "direction", "model_id", "step"])
    .execute();
}

interface Pairs {
  readonly table: string;
  readonly owner: string;
  readonly text: ColumnTypes["text"];
}
const pairs = (table: string, owner: string, text: ColumnTypes["text"]): Pairs => ({ table, owner, text });

/** Names and values of something, such as its tags. */
async function createPairs(db: Any, { table, owner, text }: Pairs) {
  await db.schema
    .createTable(table)
    .addColumn(owner, text, (c) => c.notNull())
    .addColumn("name", text, (c) => c.notNull())
    .addColumn("value", text, (c) => c.notNull())
    .addPrimaryKeyConstraint(`${table}_key`, [owner, "name"])
    .execute();
}
