import type { Queries } from "../database/database.ts";
import { decodeChunk } from "./chunk.ts";
import type { Piece } from "./extend.ts";

/** What is known of the series that a piece belongs to. */
interface KnownSeries {
  readonly id?: number;
  readonly newest_time: number | null;
}

/**
 * The pieces; those that say `once` without the points that are stored already, or twice among them: a client that does not
 * know whether its request was taken sends it again. A point is known by its step, time and value. The caller holds the run's
 * take lock.
 */
export async function withoutRepeats(
  db: Queries,
  pieces: readonly Piece[],
  seriesOf: (piece: Piece) => KnownSeries | undefined,
): Promise<readonly Piece[]> {
  const once = pieces.filter((piece) => piece.once);
  if (once.length === 0) return pieces;
  const filtered: Piece[] = pieces.filter((piece) => !piece.once);
  for (const own of Map.groupBy(once, ({ attempt, name }) => `${attempt} ${name}`).values()) {
    const series = seriesOf(own[0] as Piece);
    const known = series?.id !== undefined && mayRepeat(series, own) ? await pointsOf(db, series.id) : new Set<string>();
    for (const piece of own) filtered.push(without(piece, known));
  }
  return filtered;
}

const pointKey = (step: number | null, time: number, value: unknown) => `${step} ${time} ${value}`;

/** Only a point that is not newer than all of its series can be a repeat. */
function mayRepeat({ newest_time }: KnownSeries, pieces: readonly Piece[]): boolean {
  return newest_time === null || pieces.some(({ times }) => times.some((time) => Math.round(time) <= newest_time));
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
