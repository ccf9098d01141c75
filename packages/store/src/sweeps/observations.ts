import type { Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import { decodeChunk } from "../metrics/chunk.ts";

/** What one attempt of a trial logged under a name. */
export interface TrialSeries {
  readonly id: number;
  readonly attempt: number;
  /** how often it was logged */
  readonly count: number;
  /** `number` only when every value is one */
  readonly kind: string;
  /** of its finite numbers; null when there is none */
  readonly min: number | null;
  readonly max: number | null;
  /** the attempt goes on from what an earlier one left */
  readonly resumes: boolean;
}

export async function readSeriesOf(db: Queries, runIds: readonly string[], metric: string): Promise<Map<string, TrialSeries[]>> {
  const found = new Map<string, TrialSeries[]>();
  for (const ids of inGroups(runIds)) {
    const rows = await db
      .selectFrom("metric_series as series")
      .leftJoin("run_resumes as resume", (join) =>
        join.onRef("resume.run_id", "=", "series.run_id").onRef("resume.attempt", "=", "series.attempt"),
      )
      .select(["series.id", "series.run_id", "series.attempt", "series.count", "series.kind", "series.min", "series.max"])
      .select("resume.attempt as resumed")
      .where("series.run_id", "in", ids)
      .where("series.origin", "=", "script")
      .where("series.name", "=", metric)
      .orderBy("series.attempt")
      .execute();
    for (const { run_id, resumed, ...series } of rows) {
      found.set(run_id, [...(found.get(run_id) ?? []), { ...series, resumes: resumed !== null }]);
    }
  }
  return found;
}

/** In the order they were stored; points that were added after the series was looked up are left for the next reader. */
export async function readValuesFrom(db: Queries, { id, count }: Pick<TrialSeries, "id" | "count">, from: number): Promise<number[]> {
  if (from >= count) return [];
  const rows = await db
    .selectFrom("metric_chunks")
    .select(["first_index", "bytes"])
    .where("series_id", "=", id)
    .where((where) => where(where("first_index", "+", where.ref("count")), ">", from))
    .orderBy("first_index")
    .execute();
  const values: number[] = [];
  for (const { first_index, bytes } of rows) {
    const chunk = decodeChunk(bytes).values;
    for (let at = Math.max(0, from - first_index); at < chunk.length && first_index + at < count; at++) {
      values.push(chunk instanceof Float64Array ? (chunk[at] as number) : Number.NaN);
    }
  }
  return values;
}
