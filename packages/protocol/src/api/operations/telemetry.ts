import { z } from "zod";
import { metricPoints, metricSummary, resourceUse } from "../../run/metrics.ts";
import { runId } from "../../run/names.ts";
import { defineOperations } from "../operation.ts";
import { ofRun } from "./params.ts";

/** A process that writes a journal, known by the name of its file. */
const writer = z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/);

/** What runs logged. */
export const telemetryOperations = defineOperations({
  listMetrics: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}/metrics",
    tag: "metrics",
    access: "user or own run",
    above: true,
    summary: "The series of a run",
    params: ofRun,
    query: z.object({ recursive: z.stringbool().default(false) }),
    response: z.array(metricSummary.extend({ runId })),
  },
  readMetric: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}/metrics/{name*}",
    tag: "metrics",
    access: "user or own run",
    above: true,
    summary: "Points of one series, down-sampled to at most maxPoints",
    params: ofRun.extend({ name: z.string() }),
    query: z.object({
      maxPoints: z.coerce.number().int().min(2).max(5_000_000).default(2_000),
      attempt: z.coerce.number().int().optional(),
    }),
    response: metricPoints,
  },
  readUse: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}/use",
    tag: "metrics",
    access: "user or own run",
    above: true,
    summary: "CPU, memory and GPU use of a run over time",
    params: ofRun,
    query: z.object({
      maxPoints: z.coerce.number().int().min(2).max(100_000).default(2_000),
      attempt: z.coerce.number().int().optional(),
    }),
    response: resourceUse,
  },
  logMetrics: {
    method: "POST",
    path: "/workspaces/{workspace}/runs/{runId}/journal",
    tag: "metrics",
    access: "user or own run",
    summary: "Journal lines of a writer that has no run directory (interactive runs); known lines are taken once",
    params: ofRun,
    query: z.object({ writer }),
    body: "bytes",
    response: z.object({ lastNumber: z.int() }),
  },
  getJournalPosition: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}/journal/{writer}",
    tag: "metrics",
    access: "user or own run",
    summary: "How much of a writer's journal file was taken: questions about the run are answered from that",
    params: ofRun.extend({ writer }),
    query: z.object({ attempt: z.coerce.number().int().min(1).default(1) }),
    response: z.object({ attempt: z.int(), writer: z.string(), takenBytes: z.int() }),
  },
});
