import { z } from "zod";
import { jsonObject, jsonValue } from "../json.ts";
import { experimentName, runId } from "./names.ts";
import { runStatus } from "./state.ts";

export const instant = z.iso.datetime(); // UTC, e.g. 2026-11-21T09:00:00.000Z

/** One start of the script, whoever caused it. */
export const attempt = z.object({
  number: z.int().min(1),
  node: z.string().nullable(),
  startTimeUtc: instant.nullable(),
  endTimeUtc: instant.nullable(),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  /** Why it ended when the script did not end by itself: `canceled`, `time_limit`, `environment_failed`, `lost`, … */
  because: z.string().nullable(),
  durationSeconds: z.number().nullable(),
  cpuSeconds: z.number().nullable(),
  peakMemoryBytes: z.number().nullable(),
  /** Of a distributed run that failed: which of its processes failed first; `number` null: what started them (mpirun). */
  rank: z.object({ number: z.int().nullable(), node: z.string() }).nullable().default(null),
  /** The clock of the attempt's machine minus the server's, as first measured: its instants are its own. Null when unknown. */
  clockOffsetSeconds: z.number().nullable().default(null),
});
export type Attempt = z.infer<typeof attempt>;

/** `code` is a word for programs (`ExitCode`, `TimeLimit`, `JobLost`, `EnvironmentFailed`, `UserFailed`, `JobRejected`, …). */
export const runError = z.object({ code: z.string(), message: z.string().max(3000) });
export type RunError = z.infer<typeof runError>;

/** Last value by name: a number, a text, "NaN" | "Infinity" | "-Infinity", or the row/list/table last logged. */
export const lastMetrics = z.record(z.string(), jsonValue);

/** A run as every list, page and `-o json` shows it (keys of spec 05 §3 and the issue's own). */
export const run = z.object({
  runId,
  number: z.int(),
  displayName: z.string().nullable(),
  description: z.string().nullable(),
  workspace: z.string(),
  experimentName,
  parentRunId: runId.nullable(),
  rootRunId: runId,
  /** `azureml.scriptrun`, `azureml.interactiverun`, `azureml.childrun`, `hyperdrive`, … */
  runType: z.string(),
  target: z.string(),
  status: runStatus,
  error: runError.nullable(),
  warnings: z.array(z.string()),
  submittedBy: z.string().nullable(),
  createdUtc: instant,
  startTimeUtc: instant.nullable(),
  endTimeUtc: instant.nullable(),
  cancelRequestedUtc: instant.nullable(),
  tags: z.record(z.string(), z.string().nullable()),
  properties: z.record(z.string(), z.string()),
  /** what an MLflow client said the run was made with: immutable key and text */
  params: z.record(z.string(), z.string()),
  metrics: lastMetrics,
  attempts: z.array(attempt),
  snapshotId: z.string().nullable(),
  environment: z.object({ name: z.string(), version: z.string() }).nullable(),
  inputDatasets: z.array(jsonValue),
  outputDatasets: z.array(jsonValue),
});
export type Run = z.infer<typeof run>;

/** `GET /runs/{id}`: the run, its full configuration and the files that can be read. */
export const runDetails = run.extend({
  runDefinition: jsonObject,
  /** name → URL of the log files, in the order a person reads them */
  logFiles: z.record(z.string(), z.string()),
});
export type RunDetails = z.infer<typeof runDetails>;
