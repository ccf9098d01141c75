import type { Block } from "../../metrics/block.ts";
import { type Series, TAIL_POINTS } from "../../metrics/extend.ts";

/** A curve of numbers as this server last wrote it. */
export interface KnownSeries {
  readonly series: Series;
  /** its newest chunk, as long as that is written again with the points that follow */
  readonly tail: Block | undefined;
}

/**
 * A run as this server last wrote it. What of it may be written without asking is for the database to say: `takes` counts
 * everybody's writes, `version` everybody's changes of the run.
 */
export interface KnownRun {
  readonly runId: string;
  readonly workspace: string;
  readonly createdAt: number;
  readonly version: number;
  readonly takes: number;
  readonly attempt: number;
  /** of this attempt, by name; not all that the run has */
  readonly series: Map<string, KnownSeries>;
}

/** About how many points are remembered of all runs: 24 bytes each. */
const MOST_POINTS = 500_000;
/** What a series weighs beside its points. */
const SERIES_WEIGHT = 32;

/** The runs that this server wrote lately, as it left them. */
export class KnownRuns {
  readonly #runs = new Map<string, { readonly run: KnownRun; readonly weight: number }>();
  #weight = 0;

  /** Hands a run out: whoever writes it puts back what it has become. */
  takeOut(runId: string): KnownRun | undefined {
    const known = this.#runs.get(runId);
    if (known === undefined) return undefined;
    this.#runs.delete(runId);
    this.#weight -= known.weight;
    return known.run;
  }

  forgetAll(): void {
    this.#runs.clear();
    this.#weight = 0;
  }

  put(run: KnownRun): void {
    this.takeOut(run.runId);
    const weight = weightOf(run);
    this.#runs.set(run.runId, { run, weight });
    this.#weight += weight;
    for (const oldest of this.#runs.keys()) {
      if (this.#weight <= MOST_POINTS) return;
      this.takeOut(oldest);
    }
  }

  /** Keeps what is known of other series of the run, when nobody wrote between that and `run`. */
  merge(run: KnownRun): void {
    const before = this.takeOut(run.runId);
    const follows =
      before !== undefined && before.takes + 1 === run.takes && before.version === run.version && before.attempt === run.attempt;
    this.put(follows ? { ...run, series: new Map([...before.series, ...run.series]) } : run);
  }
}

function weightOf({ series }: KnownRun): number {
  let weight = 0;
  for (const { tail } of series.values()) weight += SERIES_WEIGHT + (tail?.times.length ?? 0);
  return weight;
}

/** The chunk as the tail of its series, unless it is full. */
export const tailOf = (chunk: Block): Block | undefined => (chunk.times.length < TAIL_POINTS ? chunk : undefined);
