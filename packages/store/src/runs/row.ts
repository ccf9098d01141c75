import { type RunStatus, statusOf } from "@switchyard/protocol";
import type { RunRow } from "../database/schema/runs.ts";
import { fromJson, storable, toJson } from "../database/text.ts";
import type { RunRecord } from "./record.ts";

/** How a field of a record lies in its column. */
interface Column {
  readonly name: keyof RunRow;
  write(value: never): unknown;
  read(value: never): unknown;
}

const text = (name: keyof RunRow): Column => ({
  name,
  write: (value: string | null) => (value === null ? null : storable(value)),
  read: (value: unknown) => value,
});
const number = (name: keyof RunRow): Column => ({ name, write: (value: number) => value, read: (value: unknown) => value });
const flag = (name: keyof RunRow): Column => ({ name, write: (value: boolean) => (value ? 1 : 0), read: (value: number) => value === 1 });
const instant = (name: keyof RunRow): Column => ({
  name,
  write: (value: Date | null | undefined) => value?.getTime() ?? null,
  read: (value: number | null) => (value === null ? null : new Date(value)),
});
const json = (name: keyof RunRow): Column => ({
  name,
  write: (value: unknown) => (value === null ? null : toJson(value)),
  read: (value: string | null) => (value === null ? null : fromJson(value)),
});

const COLUMNS: Readonly<Record<keyof RunRecord, Column>> = {
  id: text("id"),
  number: number("number"),
  workspace: text("workspace"),
  experiment: text("experiment"),
  parentId: text("parent_id"),
  rootId: text("root_id"),
  type: text("type"),
  displayName: text("display_name"),
  description: text("description"),
  submittedBy: text("submitted_by"),
  target: text("target"),
  definition: json("definition"),
  snapshotId: text("snapshot_id"),
  environmentName: text("environment_name"),
  environmentVersion: text("environment_version"),
  mayPrepare: flag("may_prepare"),
  state: text("state"),
  outcome: text("outcome"),
  error: json("error"),
  warnings: json("warnings"),
  preparing: flag("preparing"),
  unreachableSince: instant("unreachable_since"),
  missingSince: instant("missing_since"),
  cancelRequestedAt: instant("cancel_requested_at"),
  cancelGraceSeconds: number("cancel_grace_seconds"),
  cancelSentAt: instant("cancel_sent_at"),
  cancelReason: json("cancel_reason"),
  failure: json("failure"),
  jobId: text("job_id"),
  launches: number("launches"),
  handle: json("handle"),
  waitsFor: text("waits_for"),
  attempts: json("attempts"),
  left: json("left_jobs"),
  sealedSecrets: text("sealed_secrets"),
  createdAt: instant("created_at"),
  startedAt: instant("started_at"),
  endedAt: instant("ended_at"),
  removedAt: instant("removed_at"),
  cleanRequestedAt: instant("clean_requested_at"),
  version: number("version"),
};
const FIELDS = Object.entries(COLUMNS) as [keyof RunRecord, Column][];
const COLUMN_NAMES = FIELDS.map(([, column]) => column.name);

/** The columns a record is read from. */
export const RECORD_COLUMNS: readonly (keyof RunRow)[] = COLUMN_NAMES;

/** The status people see, of a run as it is stored. Lists filter and sort by the same word. */
export function statusOfRecord(record: RunRecord): RunStatus {
  return statusOf({ ...record, unreachable: record.unreachableSince !== null });
}

/** Who has to look after the run: its directory may outlive it. */
function attentionOf(record: RunRecord): "open" | "removable" | null {
  if (record.state !== "ended") return "open";
  return record.removedAt === null && (record.handle !== null || record.left.length > 0) ? "removable" : null;
}

type Row = Omit<RunRow, "owner">;
const derivedColumns = (record: RunRecord) => ({ status: statusOfRecord(record), attention: attentionOf(record) });

export function toRow(record: RunRecord): Row {
  const row = FIELDS.map(([field, column]) => [column.name, column.write(record[field] as never)]);
  return { ...Object.fromEntries(row), ...derivedColumns(record) } as Row;
}

/** The columns that differ, `version` left out: a writer leaves alone what it did not mean to change. */
export function changedColumns(was: RunRecord, next: RunRecord): Partial<Row> {
  const columns: Record<string, unknown> = derivedColumns(next);
  for (const [field, column] of FIELDS) {
    if (field === "version" || was[field] === next[field]) continue;
    const written = column.write(next[field] as never);
    if (written !== column.write(was[field] as never)) columns[column.name] = written;
  }
  return columns;
}

export function fromRow(row: Pick<RunRow, (typeof RECORD_COLUMNS)[number]>): RunRecord {
  const record: Record<string, unknown> = {};
  for (const [field, column] of FIELDS) record[field] = column.read(row[column.name] as never);
  return record as unknown as RunRecord;
}
