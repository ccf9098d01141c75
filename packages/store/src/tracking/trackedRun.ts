import type { RunStatus } from "@switchyard/protocol";
import type { Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import { fromJson } from "../database/text.ts";
import { readTags, type Tags } from "../runs/labels.ts";
import { type DatasetInput, readInputs } from "./inputs.ts";
import { NOTE_TAG, PARENT_TAG, RUN_NAME_TAG, USER_TAG } from "./names.ts";
import { readParams } from "./params.ts";
import { type ModelLink, readModelLinks } from "./runModels.ts";

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
export async function readTrackedRuns(db: Queries, workspace: string, ids: readonly string[]): Promise<TrackedRun[]> {
  const rows = new Map((await rowsOf(db, workspace, ids)).map((row) => [row.id, row]));
  const found = ids.filter((id) => rows.has(id));
  const [tags, params, metrics, datasets, models] = [
    await readAllTags(db, found),
    await readParams(db, found),
    await readLatest(db, found),
    await readInputs(db, found),
    await readModelLinks(db, found),
  ];
  return found.map((id) => {
    const row = rows.get(id) as Row;
    return {
      id,
      workspace,
      experimentId: row.experiment_id,
      artifactLocation: row.artifact_location,
      name: row.display_name,
      user: tags.get(id)?.[USER_TAG] ?? row.submitted_by,
      status: row.status as RunStatus,
      startedAt: row.started_at ?? row.created_at,
      endedAt: row.ended_at,
      deletedAt: row.deleted_at,
      tags: { ...tagsSaidBy(row), ...tags.get(id) },
      params: params.get(id) ?? {},
      metrics: metrics.get(id) ?? [],
      datasets: datasets.get(id) ?? [],
      models: models.get(id) ?? [],
    };
  });
}

type Row = Awaited<ReturnType<typeof rowsOf>>[number];

async function rowsOf(db: Queries, workspace: string, ids: readonly string[]) {
  const select = (group: readonly string[]) =>
    db
      .selectFrom("runs")
      .innerJoin("experiments", (join) =>
        join.onRef("experiments.workspace", "=", "runs.workspace").onRef("experiments.name", "=", "runs.experiment"),
      )
      .select(["runs.id", "experiments.id as experiment_id", "experiments.artifact_location", "runs.display_name", "runs.description"])
      .select([
        "runs.submitted_by",
        "runs.status",
        "runs.started_at",
        "runs.created_at",
        "runs.ended_at",
        "runs.deleted_at",
        "runs.parent_id",
      ])
      .where("runs.workspace", "=", workspace)
      .where("runs.id", "in", group)
      .execute();
  const rows: Awaited<ReturnType<typeof select>> = [];
  for (const group of inGroups(ids)) rows.push(...(await select(group)));
  return rows;
}

/** What fields of ours say in MLflow's words. */
function tagsSaidBy({ display_name, description, parent_id, submitted_by }: Row): Tags {
  return {
    ...(display_name !== null && { [RUN_NAME_TAG]: display_name }),
    ...(parent_id !== null && { [PARENT_TAG]: parent_id }),
    ...(submitted_by !== null && { [USER_TAG]: submitted_by }),
    ...(description !== null && { [NOTE_TAG]: description }),
  };
}

async function readAllTags(db: Queries, ids: readonly string[]): Promise<Map<string, Tags>> {
  const tags = new Map<string, Tags>();
  for (const group of inGroups(ids)) for (const [id, own] of await readTags(db, group)) tags.set(id, own);
  return tags;
}

/** The last values of the series that are curves of numbers. */
async function readLatest(db: Queries, ids: readonly string[]): Promise<Map<string, LatestMetric[]>> {
  const latest = new Map<string, LatestMetric[]>();
  for (const group of inGroups(ids)) {
    const rows = await db
      .selectFrom("metric_series")
      .select(["run_id", "name", "last", "last_number", "last_step", "last_time", "count"])
      .where("run_id", "in", group)
      .where("origin", "=", "script")
      .where("is_latest", "=", 1)
      .where("kind", "=", "number")
      .execute();
    for (const { run_id, name, last, last_number, last_step, last_time, count } of rows) {
      const value = last_number ?? Number(last === null ? Number.NaN : fromJson(last));
      const metric = { name, value, step: last_step ?? count - 1, time: last_time ?? 0 };
      const own = latest.get(run_id);
      if (own === undefined) latest.set(run_id, [metric]);
      else own.push(metric);
    }
  }
  return latest;
}
