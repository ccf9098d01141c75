import type { JsonValue, MetricPoints } from "@switchyard/protocol";
import type { Queries } from "../database/database.ts";
import { decodeChunk, type Points } from "./chunk.ts";
import { downsampler, evenIndexes } from "./downsample.ts";
import { type Curve, kindOf } from "./series.ts";

/** Chunks fetched at once: a few megabytes at most. */
const CHUNKS_PER_READ = 32;
/** A sample of a series that is no curve reads at most this many chunks, however long the series is. */
const MAX_SAMPLED_CHUNKS = 100;

/** A stretch of a curve; `steps` are complete. */
export interface SamplePart {
  readonly steps: number[];
  readonly times: number[];
  readonly values: JsonValue[];
}

interface Chunk extends Points<Float64Array | readonly JsonValue[]> {
  /** index of its first point in the whole curve */
  readonly first: number;
}

/** The points of a curve, at most `maxPoints` of them. */
export async function readPoints(db: Queries, curve: Curve, maxPoints: number | undefined): Promise<MetricPoints> {
  const total = curve.parts.reduce((sum, part) => sum + part.count, 0);
  const kind = kindOf(curve.parts);
  const downsampled = maxPoints !== undefined && total > maxPoints;
  const attempt = curve.parts.at(-1)?.attempt as number;
  const read = downsampled ? (kind === "number" ? readCurve : readSample) : readAll;
  return { name: curve.name, kind, attempt, total, downsampled, ...(await read(db, curve, total, maxPoints ?? total)) };
}

/** All points of a curve, a few chunks at a time. */
export async function* streamPoints(db: Queries, curve: Curve): AsyncGenerator<SamplePart> {
  for await (const chunk of chunksOf(db, curve)) {
    const part = emptyPart();
    for (let offset = 0; offset < chunk.times.length; offset++) addPoint(part, chunk, offset);
    yield part;
  }
}

async function readAll(db: Queries, curve: Curve): Promise<SamplePart> {
  const part = emptyPart();
  for await (const chunk of chunksOf(db, curve)) for (let offset = 0; offset < chunk.times.length; offset++) addPoint(part, chunk, offset);
  return part;
}

async function readCurve(db: Queries, curve: Curve, total: number, maxPoints: number): Promise<SamplePart> {
  const part = emptyPart();
  const hasNonFinite = curve.parts.some((series) => series.non_finite > 0);
  const take = downsampler<Chunk>(total, maxPoints, hasNonFinite, (chunk, offset) => addPoint(part, chunk, offset));
  for await (const chunk of chunksOf(db, curve)) take(chunk.values as Float64Array, chunk);
  return part;
}

/** Values that have no order are sampled: evenly spaced chunks, and evenly spaced points of those. */
async function readSample(db: Queries, curve: Curve, _total: number, maxPoints: number): Promise<SamplePart> {
  const part = emptyPart();
  const places = await placesOf(db, curve);
  const chosen = evenIndexes(places.length, Math.min(MAX_SAMPLED_CHUNKS, maxPoints)).map((index) => places[index] as Place);
  const perChunk = Math.max(1, Math.floor(maxPoints / chosen.length));
  for (const place of chosen) {
    const { bytes } = await db
      .selectFrom("metric_chunks")
      .select("bytes")
      .where("series_id", "=", place.seriesId)
      .where("first_index", "=", place.firstIndex)
      .executeTakeFirstOrThrow();
    const chunk: Chunk = { ...decodeChunk(bytes), first: place.first };
    const offsets = perChunk === 1 ? [place === chosen.at(-1) ? chunk.times.length - 1 : 0] : evenIndexes(chunk.times.length, perChunk);
    for (const offset of offsets) addPoint(part, chunk, offset);
  }
  return part;
}

interface Place {
  readonly seriesId: number;
  readonly firstIndex: number;
  readonly first: number;
}

async function placesOf(db: Queries, curve: Curve): Promise<Place[]> {
  const places: Place[] = [];
  let before = 0;
  for (const { id, count } of curve.parts) {
    const rows = await db.selectFrom("metric_chunks").select("first_index").where("series_id", "=", id).orderBy("first_index").execute();
    for (const row of rows) places.push({ seriesId: id, firstIndex: row.first_index, first: before + row.first_index });
    before += count;
  }
  return places;
}

async function* chunksOf(db: Queries, curve: Curve): AsyncGenerator<Chunk> {
  let before = 0;
  for (const series of curve.parts) {
    for (let next = 0; next < series.count; ) {
      const rows = await db
        .selectFrom("metric_chunks")
        .select(["first_index", "count", "bytes"])
        .where("series_id", "=", series.id)
        .where("first_index", ">=", next)
        .orderBy("first_index")
        .limit(CHUNKS_PER_READ)
        .execute();
      for (const row of rows) yield clipped({ ...decodeChunk(row.bytes), first: before + row.first_index }, series.count - row.first_index);
      const last = rows.at(-1);
      if (!last) break;
      next = last.first_index + last.count;
    }
    before += series.count;
  }
}

/** Points that were added after the series was looked up are left for the next reader. */
function clipped(chunk: Chunk, count: number): Chunk {
  if (chunk.times.length <= count) return chunk;
  return { ...chunk, values: chunk.values.slice(0, count), times: chunk.times.slice(0, count) };
}

const emptyPart = (): SamplePart => ({ steps: [], times: [], values: [] });

function addPoint(part: SamplePart, { first, steps, times, values }: Chunk, offset: number): void {
  const step = steps?.[offset];
  const value = values[offset] as JsonValue;
  part.steps.push(step === undefined || Number.isNaN(step) ? first + offset : step);
  part.times.push(times[offset] as number);
  part.values.push(typeof value === "number" && !Number.isFinite(value) ? String(value) : value);
}

/** A curve of numbers as columns, in the order they were logged; `steps` are complete. */
export interface NumberColumns {
  readonly values: Float64Array;
  readonly steps: Float64Array;
  readonly times: Float64Array;
}

/** All numbers of a curve; what was logged under the same name and is no number is left out. */
export async function readNumbers(db: Queries, curve: Curve): Promise<NumberColumns> {
  const total = curve.parts.reduce((sum, part) => sum + part.count, 0);
  const columns = { values: new Float64Array(total), steps: new Float64Array(total), times: new Float64Array(total) };
  let at = 0;
  for await (const { first, values, steps, times } of chunksOf(db, curve)) {
    if (!(values instanceof Float64Array)) continue;
    columns.values.set(values, at);
    columns.times.set(times, at);
    for (let offset = 0; offset < values.length; offset++) {
      const step = steps?.[offset];
      columns.steps[at + offset] = step === undefined || Number.isNaN(step) ? first + offset : step;
    }
    at += values.length;
  }
  return at === total
    ? columns
    : { values: columns.values.subarray(0, at), steps: columns.steps.subarray(0, at), times: columns.times.subarray(0, at) };
}
