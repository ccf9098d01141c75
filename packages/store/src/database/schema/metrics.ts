import type { Generated } from "kysely";
import type { Flag, JsonText, Millis } from "./columns.ts";

export interface SeriesRow {
  id: Generated<number>;
  run_id: string;
  /** `script`: what the run logged; `host`: what the sampler measured */
  origin: string;
  name: string;
  attempt: number;
  kind: string;
  count: number;
  non_finite: number;
  min: number | null;
  max: number | null;
  last: JsonText | null;
  /** the last value when it is a finite number: what lists sort and filter by */
  last_number: number | null;
  /** the last value of a curve of numbers as MLflow's searches compare it: an infinite one is the greatest there is, NaN is none */
  sort_number: number | null;
  /** the step of the last value: of numbers, the last is the one with the greatest step, then time, then value */
  last_step: number | null;
  last_time: Millis | null;
  /** of any point; null when points were logged before this was kept */
  newest_time: Millis | null;
  /** no later attempt has this series */
  is_latest: Flag;
  /** index of the first point of the newest chunk */
  tail_first: number;
}

export interface ChunkRow {
  series_id: number;
  first_index: number;
  count: number;
  bytes: Uint8Array;
}

/** The tables of metrics of runs, in compact chunks. */
export interface MetricsTables {
  metric_series: SeriesRow;
  metric_chunks: ChunkRow;
}
