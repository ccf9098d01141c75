import type { RepeatedStatement } from "../../database/repeatedStatement.ts";
import { toJson } from "../../database/text.ts";
import { CHANGE_CHANNEL } from "../../events/changes.ts";
import { encodeChunk } from "../../metrics/chunk.ts";
import type { Chunk, Series } from "../../metrics/extend.ts";
import type { KnownRun } from "./knownRuns.ts";

/** What one run gets in a group: its series as they are to be, and the chunks that are new or longer. */
export interface RunWrite {
  /** as it is before */
  readonly run: KnownRun;
  readonly written: readonly { readonly series: Series; readonly chunks: readonly Chunk[] }[];
}

const SERIES_COLUMNS = {
  count: "bigint",
  non_finite: "bigint",
  min: "float8",
  max: "float8",
  last: "text",
  last_number: "float8",
  sort_number: "float8",
  last_step: "float8",
  last_time: "bigint",
  newest_time: "bigint",
  tail_first: "bigint",
} as const;
type SeriesColumn = keyof typeof SERIES_COLUMNS;
const CHANGED = Object.keys(SERIES_COLUMNS) as SeriesColumn[];

const WANT = { run_id: "text", takes: "bigint", version: "bigint", created_at: "bigint", workspace: "text", names: "text" };
const CHUNK = { run_id: "text", series_id: "bigint", first_index: "bigint", count: "bigint", bytes: "bytea" };

/** Columns that come as one array each, as a table: the text of the statement is the same however many rows there are. */
function tableOf(alias: string, columns: Readonly<Record<string, string>>, firstParameter: number): string {
  const arrays = Object.values(columns).map((type, at) => `$${firstParameter + at}::${type}[]`);
  return `unnest(${arrays.join(", ")}) as ${alias}(${Object.keys(columns).join(", ")})`;
}

const SERIES = { run_id: "text", id: "bigint", ...SERIES_COLUMNS };
const AT_SERIES = 1 + Object.keys(WANT).length;
const AT_CHUNKS = AT_SERIES + Object.keys(SERIES).length;
const AT_TELL = AT_CHUNKS + Object.keys(CHUNK).length;

/**
 * Writes points of several runs and tells of them, in one transaction of one statement. A run is written whole or, when anybody wrote
 * it since or is writing it now, changed or deleted it, not at all; what comes back are those that were. It waits for no run, and takes
 * the counter of changes last, as every transaction does (`events/changes.ts`): so it stands in nobody's way.
 */
export const GROUP_STATEMENT = {
  name: "switchyard_log_group",
  text: `
    with want as (select * from ${tableOf("want", WANT, 1)}),
    free as (
      select want.run_id, want.workspace, want.names
      from want cross join lateral (
        select 1 from run_takes where run_takes.run_id = want.run_id and run_takes.takes = want.takes limit 1 for update skip locked
      ) as held
      where (select runs.version = want.version and runs.created_at = want.created_at and runs.workspace = want.workspace
        and runs.deleted_at is null from runs where runs.id = want.run_id)
    ),
    held as (
      update run_takes set takes = run_takes.takes + 1 from free where run_takes.run_id = free.run_id returning run_takes.run_id
    ),
    extended as (
      update metric_series set ${CHANGED.map((column) => `${column} = given.${column}`).join(", ")}
      from ${tableOf("given", SERIES, AT_SERIES)}
      where metric_series.id = given.id and given.run_id in (select run_id from held)
    ),
    chunked as (
      insert into metric_chunks (series_id, first_index, count, bytes)
      select series_id, first_index, count, bytes from ${tableOf("given", CHUNK, AT_CHUNKS)}
      where given.run_id in (select run_id from held)
      on conflict (series_id, first_index) do update set count = excluded.count, bytes = excluded.bytes
    ),
    counted as (
      update counters set value = value + (select count(*) from held)
      where name = 'change' and (select count(*) from held) > 0 returning value
    ),
    told as (
      insert into changes (id, kind, workspace, run_id, names)
      select (select value from counted) + 1 - row_number() over (), 'metrics', workspace, run_id, names
      from free where run_id in (select run_id from held)
    )
    select run_id, (select value from counted) as last_change,
      (select pg_notify('${CHANGE_CHANNEL}', value::text) from counted where $${AT_TELL}::boolean)::text as notified
    from held`,
} as const;

export interface GroupAnswer {
  readonly written: ReadonlySet<string>;
  /** 0 when nothing was written */
  readonly lastChangeId: number;
}

/** Asks the statement; with `tell` it also wakes whoever listens for changes. Each run may stand in `writes` once. Null: nothing that is known of runs may be relied on (`RepeatedStatement`). */
export async function writeGroup(
  statement: RepeatedStatement,
  writes: readonly RunWrite[],
  { tell }: { readonly tell: boolean },
): Promise<GroupAnswer | null> {
  const rows = await statement.ask<{ run_id: string; last_change: number }>([...valuesOf(writes), tell]);
  return rows && { written: new Set(rows.map((row) => row.run_id)), lastChangeId: rows[0]?.last_change ?? 0 };
}

function valuesOf(writes: readonly RunWrite[]): unknown[] {
  const series = writes.flatMap(({ run, written }) => written.map((own) => ({ runId: run.runId, ...own })));
  const chunks = series.flatMap(({ runId, series: { id }, chunks }) => chunks.map((chunk) => ({ runId, id, ...chunk })));
  return [
    writes.map(({ run }) => run.runId),
    writes.map(({ run }) => run.takes),
    writes.map(({ run }) => run.version),
    writes.map(({ run }) => run.createdAt),
    writes.map(({ run }) => run.workspace),
    writes.map(({ written }) => toJson(written.map(({ series }) => series.name))),
    series.map(({ runId }) => runId),
    series.map(({ series: { id } }) => id),
    ...CHANGED.map((column) => series.map(({ series }) => series[column])),
    chunks.map(({ runId }) => runId),
    chunks.map(({ id }) => id),
    chunks.map(({ first }) => first),
    chunks.map(({ block }) => block.times.length),
    chunks.map(({ block }) => bufferOf(encodeChunk(block))),
  ];
}

const bufferOf = (bytes: Uint8Array<ArrayBuffer>): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
