import type { Generated } from "kysely";
import type { Flag, JsonText, Millis, PairRow } from "./columns.ts";

export interface RunRow {
  id: string;
  number: number;
  workspace: string;
  experiment: string;
  parent_id: string | null;
  root_id: string;
  type: string;
  display_name: string | null;
  description: string | null;
  submitted_by: string | null;
  target: string;
  snapshot_id: string | null;
  environment_name: string | null;
  environment_version: string | null;
  may_prepare: Flag;
  state: string;
  outcome: string | null;
  error: JsonText | null;
  warnings: JsonText;
  preparing: Flag;
  unreachable_since: Millis | null;
  missing_since: Millis | null;
  cancel_requested_at: Millis | null;
  cancel_grace_seconds: number;
  cancel_sent_at: Millis | null;
  cancel_reason: JsonText | null;
  failure: JsonText | null;
  job_id: string | null;
  launches: number;
  handle: JsonText | null;
  waits_for: string | null;
  attempts: JsonText;
  left_jobs: JsonText;
  sealed_secrets: string | null;
  created_at: Millis;
  started_at: Millis | null;
  ended_at: Millis | null;
  removed_at: Millis | null;
  /** somebody wants what it left on its compute to go, however long such things are kept */
  clean_requested_at: Millis | null;
  version: number;
  /** derived at every write: the status people see, so that lists can filter and sort by it */
  status: string;
  /** derived at every write: `open` (not ended), `removable` (ended, its directory is still there) or null */
  attention: string | null;
  /** the server instance that looks after the run */
  owner: string | null;
  /** archived with its experiment or deleted by an MLflow client, who may restore it: lists leave it out */
  deleted_at: Millis | null;
  /** last, because it is the longest */
  definition: JsonText;
}

export interface TagRow {
  run_id: string;
  name: string;
  value: string | null;
}

export interface PropertyRow {
  run_id: string;
  name: string;
  value: string;
}

export interface TimelineRow {
  id: Generated<number>;
  run_id: string;
  at: Millis;
  attempt: number | null;
  what: string;
  detail: string | null;
}

export interface CursorRow {
  run_id: string;
  attempt: number;
  file: string;
  offset: number;
  lines_skipped: number;
}

/** One row per run whose update makes takers of that run wait for each other. */
export interface TakeRow {
  run_id: string;
  takes: number;
}

export interface ResumeRow {
  run_id: string;
  attempt: number;
}

export interface RunDataRow {
  run_id: string;
  data: JsonText;
}

/** The tables of runs and all that is known of them but their metrics. */
export interface RunsTables {
  runs: RunRow;
  run_tags: TagRow;
  run_properties: PropertyRow;
  run_params: PairRow & { run_id: string };
  run_timeline: TimelineRow;
  run_cursors: CursorRow;
  run_takes: TakeRow;
  run_resumes: ResumeRow;
  run_data: RunDataRow;
}
