import { z } from "zod";
import { jsonValue } from "../json.ts";

/** A number as JSON can carry it. */
export const metricNumber = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]);

/** `number`: a curve. The others hold JSON values: texts, lists, rows, tables, image addresses, charts. */
export const METRIC_KINDS = ["number", "text", "list", "row", "table", "image", "chart"] as const;
export const metricKind = z.enum(METRIC_KINDS);
export type MetricKind = z.infer<typeof metricKind>;

/** One series of a run as lists show it. min and max are over finite values; null when there are none. */
export const metricSummary = z.object({
  name: z.string(),
  kind: metricKind,
  attempt: z.int(),
  count: z.int(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  last: jsonValue,
});
export type MetricSummary = z.infer<typeof metricSummary>;

/**
 * Points of one series in recording order. `steps` are the caller's steps, else the index counted from 0;
 * `times` are milliseconds since 1970 UTC. Down-sampled reads keep each bucket's minimum and maximum.
 */
export const metricPoints = z.object({
  name: z.string(),
  kind: metricKind,
  attempt: z.int(),
  total: z.int(),
  downsampled: z.boolean(),
  steps: z.array(z.number()),
  times: z.array(z.number()),
  values: z.array(jsonValue),
});
export type MetricPoints = z.infer<typeof metricPoints>;

/**
 * What the sampler measured of a run's processes: cores in use, resident bytes, GPUs in use, bytes of GPU memory.
 * A curve is null where the machine could not tell, or the run was too short to be seen.
 */
export const resourceUse = z.object({
  cpu: metricPoints.nullable(),
  memory: metricPoints.nullable(),
  gpu: metricPoints.nullable(),
  gpuMemory: metricPoints.nullable(),
});
export type ResourceUse = z.infer<typeof resourceUse>;
