import type { JsonValue, MetricKind } from "@switchyard/protocol";
import type { SeriesRow } from "../database/schema/metrics.ts";
import { toJson } from "../database/text.ts";
import { type Block, blockOfLogged, cutBlocks } from "./block.ts";

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

/** A series as its row is to be; without an id until it is stored. */
export type Series = Omit<SeriesRow, "id"> & { id?: number };

/** Points of a series that are stored together, from index `first` on. */
export interface Chunk {
  readonly first: number;
  readonly block: Block;
}

/** A tail chunk with fewer points is written again together with the points that follow: short enough that PostgreSQL keeps it in its row. */
export const TAIL_POINTS = 128;
/** What lists show of a longer last value is null. */
const MAX_LAST_LENGTH = 65_536;

export function newSeries(runId: string, { origin, name, attempt, kind }: Piece): Series {
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

/** Counts the points into the series, which it changes, and gives the chunks to write, the first of them in place of the tail. */
export function extend(series: Series, pieces: readonly Piece[], tail: Block | undefined): Chunk[] {
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
export function markLatest(series: readonly Series[]): Set<Series> {
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
