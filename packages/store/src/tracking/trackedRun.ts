import type { RunStatus } from "@switchyard/protocol";
import { type RawBuilder, sql } from "kysely";
import type { DatabaseKind } from "../database/columnTypes.ts";
import type { Database } from "../database/database.ts";
import { fromJson } from "../database/text.ts";
import type { Tags } from "../runs/labels.ts";
import type { DatasetInput } from "./inputs.ts";
import { NOTE_TAG, PARENT_TAG, RUN_NAME_TAG, USER_TAG } from "./names.ts";
import type { ModelLink } from "./runModels.ts";

/** The value of a metric that lists show. */
export interface LatestMetric {
  readonly name: string;
  readonly value: number;
  readonly step: number;
  readonly time: number;
}

/** A run with all that MLflow's clients see of it. */
export interface TrackedRun {
  readonly id: string;
  readonly workspace: string;
  readonly experimentId: string;
  /** where the experiment's artifacts lie when that is not here */
  readonly artifactLocation: string | null;
  readonly name: string | null;
  readonly user: string | null;
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly deletedAt: number | null;
  readonly tags: Tags;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: readonly LatestMetric[];
  readonly datasets: readonly DatasetInput[];
  readonly models: readonly ModelLink[];
}

/** These runs of a workspace, in the order asked for; ids without one are left out. */
export async function readTrackedRuns(database: Database, workspace: string, ids: readonly string[]): Promise<TrackedRun[]> {
  const rows = new Map((await rowsOf(database, workspace, ids)).map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = rows.get(id);
    return row === undefined ? [] : [toTrackedRun(workspace, row)];
  });
}

/** A run, and what belongs to it as JSON texts; null: nothing does. */
interface Row {
  readonly id: string;
  readonly experiment_id: string;
  readonly artifact_location: string | null;
  readonly display_name: string | null;
  readonly description: string | null;
  readonly submitted_by: string | null;
  readonly status: string;
  readonly started_at: number | null;
  readonly created_at: number;
  readonly ended_at: number | null;
  readonly deleted_at: number | null;
  readonly parent_id: string | null;
  readonly tags: string | null;
  readonly params: string | null;
  readonly metrics: string | null;
  readonly datasets: string | null;
  readonly models: string | null;
}

/** One question for everything, as a database may be far away: what belongs to a run is gathered beside it. */
async function rowsOf(database: Database, workspace: string, ids: readonly string[]): Promise<Row[]> {
  if (ids.length === 0) return [];
  const words = WORDS[database.kind];
  const { rows } = await sql<Row>`
    select runs.id, experiments.id as experiment_id, experiments.artifact_location, runs.display_name, runs.description, runs.submitted_by,
      runs.status, runs.started_at, runs.created_at, runs.ended_at, runs.deleted_at, runs.parent_id,
      (select ${words.object(sql`name, value order by name`)} from run_tags where run_id = runs.id) as tags,
      (select ${words.object(sql`name, value order by name`)} from run_params where run_id = runs.id) as params,
      (select ${words.lists(sql`name, last_number, last, last_step, last_time, count`, sql`id`)} from metric_series
        where run_id = runs.id and origin = 'script' and is_latest = 1 and kind = 'number') as metrics,
      (select ${words.lists(sql`name, digest, source_type, source, schema, profile, tags`, sql`name, digest`)} from run_inputs
        join tracked_datasets on tracked_datasets.id = run_inputs.dataset_id where run_id = runs.id) as datasets,
      (select ${words.lists(sql`direction, model_id, step`, sql`step, model_id`)} from run_models where run_id = runs.id) as models
    from runs join experiments on experiments.workspace = runs.workspace and experiments.name = runs.experiment
    where runs.workspace = ${workspace} and runs.id ${words.isOneOf(ids)}`.execute(database.db);
  return rows;
}

type Part = RawBuilder<unknown>;

/** How each database says: names and values as one JSON object, rows as a JSON list of lists, one of these texts. */
const WORDS: Readonly<
  Record<DatabaseKind, { object(pairs: Part): Part; lists(columns: Part, order: Part): Part; isOneOf(texts: readonly string[]): Part }>
> = {
  postgres: {
    object: (pairs) => sql`json_object_agg(${pairs})::text`,
    lists: (columns, order) => sql`json_agg(json_build_array(${columns}) order by ${order})::text`,
    isOneOf: (texts) => sql`= any(${texts}::text[])`,
  },
  sqlite: {
    object: (pairs) => sql`json_group_object(${pairs})`,
    lists: (columns, order) => sql`json_group_array(json_array(${columns}) order by ${order})`,
    isOneOf: (texts) => sql`in (select value from json_each(${JSON.stringify(texts)}))`,
  },
};

function toTrackedRun(workspace: string, row: Row): TrackedRun {
  const tags = row.tags === null ? {} : fromJson<Tags>(row.tags);
  return {
    id: row.id,
    workspace,
    experimentId: row.experiment_id,
    artifactLocation: row.artifact_location,
    name: row.display_name,
    user: tags[USER_TAG] ?? row.submitted_by,
    status: row.status as RunStatus,
    startedAt: row.started_at ?? row.created_at,
    endedAt: row.ended_at,
    deletedAt: row.deleted_at,
    tags: { ...tagsSaidBy(row), ...tags },
    params: row.params === null ? {} : fromJson<Record<string, string>>(row.params),
    metrics: listsIn(row.metrics).map(toLatest),
    datasets: listsIn(row.datasets).map(toInput),
    models: listsIn(row.models).map(toLink),
  };
}

const listsIn = (text: string | null): never[][] => (text === null ? [] : fromJson<never[][]>(text));

/** What fields of ours say in MLflow's words. */
function tagsSaidBy({ display_name, description, parent_id, submitted_by }: Row): Tags {
  return {
    ...(display_name !== null && { [RUN_NAME_TAG]: display_name }),
    ...(parent_id !== null && { [PARENT_TAG]: parent_id }),
    ...(submitted_by !== null && { [USER_TAG]: submitted_by }),
    ...(description !== null && { [NOTE_TAG]: description }),
  };
}

/** The last value of a curve of numbers: NaN and infinite ones are words. */
function toLatest(columns: readonly unknown[]): LatestMetric {
  const [name, number, last, step, time, count] = columns as [string, number | null, string | null, number | null, number | null, number];
  const value = number ?? Number(last === null ? Number.NaN : fromJson(last));
  return { name, value, step: step ?? count - 1, time: time ?? 0 };
}

function toInput(columns: readonly unknown[]): DatasetInput {
  const [name, digest, sourceType, source, schema, profile, tags] = columns as [string, string, string, string, string, string, string];
  return { dataset: { name, digest, sourceType, source, schema, profile }, tags: fromJson<never>(tags) };
}

function toLink(columns: readonly unknown[]): ModelLink {
  const [direction, modelId, step] = columns as [ModelLink["direction"], string, number];
  return { direction, modelId, step };
}
