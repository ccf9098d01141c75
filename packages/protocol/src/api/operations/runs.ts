import { z } from "zod";
import { jsonObject } from "../../json.ts";
import { experimentName, runId } from "../../run/names.ts";
import { run, runDetails } from "../../run/run.ts";
import { why } from "../../run/why.ts";
import { defineOperations } from "../operation.ts";
import { pageOf, pageQuery } from "../page.ts";
import { inWorkspace, ofRun } from "./params.ts";

/** What a run is made from. `runConfiguration` is the JSON wire form (spec 01); its conda file is inlined by the client. */
export const submission = z.object({
  experimentName,
  runConfiguration: jsonObject,
  /** null only for a command that needs no files */
  snapshotId: z.string().nullable(),
  /** minted by the client, so that a retry meets the same run */
  runId: runId.optional(),
  parentRunId: runId.optional(),
  displayName: z.string().max(256).optional(),
  description: z.string().max(5000).optional(),
  tags: z.record(z.string().max(100), z.string().max(1000).nullable()).optional(),
  properties: z.record(z.string().max(100), z.string().max(1000)).optional(),
});
export type Submission = z.infer<typeof submission>;

/** A run that somebody else executes and only tells us about: interactive runs and children made in a script. */
export const interactiveRun = submission.omit({ runConfiguration: true }).extend({ runType: z.string().optional() });
export type InteractiveRun = z.infer<typeof interactiveRun>;

export const runsQuery = pageQuery.extend({
  experiment: z.string().optional(),
  status: z.string().optional().describe("one or more statuses, separated by commas"),
  parent: z.string().optional(),
  target: z.string().optional(),
  type: z.string().optional(),
  includeChildren: z.stringbool().default(false),
  tag: z.array(z.string()).or(z.string()).optional().describe("key or key=value, repeatable"),
  property: z.array(z.string()).or(z.string()).optional().describe("key or key=value, repeatable"),
  where: z.string().optional().describe("comparisons joined by `and`: `metrics.loss < 0.5 and tags.team = 'a'`"),
  order: z
    .string()
    .default("-created")
    .describe("created, started, ended, status, experiment, target or metrics.<name>; a leading - sorts downwards"),
});
export type RunsQuery = z.infer<typeof runsQuery>;

export const diffEntry = z.object({ what: z.string(), a: z.json().nullable(), b: z.json().nullable() });
export const runDiff = z.object({
  a: runId,
  b: runId,
  /** status: added | removed | changed; the path of a folder ends with `/`; `patch` has lines for a change of mode, and a unified diff of small text files */
  code: z.array(z.object({ path: z.string(), status: z.enum(["added", "removed", "changed"]), patch: z.string().nullable() })),
  arguments: z.array(diffEntry),
  environment: z.array(diffEntry),
  configuration: z.array(diffEntry),
  metrics: z.array(diffEntry),
});
export type RunDiff = z.infer<typeof runDiff>;

/** Runs: submit, look, change, end, compare. */
export const runsOperations = defineOperations({
  submitRun: {
    method: "POST",
    path: "/workspaces/{workspace}/runs",
    tag: "runs",
    access: "user or own run",
    idempotent: true,
    summary: "Submit a run",
    params: inWorkspace,
    body: submission,
    response: run,
  },
  startInteractiveRun: {
    method: "POST",
    path: "/workspaces/{workspace}/interactive-runs",
    tag: "runs",
    access: "user or own run",
    idempotent: true,
    summary: "Record a run that somebody else executes",
    params: inWorkspace,
    body: interactiveRun,
    response: run,
  },
  listRuns: {
    method: "GET",
    path: "/workspaces/{workspace}/runs",
    tag: "runs",
    access: "user or own run",
    above: true,
    summary: "List runs, newest first unless ordered otherwise",
    params: inWorkspace,
    query: runsQuery,
    response: pageOf(run),
  },
  getRun: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}",
    tag: "runs",
    access: "user or own run",
    above: true,
    summary: "One run with its configuration and log files",
    params: ofRun,
    response: runDetails,
  },
  updateRun: {
    method: "PATCH",
    path: "/workspaces/{workspace}/runs/{runId}",
    tag: "runs",
    access: "user or own run",
    above: true,
    summary: "Change tags, display name, description; add properties",
    params: ofRun,
    body: z.object({
      tags: z.record(z.string().max(100), z.string().max(1000).nullable()).optional(),
      removeTags: z.array(z.string()).optional(),
      properties: z.record(z.string().max(100), z.string().max(1000)).optional(),
      displayName: z.string().max(256).optional(),
      description: z.string().max(5000).optional(),
    }),
    response: run,
  },
  cancelRun: {
    method: "POST",
    path: "/workspaces/{workspace}/runs/{runId}/cancel",
    tag: "runs",
    access: "user or own run",
    summary: "Wish that a run stops; a run already over is not an error",
    params: ofRun,
    body: z.object({ graceSeconds: z.number().min(0).max(3600).default(30) }),
    response: run,
  },
  cleanRun: {
    method: "POST",
    path: "/workspaces/{workspace}/runs/{runId}/clean",
    tag: "runs",
    access: "user",
    summary: "Wish that what an ended run left on its compute goes now; asked again, it says what is still there",
    params: ofRun,
    response: z.object({ left: z.array(z.string()).describe("jobs whose directories are still on their compute") }),
  },
  endRun: {
    method: "POST",
    path: "/workspaces/{workspace}/runs/{runId}/end",
    tag: "runs",
    access: "user or own run",
    summary: "End an interactive run, or declare a submitted one failed, which stops it",
    params: ofRun,
    body: z.object({
      status: z.enum(["Completed", "Failed", "Canceled"]),
      error: z.object({ code: z.string(), message: z.string() }).optional(),
    }),
    response: run,
  },
  rerunRun: {
    method: "POST",
    path: "/workspaces/{workspace}/runs/{runId}/rerun",
    tag: "runs",
    access: "user",
    idempotent: true,
    summary: "Submit the same code and configuration again",
    params: ofRun,
    body: z.object({ arguments: z.array(z.string()).optional(), target: z.string().optional(), experimentName: experimentName.optional() }),
    response: run,
  },
  whyRun: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}/why",
    tag: "runs",
    access: "user or own run",
    above: true,
    summary: "What a run waits for or died of",
    params: ofRun,
    response: why,
  },
  diffRuns: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}/diff",
    tag: "runs",
    access: "user",
    summary: "Code, arguments, environment and metrics of two runs side by side",
    params: ofRun,
    query: z.object({ with: runId }),
    response: runDiff,
  },
});
