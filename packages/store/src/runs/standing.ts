import type { JsonObject } from "@switchyard/protocol";
import type { Queries } from "../database/database.ts";
import type { RunRow } from "../database/schema/runs.ts";
import { fromJson } from "../database/text.ts";
import type { LeftJob, RunRecord } from "./record.ts";

/** As much of a run as decides who gets the nodes of a cluster: read often and of many runs, so without what is long. */
export interface RunStanding extends Pick<RunRecord, "id" | "number" | "state" | "jobId" | "launches" | "submittedBy" | "version"> {
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly cancelRequested: boolean;
  /** jobs that were given up and may still be running */
  readonly toBeStopped: readonly string[];
}

const COLUMNS = [
  ...(["id", "number", "state", "job_id", "launches", "submitted_by", "version"] as const),
  ...(["created_at", "started_at", "cancel_requested_at", "left_jobs"] as const),
  ...(["outcome", "handle", "cancel_sent_at"] as const),
] as const;
/** Parameters of one query that every database takes. */
const AT_ONCE = 500;

export async function standingOn(db: Queries, workspace: string, target: string, alsoIds: readonly string[]): Promise<RunStanding[]> {
  const open = await db
    .selectFrom("runs")
    .select(COLUMNS)
    .where("attention", "=", "open")
    .where("workspace", "=", workspace)
    .where("target", "=", target)
    .orderBy("created_at")
    .orderBy("number")
    .orderBy("id")
    .execute();
  const known = new Set(open.map(({ id }) => id));
  const missing = alsoIds.filter((id) => !known.has(id));
  const others = await inParts(missing, (ids) => db.selectFrom("runs").select(COLUMNS).where("id", "in", ids).execute());
  return [...others, ...open].map((row) => ({
    id: row.id,
    number: row.number,
    state: row.state as RunRecord["state"],
    jobId: row.job_id,
    launches: row.launches,
    submittedBy: row.submitted_by,
    version: row.version,
    createdAt: new Date(row.created_at),
    startedAt: row.started_at === null ? null : new Date(row.started_at),
    cancelRequested: row.cancel_requested_at !== null,
    toBeStopped: [...jobsToStop(row.left_jobs), ...(isAbandoned(row) && row.job_id !== null ? [row.job_id] : [])],
  }));
}

export async function definitionsOf(db: Queries, ids: readonly string[]): Promise<ReadonlyMap<string, JsonObject>> {
  const rows = await inParts(ids, (part) => db.selectFrom("runs").select(["id", "definition"]).where("id", "in", part).execute());
  return new Map(rows.map(({ id, definition }) => [id, fromJson<JsonObject>(definition)]));
}

/** A run that was lost, whose machine has yet to be told that its job is to stop. */
const isAbandoned = ({ outcome, handle, cancel_sent_at }: Pick<RunRow, "outcome" | "handle" | "cancel_sent_at">): boolean =>
  outcome === "lost" && handle !== null && cancel_sent_at === null;

function jobsToStop(text: string): string[] {
  if (text === "[]") return [];
  return fromJson<LeftJob[]>(text).flatMap(({ stop, handle }) => (stop && typeof handle.jobId === "string" ? [handle.jobId] : []));
}

async function inParts<T>(ids: readonly string[], read: (part: readonly string[]) => Promise<T[]>): Promise<T[]> {
  const rows: T[] = [];
  for (let from = 0; from < ids.length; from += AT_ONCE) rows.push(...(await read(ids.slice(from, from + AT_ONCE))));
  return rows;
}
