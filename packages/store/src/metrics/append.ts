import type { JsonValue, MetricKind } from "@switchyard/protocol";
import type { Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import type { SeriesRow } from "../database/schema.ts";
import { storableName, toJson } from "../database/text.ts";
import { type Block, blockOfChunk, blockOfLogged, cutBlocks } from "./block.ts";
import { decodeChunk, encodeChunk } from "./chunk.ts";
import { withoutRepeats } from "./once.ts";

/** `script`: logged by the run. `host`: measured by the sampler. */
export type SeriesOrigin = "script" | "host";

/** Some points of one series, in recording order; `null` steps are counted. */
export interface Piece {
  readonly origin: SeriesOrigin;
  readonly name: string;
  readonly attempt: number;
  readonly kind: MetricKind;
  /** numbers when `kind` is `number` */
  readonly values: readonly JsonValue[] | readonly number[];
  readonly steps: readonly (number | null)[];
  readonly times: readonly number[];
  /** a point with the step, time and value of an earlier one is that one */
  readonly once?: boolean;
}

/** A tail chunk with fewer points is written again together with the points that follow. */
const TAIL_POINTS = 256;
/** … unless it is as long as this: one large table is not written twice. */
const TAIL_BYTES = 65_536;
/** What lists show of a longer last value is null. */
const MAX_LAST_LENGTH = 65_536;

type Series = Omit<SeriesRow, "id"> & { id?: number };
interface Chunk {
  readonly first: number;
  readonly block: Block;
}

/** Appends points to the series of one run. The caller holds the run's take lock. */
export async function appendPoints(db: Queries, runId: string, pieces: readonly Piece[]): Promise<void> {
  const given = pieces.filter((piece) => piece.values.length > 0).map((piece) => ({ ...piece, name: storableName(piece.name) }));
  if (given.length === 0) return;
  const { known, tails } = await loadSeries(db, runId, given);
  const filled = (await withoutRepeats(db, given, (piece) => known.get(keyOf(piece)))).filter((piece) => piece.values.length > 0);
  const chunks = new Map<string, Chunk[]>();
  for (const [key, own] of Map.groupBy(filled, keyOf)) {
    const series = known.get(key) ?? newSeries(runId, own[0] as Piece);
    known.set(key, series);
    chunks.set(key, extend(series, own, tails.get(series.id ?? 0)));
  }
  const retired = markLatest([...known.values()]);
  await saveSeries(
    db,
    [...known].flatMap(([key, series]) => (chunks.has(key) || retired.has(series) ? [series] : [])),
    known,
  );
  await saveChunks(
    db,
    [...chunks].map(([key, own]) => [known.get(key)?.id as number, own]),
  );
}

const keyOf = (of: { origin: string; name: string; attempt: number }): string => `${of.origin} ${of.attempt} ${of.name}`;

interface Loaded {
  readonly known: Map<string, Series>;
  /** the newest chunks that are short enough to be written again, by series id */
  readonly tails: ReadonlyMap<number, Block>;
}

/** The series of all attempts that have one of the pieces' names, with their tails: one question, as a database may be far away. */
async function loadSeries(db: Queries, runId: string, pieces: readonly Piece[]): Promise<Loaded> {
  const names = [...new Set(pieces.map((piece) => piece.name))];
  const known = new Map<string, Series>();
  const tails = new Map<number, Block>();
  for (const group of inGroups(names)) {
    const rows = await db
      .selectFrom("metric_series as series")
      .leftJoin("metric_chunks as tail", (join) =>
        join
          .onRef("tail.series_id", "=", "series.id")
          .onRef("tail.first_index", "=", "series.tail_first")
          .on((on) => on(on("series.count", "-", on.ref("series.tail_first")), "<", TAIL_POINTS))
          .on((on) => on(on.fn<number>("length", ["tail.bytes"]), "<", TAIL_BYTES)),
      )
      .selectAll("series")
      .select("tail.bytes as tail_bytes")
      .where("series.run_id", "=", runId)
      .where("series.name", "in", group)
      .execute();
    for (const { tail_bytes, ...row } of rows) {
      known.set(keyOf(row), row);
      if (tail_bytes !== null) tails.set(row.id, blockOfChunk(decodeChunk(tail_bytes)));
    }
  }
  return { known, tails };
}

function newSeries(runId: string, { origin, name, attempt, kind }: Piece): Series {
  return {
    run_id: runId,
    origin,
    name,
    attempt,
    kind,
    count: 0,
    non_finite: 0,
    min: null,
    max: null,
    last: null,
    last_number: null,
    sort_number: null,
    last_step: null,
    last_time: null,
    newest_time: Number.MIN_SAFE_INTEGER,
    is_latest: 1,
    tail_first: 0,
  };
}

/** Counts the points into the series and gives the chunks to write, the first of them in place of the tail. */
function extend(series: Series, pieces: readonly Piece[], tail: Block | undefined): Chunk[] {
  let first = tail ? series.tail_first : series.count;
  for (const piece of pieces) countIn(series, piece);
  const blocks = pieces.map(blockOfLogged);
  const chunks = cutBlocks(tail ? [tail, ...blocks] : blocks).map((block) => {
    const chunk = { first, block };
    first += block.times.length;
    return chunk;
  });
  series.tail_first = chunks.at(-1)?.first ?? series.tail_first;
  return chunks;
}

function countIn(series: Series, piece: Piece): void {
  const { kind, values } = piece;
  // A series of numbers that gets another value becomes that kind; its numbers stay as they are.
  if (kind !== "number" && series.kind === "number") series.kind = kind;
  const latest = series.kind === "number" ? latestOf(series, piece) : placeOf(series, piece, values.length - 1);
  if (latest !== null) setLast(series, latest);
  if (series.newest_time !== null) for (const time of piece.times) if (time > series.newest_time) series.newest_time = Math.round(time);
  series.count += values.length;
  if (kind !== "number") return;
  for (const value of values as readonly number[]) {
    if (!Number.isFinite(value)) series.non_finite++;
    else {
      if (series.min === null || value < series.min) series.min = value;
      if (series.max === null || value > series.max) series.max = value;
    }
  }
}

/** A value and where it stands on its curve. */
interface Placed {
  readonly value: JsonValue;
  readonly step: number;
  readonly time: number;
}

/** A point that is logged without a step has its place on the curve as its step. */
function placeOf(series: Series, { values, steps, times }: Piece, at: number): Placed {
  return { value: values[at] as JsonValue, step: steps[at] ?? series.count + at, time: Math.round(times[at] as number) };
}

/** The point of a piece that comes after all others and after the series' last; null when that one stays. Without a step it is the newest. */
function latestOf(series: Series, piece: Piece): Placed | null {
  const before = lastOf(series);
  let latest = before;
  for (let at = 0; at < piece.values.length; at++) {
    const point = placeOf(series, piece, at);
    if (latest === null || piece.steps[at] === null || comesAfter(point, latest)) latest = point;
  }
  return latest === before ? null : latest;
}

function lastOf({ count, last_number, last_step, last_time }: Series): Placed | null {
  if (count === 0 || last_step === null || last_time === null) return null;
  return { value: last_number ?? Number.NaN, step: last_step, time: last_time };
}

/** The greater step comes later; of one step the greater time; of one instant the greater value, and of equals what was logged later. */
function comesAfter(point: Placed, than: Placed): boolean {
  if (point.step !== than.step) return point.step > than.step;
  if (point.time !== than.time) return point.time > than.time;
  return !((point.value as number) < (than.value as number));
}

const sortNumberOf = (value: number): number | null =>
  Number.isNaN(value) ? null : Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value));

function setLast(series: Series, { value, step, time }: Placed): void {
  const text = toJson(typeof value === "number" && !Number.isFinite(value) ? String(value) : value);
  series.last = text.length <= MAX_LAST_LENGTH ? text : null;
  series.last_number = typeof value === "number" && Number.isFinite(value) ? value : null;
  series.sort_number = series.kind === "number" ? sortNumberOf(value as number) : null;
  series.last_step = step;
  series.last_time = time;
}

/** The last attempt that has a series is the one lists show. Returns those that no longer are. */
function markLatest(series: readonly Series[]): Set<Series> {
  const changed = new Set<Series>();
  for (const attempts of Map.groupBy(series, (one) => `${one.origin} ${one.name}`).values()) {
    const latest = Math.max(...attempts.map((one) => one.attempt));
    for (const one of attempts) {
      const flag = one.attempt === latest ? 1 : 0;
      if (one.is_latest !== flag) changed.add(one);
      one.is_latest = flag;
    }
  }
  return changed;
}

async function saveSeries(db: Queries, changed: readonly Series[], known: Map<string, Series>): Promise<void> {
  for (const rows of inGroups(changed.map(({ id: _, ...row }) => row))) {
    const saved = await db
      .insertInto("metric_series")
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(["run_id", "origin", "name", "attempt"]).doUpdateSet((set) => ({
          kind: set.ref("excluded.kind"),
          count: set.ref("excluded.count"),
          non_finite: set.ref("excluded.non_finite"),
          min: set.ref("excluded.min"),
          max: set.ref("excluded.max"),
          last: set.ref("excluded.last"),
          last_number: set.ref("excluded.last_number"),
          sort_number: set.ref("excluded.sort_number"),
          last_step: set.ref("excluded.last_step"),
          last_time: set.ref("excluded.last_time"),
          newest_time: set.ref("excluded.newest_time"),
          is_latest: set.ref("excluded.is_latest"),
          tail_first: set.ref("excluded.tail_first"),
        })),
      )
      .returning(["id", "origin", "name", "attempt"])
      .execute();
    for (const row of saved) (known.get(keyOf(row)) as Series).id = row.id;
  }
}

async function saveChunks(db: Queries, chunks: readonly (readonly [number, readonly Chunk[]])[]): Promise<void> {
  const rows = chunks.flatMap(([seriesId, own]) =>
    own.map(({ first, block }) => ({ series_id: seriesId, first_index: first, count: block.times.length, bytes: encodeChunk(block) })),
  );
  for (const group of inGroups(rows)) {
    await db
      .insertInto("metric_chunks")
      .values(group)
      .onConflict((conflict) =>
        conflict
          .columns(["series_id", "first_index"])
          .doUpdateSet((set) => ({ count: set.ref("excluded.count"), bytes: set.ref("excluded.bytes") })),
      )
      .execute();
  }
}
