import type { Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import { storableName } from "../database/text.ts";
import { type Block, blockOfChunk } from "./block.ts";
import { decodeChunk, encodeChunk } from "./chunk.ts";
import { type Chunk, extend, markLatest, newSeries, type Piece, type Series, TAIL_POINTS } from "./extend.ts";
import { withoutRepeats } from "./once.ts";

/** A tail that is as long as this stays as it is: one large table is not written twice. */
const TAIL_BYTES = 65_536;

/** A series as it is stored now, with its newest chunk. */
export interface Appended {
  readonly series: Series;
  readonly tail: Block;
}

/** Appends points to the series of one run and gives those that got some. The caller holds the run's take lock. */
export async function appendPoints(db: Queries, runId: string, pieces: readonly Piece[]): Promise<Appended[]> {
  const given = pieces.filter((piece) => piece.values.length > 0).map((piece) => ({ ...piece, name: storableName(piece.name) }));
  if (given.length === 0) return [];
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
  return [...chunks].map(([key, own]) => ({ series: known.get(key) as Series, tail: (own.at(-1) as Chunk).block }));
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
