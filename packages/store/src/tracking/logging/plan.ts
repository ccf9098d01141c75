import { storableName } from "../../database/text.ts";
import { extend, type Piece } from "../../metrics/extend.ts";
import { type KnownRun, type KnownSeries, tailOf } from "./knownRuns.ts";
import { type LogBatch, type LoggedMetric, piecesOf } from "./log.ts";
import type { RunWrite } from "./writeGroup.ts";

/** Whether the batch is points of the run's own curves and nothing else, so that a group may take it. */
export function isPlainMetrics({ metrics = [], params = [], tags = [] }: LogBatch): boolean {
  return metrics.length > 0 && params.length === 0 && tags.length === 0 && metrics.every(({ modelId }) => !modelId);
}

/** Collects what a known run gets in one group, from several requests in their order. */
export class RunPlan {
  readonly #run: KnownRun;
  readonly #metrics: LoggedMetric[] = [];
  readonly #newestTimes = new Map<string, number>();

  constructor(run: KnownRun) {
    this.#run = run;
  }

  get workspace(): string {
    return this.#run.workspace;
  }

  /**
   * Adds the metrics of a request. False, and nothing added, when the database has to be asked about one of them: a curve that is not
   * known here, or a point that is not newer than all of its curve and so may be there already.
   */
  add(metrics: readonly LoggedMetric[]): boolean {
    const newest = new Map<string, number>();
    for (const { name: asked, time } of metrics) {
      const name = storableName(asked);
      const before = newest.get(name) ?? this.#newestTimes.get(name) ?? this.#run.series.get(name)?.series.newest_time ?? null;
      if (before === null || Math.round(time) <= before) return false;
      newest.set(name, Math.round(time));
    }
    for (const [name, time] of newest) this.#newestTimes.set(name, time);
    for (const metric of metrics) this.#metrics.push(metric);
    return true;
  }

  /** What is to be written, and the run as it is when that was done. The plan's run is changed: it is of no use after this. */
  finish(): { readonly write: RunWrite; readonly after: KnownRun } {
    const run = this.#run;
    const written = piecesOf(this.#metrics, run.attempt).map((piece) => extended(run, { ...piece, name: storableName(piece.name) }));
    for (const { series, chunks } of written) {
      const last = chunks.at(-1);
      run.series.set(series.name, { series, tail: last && tailOf(last.block) });
    }
    return { write: { run, written }, after: { ...run, takes: run.takes + 1 } };
  }
}

function extended(run: KnownRun, piece: Piece) {
  const { series, tail } = run.series.get(piece.name) as KnownSeries;
  return { series, chunks: extend(series, [piece], tail) };
}
