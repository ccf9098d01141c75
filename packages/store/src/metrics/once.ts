import type { Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import { storableName } from "../database/text.ts";
import type { Piece } from "./append.ts";
import { decodeChunk } from "./chunk.ts";

/**
 * The pieces; those that say `once` without the points that are stored already, or twice among them: a client that does not know whether its
 * request was taken sends it again. A point is known by its step, time and value. The caller holds the run's take lock.
 */
export async function withoutRepeats(db: Queries, runId: string, pieces: readonly Piece[]): Promise<readonly Piece[]> {
  const once = pieces.filter((piece) => piece.once);
  if (once.length === 0) return pieces;
  const doubtful = await mayRepeat(db, runId, once);
  const filtered: Piece[] = pieces.filter((piece) => !piece.once);
  for (const [key, own] of Map.groupBy(once, keyOf)) {
    const seriesId = doubtful.get(key);
    const known = seriesId === undefined ? new Set<string>() : await pointsOf(db, seriesId);
    for (const piece of own) filtered.push(without(piece, known));
  }
  return filtered;
}

const keyOf = ({ attempt, name }: Piece) => `${attempt} ${storableName(name)}`;
const pointKey = (step: number | null, time: number, value: unknown) => `${step} ${time} ${value}`;

/** The series that have points as new as one of the pieces' or newer: only there can a point be a repeat. */
async function mayRepeat(db: Queries, runId: string, pieces: readonly Piece[]): Promise<Map<string, number>> {
  const oldest = new Map<string, number>();
  for (const piece of pieces) {
    const key = keyOf(piece);
    for (const time of piece.times) if (!(time >= (oldest.get(key) ?? Number.POSITIVE_INFINITY))) oldest.set(key, Math.round(time));
  }
  const found = new Map<string, number>();
  for (const names of inGroups([...new Set(pieces.map(({ name }) => storableName(name)))])) {
    const rows = await db
      .selectFrom("metric_series")
      .select(["id", "name", "attempt", "newest_time"])
      .where("run_id", "=", runId)
      .where("origin", "=", "script")
      .where("name", "in", names)
      .execute();
    for (const row of rows) {
      const key = `${row.attempt} ${row.name}`;
      if (row.newest_time === null || (oldest.get(key) ?? Number.POSITIVE_INFINITY) <= row.newest_time) found.set(key, row.id);
    }
  }
  return found;
}

async function pointsOf(db: Queries, seriesId: number): Promise<Set<string>> {
  const rows = await db.selectFrom("metric_chunks").select(["first_index", "bytes"]).where("series_id", "=", seriesId).execute();
  const known = new Set<string>();
  for (const { first_index, bytes } of rows) {
    const { steps, times, values } = decodeChunk(bytes);
    for (let at = 0; at < times.length; at++) {
      const step = steps?.[at] ?? Number.NaN;
      known.add(pointKey(Number.isNaN(step) ? first_index + at : step, times[at] as number, values[at]));
    }
  }
  return known;
}

function without(piece: Piece, known: Set<string>): Piece {
  const { values, steps, times } = piece;
  if (values.length === 1 && known.size === 0) {
    known.add(pointKey(steps[0] as number | null, Math.round(times[0] as number), values[0]));
    return piece;
  }
  const kept: number[] = [];
  for (let at = 0; at < values.length; at++) {
    const key = pointKey(steps[at] as number | null, Math.round(times[at] as number), values[at]);
    if (known.has(key)) continue;
    known.add(key);
    kept.push(at);
  }
  if (kept.length === values.length) return piece;
  const pick = <T>(of: readonly T[]) => kept.map((at) => of[at] as T);
  return { ...piece, values: pick(values as readonly number[]), steps: pick(steps), times: pick(times) };
}
