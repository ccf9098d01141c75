import { RUN_STATUSES } from "@switchyard/protocol";
import { type Expression, sql } from "kysely";

/** What kind of literal a field is compared with. */
export type FieldType = "text" | "number" | "instant" | "status";

/** A plain field of a run that a `where` may name: its words, its type and its value in SQL. */
export interface Field {
  readonly type: FieldType;
  readonly value: Expression<unknown>;
}

const column = (name: string, type: FieldType = "text"): Field => ({ type, value: sql.ref(`runs.${name}`) });
/** Seconds from start to end; of a run that is not ended, nothing. */
const duration: Field = { type: "number", value: sql`(cast(runs.ended_at - runs.started_at as double precision) / 1000)` };

/** Names as the API shows them, and their short forms. */
export const FIELDS: Readonly<Record<string, Field>> = {
  runId: column("id"),
  id: column("id"),
  number: { type: "number", value: sql`cast(runs.number as double precision)` },
  status: column("status", "status"),
  target: column("target"),
  experiment: column("experiment"),
  experimentName: column("experiment"),
  type: column("type"),
  runType: column("type"),
  displayName: column("display_name"),
  name: column("display_name"),
  description: column("description"),
  parent: column("parent_id"),
  parentRunId: column("parent_id"),
  rootRunId: column("root_id"),
  submittedBy: column("submitted_by"),
  snapshotId: column("snapshot_id"),
  environment: column("environment_name"),
  created: column("created_at", "instant"),
  createdUtc: column("created_at", "instant"),
  started: column("started_at", "instant"),
  startTimeUtc: column("started_at", "instant"),
  ended: column("ended_at", "instant"),
  endTimeUtc: column("ended_at", "instant"),
  duration,
};

/** Groups whose members have names that people chose: `metrics.loss`, `tags."my tag"`. */
export const GROUPS = ["metrics", "tags", "properties"] as const;
export type Group = (typeof GROUPS)[number];

const BY_LOWER_CASE = new Map(Object.keys(FIELDS).map((name) => [name.toLowerCase(), name]));

/** The field with this name, whatever its case. */
export function findField(name: string): Field | undefined {
  const known = BY_LOWER_CASE.get(name.toLowerCase());
  return known === undefined ? undefined : FIELDS[known];
}

/** The status with this name, whatever its case. */
export const findStatus = (word: string) => RUN_STATUSES.find((status) => status.toLowerCase() === word.toLowerCase());
