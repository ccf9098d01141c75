import { type Attempt, BadRequest, NotFound } from "@switchyard/protocol";
import { sql } from "kysely";
import type { Work } from "../../database/database.ts";
import type { RunRow } from "../../database/schema/runs.ts";
import { fromJson, storable, storableName } from "../../database/text.ts";
import { type Appended, appendPoints } from "../../metrics/append.ts";
import type { Piece } from "../../metrics/extend.ts";
import { deleteTags, writeTags } from "../../runs/labels.ts";
import { logModelMetrics } from "../loggedModels/metrics.ts";
import { NOTE_TAG, RUN_NAME_TAG } from "../names.ts";
import { addParamsOnce, type Pair } from "../params.ts";
import { type KnownRun, tailOf } from "./knownRuns.ts";

/** One value of a metric, as MLflow knows it; `time` in milliseconds since 1970 UTC. */
export interface LoggedMetric {
  readonly name: string;
  readonly value: number;
  readonly time: number;
  readonly step: number;
  /** a logged model that it belongs to as well */
  readonly modelId?: string | undefined;
  readonly datasetName?: string | undefined;
  readonly datasetDigest?: string | undefined;
}

/** What one request logs. It is taken whole or not at all. */
export interface LogBatch {
  readonly metrics?: readonly LoggedMetric[];
  readonly params?: readonly Pair[];
  readonly tags?: readonly Pair[];
}

/**
 * Stores what a client logged of a run, and gives the run as it is then. Sent again, it changes nothing. Throws NotFound, BadRequest (a
 * param that changed, a deleted run).
 */
export async function logBatch(
  work: Work,
  workspace: string,
  runId: string,
  { metrics = [], params = [], tags = [] }: LogBatch,
): Promise<KnownRun> {
  const { db, announce } = work;
  const run = await lockActiveRun(work, workspace, runId);
  let appended: Appended[] = [];
  if (params.length > 0) await addParamsOnce(db, runId, params);
  if (metrics.length > 0) {
    appended = await appendPoints(db, runId, piecesOf(metrics, run.attempt));
    await logModelMetrics(db, workspace, runId, metrics);
    announce({ kind: "metrics", workspace, runId, names: [...new Set(metrics.map(({ name }) => storableName(name)))] });
  }
  if (tags.length > 0) await setTags(work, runId, tags);
  if (tags.length + params.length > 0) announce({ kind: "run", workspace, runId, names: [] });
  const curves = appended.filter(({ series }) => series.kind === "number" && series.is_latest === 1);
  return { ...run, series: new Map(curves.map(({ series, tail }) => [series.name, { series, tail: tailOf(tail) }])) };
}

/** Makes writers of one run wait for each other, and refuses a run that is deleted or of another workspace. */
export async function lockActiveRun({ db }: Work, workspace: string, runId: string): Promise<Omit<KnownRun, "series">> {
  const ofRun = <C extends "workspace" | "deleted_at" | "attempts" | "version" | "created_at">(column: C) =>
    sql<RunRow[C]>`(select ${sql.ref(`runs.${column}`)} from runs where runs.id = run_takes.run_id)`.as(column);
  // one question, as a database may be far away
  const run = await db
    .updateTable("run_takes")
    .set((set) => ({ takes: set("takes", "+", 1) }))
    .where("run_id", "=", runId)
    .returning(["takes", ofRun("workspace"), ofRun("deleted_at"), ofRun("attempts"), ofRun("version"), ofRun("created_at")])
    .executeTakeFirst();
  if (run === undefined || run.workspace !== workspace) throw runNotFound(runId);
  if (run.deleted_at !== null) throw runNotActive(runId);
  const { takes, version, created_at: createdAt } = run;
  return { runId, workspace, createdAt, version, takes, attempt: fromJson<Attempt[]>(run.attempts).at(-1)?.number ?? 1 };
}

export const runNotFound = (runId: string) => new NotFound(`Run with id=${runId} not found`, { details: { runId } });
const runNotActive = (runId: string) =>
  new BadRequest(`The run ${runId} must be in the 'active' state. Current state is deleted. Restore it first.`, { details: { runId } });

/** One piece per name, in the order the values came. */
export function piecesOf(metrics: readonly LoggedMetric[], attempt: number): Piece[] {
  const pieces = new Map<string, { values: number[]; steps: number[]; times: number[] }>();
  for (const { name, value, step, time } of metrics) {
    let piece = pieces.get(name);
    if (piece === undefined) {
      piece = { values: [], steps: [], times: [] };
      pieces.set(name, piece);
    }
    piece.values.push(value);
    piece.steps.push(step);
    piece.times.push(time);
  }
  return [...pieces].map(([name, piece]) => ({ origin: "script", kind: "number", name, attempt, once: true, ...piece }));
}

/** Sets tags of a run; those that say the same as a field of ours set that too. */
export async function setTags({ db }: Work, runId: string, tags: readonly Pair[]): Promise<void> {
  await writeTags(db, runId, Object.fromEntries(tags.map(({ name, value }) => [name, value])));
  const fields = fieldsSaidBy(tags);
  if (Object.keys(fields).length > 0) await db.updateTable("runs").set(fields).where("id", "=", runId).execute();
}

function fieldsSaidBy(tags: readonly Pair[]): { display_name?: string; description?: string } {
  const said = (name: string) => tags.findLast((tag) => tag.name === name)?.value;
  const [displayName, description] = [said(RUN_NAME_TAG), said(NOTE_TAG)];
  return {
    ...(displayName !== undefined && { display_name: storable(displayName) }),
    ...(description !== undefined && { description: storable(description) }),
  };
}

/** Removes one tag. Throws NotFound when the run has no such tag. */
export async function deleteTag(work: Work, workspace: string, runId: string, name: string): Promise<void> {
  await lockActiveRun(work, workspace, runId);
  const known = await work.db
    .selectFrom("run_tags")
    .select("name")
    .where("run_id", "=", runId)
    .where("name", "=", storableName(name))
    .executeTakeFirst();
  if (known === undefined) throw new NotFound(`No tag with name: ${name} in run with id ${runId}`);
  await deleteTags(work.db, runId, [name]);
  if (name === NOTE_TAG) await work.db.updateTable("runs").set({ description: null }).where("id", "=", runId).execute();
  work.announce({ kind: "run", workspace, runId, names: [] });
}

/** Deletes a run from lists, or brings it back; nothing of it is lost. */
export async function setDeleted(work: Work, workspace: string, runId: string, deletedAt: Date | null): Promise<void> {
  const { numUpdatedRows } = await work.db
    .updateTable("runs")
    .set({ deleted_at: deletedAt?.getTime() ?? null })
    .where("id", "=", runId)
    .where("workspace", "=", workspace)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw runNotFound(runId);
  work.announce({ kind: "run", workspace, runId, names: [] });
}
