import { type JsonValue, type MetricPoints, type MetricSummary, NotFound } from "@switchyard/protocol";
import type { Database, Queries } from "../database/database.ts";
import { fromJson } from "../database/text.ts";
import type { SeriesOrigin } from "./extend.ts";
import { type NumberColumns, readNumbers, readPoints, type SamplePart, streamPoints } from "./read.ts";
import { type Curve, curvesOf, kindOf } from "./series.ts";

export interface PointsQuery {
  /** only this attempt; without it the last attempt that has the series, after those it resumed from */
  readonly attempt?: number | undefined;
  /** without it all points */
  readonly maxPoints?: number | undefined;
}

/** What a run's processes used, as curves; null where nothing was measured. */
export type UseCurves = Readonly<Record<"cpu" | "memory" | "gpu" | "gpuMemory", MetricPoints | null>>;

/** What runs logged. */
export class Metrics {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The series of a run by name; with `recursive` also those of its descendants. */
  async summaries(runId: string, recursive = false): Promise<(MetricSummary & { readonly runId: string })[]> {
    const { db } = this.#database;
    const runIds = recursive ? [runId, ...(await descendantsOf(db, runId))] : [runId];
    return (await curvesOf(db, runIds, "script")).map(summaryOf);
  }

  /** Points of one series. Throws NotFound when the run has no such series. */
  async points(runId: string, name: string, query: PointsQuery = {}): Promise<MetricPoints> {
    const curve = await this.#curve(runId, "script", name, query.attempt);
    if (!curve) {
      const known = (await this.summaries(runId)).slice(0, 20).map((series) => `"${series.name}"`);
      const hint = known.length > 0 ? `It has ${known.join(", ")}.` : "It has logged no metric.";
      throw new NotFound(`Run "${runId}" has no metric "${name}"${query.attempt ? ` in attempt ${query.attempt}` : ""}. ${hint}`);
    }
    return await readPoints(this.#database.db, curve, query.maxPoints);
  }

  /** All points of one series, some thousands at a time, for readers that must not hold them all. */
  async *read(runId: string, name: string, query: Pick<PointsQuery, "attempt"> = {}): AsyncGenerator<SamplePart> {
    const curve = await this.#curve(runId, "script", name, query.attempt);
    if (curve) yield* streamPoints(this.#database.db, curve);
  }

  /** All numbers of one series in the order they were logged; undefined when the run has no such series. */
  async numbers(runId: string, name: string): Promise<NumberColumns | undefined> {
    const curve = await this.#curve(runId, "script", name, undefined);
    return curve && (await readNumbers(this.#database.db, curve));
  }

  /** What the sampler measured of a run's processes. */
  async uses(runId: string, query: PointsQuery = {}): Promise<UseCurves> {
    const read = async (name: string) => {
      const curve = await this.#curve(runId, "host", name, query.attempt);
      return curve ? await readPoints(this.#database.db, curve, query.maxPoints) : null;
    };
    return { cpu: await read("cpu"), memory: await read("memory"), gpu: await read("gpu"), gpuMemory: await read("gpuMemory") };
  }

  async #curve(runId: string, origin: SeriesOrigin, name: string, attempt: number | undefined): Promise<Curve | undefined> {
    const { db } = this.#database;
    if (attempt === undefined) return (await curvesOf(db, [runId], origin, name))[0];
    const series = await db
      .selectFrom("metric_series")
      .selectAll()
      .where("run_id", "=", runId)
      .where("origin", "=", origin)
      .where("name", "=", name)
      .where("attempt", "=", attempt)
      .executeTakeFirst();
    return series && { runId, name, parts: [series] };
  }
}

async function descendantsOf(db: Queries, runId: string): Promise<string[]> {
  const rows = await db
    .withRecursive("family(id)", (with_) =>
      with_
        .selectFrom("runs")
        .select("runs.id")
        .where("parent_id", "=", runId)
        .union(with_.selectFrom("runs").innerJoin("family", "family.id", "runs.parent_id").select("runs.id")),
    )
    .selectFrom("family")
    .select("id")
    .execute();
  return rows.map((row) => row.id);
}

function summaryOf({ runId, name, parts }: Curve): MetricSummary & { readonly runId: string } {
  const last = parts.at(-1) as Curve["parts"][number];
  const leasts = parts.flatMap((part) => part.min ?? []);
  const greatests = parts.flatMap((part) => part.max ?? []);
  return {
    runId,
    name,
    kind: kindOf(parts),
    attempt: last.attempt,
    count: parts.reduce((sum, part) => sum + part.count, 0),
    min: leasts.length > 0 ? Math.min(...leasts) : null,
    max: greatests.length > 0 ? Math.max(...greatests) : null,
    last: last.last === null ? null : fromJson<JsonValue>(last.last),
  };
}
