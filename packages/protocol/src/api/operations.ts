import { z } from "zod";
import { environmentDefinition } from "../environment/definition.ts";
import { jsonObject } from "../json.ts";
import { metricPoints, metricSummary } from "../run/metrics.ts";
import { experimentName, runId, workspaceName } from "../run/names.ts";
import { instant, run, runDetails } from "../run/run.ts";
import { why } from "../run/why.ts";
import { sha256, snapshot, treeEntry } from "../snapshot/tree.ts";
import { defineOperations } from "./operation.ts";
import { pageOf, pageQuery } from "./page.ts";

const inWorkspace = z.object({ workspace: workspaceName });
const ofRun = inWorkspace.extend({ runId });

export const workspace = z.object({
  name: workspaceName,
  workspaceId: z.string(),
  subscriptionId: z.string(),
  resourceGroup: z.string(),
  createdUtc: instant,
});
export const experiment = z.object({ name: experimentName, experimentId: z.string(), createdUtc: instant, runs: z.int() });
export type Workspace = z.infer<typeof workspace>;
export type Experiment = z.infer<typeof experiment>;

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

export const runFile = z.object({
  /** as in spec 05 §7; files of attempts before the last are below `attempts/<n>/` */
  path: z.string(),
  size: z.int(),
  modifiedUtc: instant,
  /** null while the file still grows */
  sha256: sha256.nullable(),
});
export type RunFile = z.infer<typeof runFile>;

export const registeredEnvironment = z.object({
  name: z.string(),
  version: z.string(),
  hash: z.string(),
  createdUtc: instant,
  definition: environmentDefinition,
});
export type RegisteredEnvironment = z.infer<typeof registeredEnvironment>;

export const computeTarget = z.object({
  name: z.string(),
  type: z.string(),
  driver: z.string(),
  provisioningState: z.string(),
  healthy: z.boolean(),
  reason: z.string().nullable(),
  capabilities: z.record(z.string(), z.union([z.boolean(), z.string()])),
});
export type ComputeTarget = z.infer<typeof computeTarget>;

export const token = z.object({
  tokenId: z.string(),
  scope: z.enum(["user", "run"]),
  runId: z.string().nullable(),
  user: z.string().nullable(),
  note: z.string(),
  createdUtc: instant,
  expiresUtc: instant.nullable(),
  revokedUtc: instant.nullable(),
});
export type Token = z.infer<typeof token>;

export const serverStatus = z.object({
  pid: z.int(),
  url: z.string(),
  version: z.string(),
  home: z.string(),
  database: z.string(),
  startedUtc: instant,
  instance: z.string(),
  runs: z.record(z.string(), z.int()),
});
export type ServerStatus = z.infer<typeof serverStatus>;

export const diffEntry = z.object({ what: z.string(), a: z.json().nullable(), b: z.json().nullable() });
export const runDiff = z.object({
  a: runId,
  b: runId,
  /** status: added | removed | changed; `patch` is a unified diff of small text files */
  code: z.array(z.object({ path: z.string(), status: z.enum(["added", "removed", "changed"]), patch: z.string().nullable() })),
  arguments: z.array(diffEntry),
  environment: z.array(diffEntry),
  configuration: z.array(diffEntry),
  metrics: z.array(diffEntry),
});
export type RunDiff = z.infer<typeof runDiff>;

export const gcReport = z.object({
  dryRun: z.boolean(),
  blobs: z.object({ count: z.int(), bytes: z.int() }),
  runDirectories: z.object({ count: z.int(), bytes: z.int() }),
  /** copies of supervisor and Python client that only removed run directories used */
  toolkits: z.object({ count: z.int(), bytes: z.int() }).default({ count: 0, bytes: 0 }),
  environments: z.object({ count: z.int(), bytes: z.int(), names: z.array(z.string()) }),
});
export type GcReport = z.infer<typeof gcReport>;

export const operations = defineOperations({
  // --- the server itself
  serverStatus: {
    method: "GET",
    path: "/status",
    tag: "server",
    access: "user",
    summary: "What this server is and how busy it is",
    response: serverStatus,
  },
  stopServer: {
    method: "POST",
    path: "/shutdown",
    tag: "server",
    access: "user",
    summary: "Stop this server gracefully; runs go on",
    response: "none",
  },
  collectGarbage: {
    method: "POST",
    path: "/gc",
    tag: "server",
    access: "user",
    summary: "Free unreferenced blobs, old environments and run directories",
    body: z.object({
      dryRun: z.boolean().default(true),
      environmentsUnusedDays: z.number().min(0).default(30),
      only: z
        .array(z.enum(["blobs", "runDirectories", "environments"]))
        .optional()
        .describe("leave the rest alone"),
    }),
    response: gcReport,
  },

  // --- workspaces, experiments
  listWorkspaces: {
    method: "GET",
    path: "/workspaces",
    tag: "workspaces",
    access: "user",
    summary: "List workspaces",
    response: z.array(workspace),
  },
  createWorkspace: {
    method: "POST",
    path: "/workspaces",
    tag: "workspaces",
    access: "user",
    idempotent: true,
    summary: "Create a workspace",
    body: z.object({ name: workspaceName, existOk: z.boolean().default(false) }),
    response: workspace,
  },
  getWorkspace: {
    method: "GET",
    path: "/workspaces/{workspace}",
    tag: "workspaces",
    access: "user or own run",
    summary: "One workspace",
    params: inWorkspace,
    response: workspace,
  },
  listExperiments: {
    method: "GET",
    path: "/workspaces/{workspace}/experiments",
    tag: "experiments",
    access: "user",
    summary: "List experiments by name",
    params: inWorkspace,
    query: pageQuery,
    response: pageOf(experiment),
  },
  createExperiment: {
    method: "POST",
    path: "/workspaces/{workspace}/experiments",
    tag: "experiments",
    access: "user",
    idempotent: true,
    summary: "Create an experiment, or open it if it exists",
    params: inWorkspace,
    body: z.object({ name: experimentName }),
    response: experiment,
  },
  getExperiment: {
    method: "GET",
    path: "/workspaces/{workspace}/experiments/{experiment}",
    tag: "experiments",
    access: "user or own run",
    summary: "One experiment",
    params: inWorkspace.extend({ experiment: z.string() }),
    response: experiment,
  },

  // --- snapshots
  missingBlobs: {
    method: "POST",
    path: "/blobs/missing",
    tag: "snapshots",
    access: "user or own run",
    summary: "Which of these blobs the server does not have yet",
    body: z.object({ sha256: z.array(sha256).max(100_000) }),
    response: z.object({ missing: z.array(sha256) }),
  },
  putBlob: {
    method: "PUT",
    path: "/blobs/{sha256}",
    tag: "snapshots",
    access: "user or own run",
    summary: "Store one blob; its bytes must have this SHA-256",
    params: z.object({ sha256 }),
    body: "bytes",
    response: "none",
  },
  putBlobs: {
    method: "POST",
    path: "/blobs",
    tag: "snapshots",
    access: "user or own run",
    summary: "Store many blobs in one body: for each a 32-byte SHA-256, an 8-byte big-endian length, and its bytes",
    body: "bytes",
    response: z.object({ stored: z.int() }),
  },
  createSnapshot: {
    method: "POST",
    path: "/workspaces/{workspace}/snapshots",
    tag: "snapshots",
    access: "user or own run",
    summary: "Name a tree whose blobs are all there",
    params: inWorkspace,
    body: z.object({ root: sha256 }),
    response: snapshot,
  },
  getSnapshot: {
    method: "GET",
    path: "/workspaces/{workspace}/snapshots/{snapshotId}",
    tag: "snapshots",
    access: "user or own run",
    summary: "One snapshot",
    params: inWorkspace.extend({ snapshotId: z.string() }),
    response: snapshot,
  },
  listSnapshotFolder: {
    method: "GET",
    path: "/workspaces/{workspace}/snapshots/{snapshotId}/tree",
    tag: "snapshots",
    access: "user or own run",
    summary: "Entries of one folder of a snapshot",
    params: inWorkspace.extend({ snapshotId: z.string() }),
    query: z.object({ folder: z.string().default("") }),
    response: z.array(treeEntry),
  },
  readSnapshotFile: {
    method: "GET",
    path: "/workspaces/{workspace}/snapshots/{snapshotId}/files/{path*}",
    tag: "snapshots",
    access: "user or own run",
    summary: "Bytes of one file of a snapshot",
    params: inWorkspace.extend({ snapshotId: z.string(), path: z.string() }),
    response: "bytes",
  },

  // --- runs
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
    summary: "One run with its configuration and log files",
    params: ofRun,
    response: runDetails,
  },
  updateRun: {
    method: "PATCH",
    path: "/workspaces/{workspace}/runs/{runId}",
    tag: "runs",
    access: "user or own run",
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
  endRun: {
    method: "POST",
    path: "/workspaces/{workspace}/runs/{runId}/end",
    tag: "runs",
    access: "user or own run",
    summary: "End an interactive run",
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

  // --- telemetry
  listMetrics: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}/metrics",
    tag: "metrics",
    access: "user or own run",
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
    summary: "Points of one series, down-sampled to at most maxPoints",
    params: ofRun.extend({ name: z.string() }),
    query: z.object({
      maxPoints: z.coerce.number().int().min(2).max(5_000_000).default(2_000),
      attempt: z.coerce.number().int().optional(),
    }),
    response: metricPoints,
  },
  logMetrics: {
    method: "POST",
    path: "/workspaces/{workspace}/runs/{runId}/journal",
    tag: "metrics",
    access: "user or own run",
    summary: "Journal lines of a writer that has no run directory (interactive runs); known lines are taken once",
    params: ofRun,
    query: z.object({ writer: z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/) }),
    body: "bytes",
    response: z.object({ lastNumber: z.int() }),
  },

  // --- files
  listRunFiles: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}/files",
    tag: "files",
    access: "user or own run",
    summary: "Files of a run by path",
    params: ofRun,
    query: z.object({ prefix: z.string().default("") }),
    response: z.array(runFile),
  },
  readRunFile: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}/files/{path*}",
    tag: "files",
    access: "user or own run",
    summary: "Bytes of one file; takes Range",
    params: ofRun.extend({ path: z.string() }),
    response: "bytes",
  },
  writeRunFile: {
    method: "PUT",
    path: "/workspaces/{workspace}/runs/{runId}/files/{path*}",
    tag: "files",
    access: "user or own run",
    summary: "Store one file of a run; a name that exists with other bytes is a conflict",
    params: ofRun.extend({ path: z.string() }),
    body: "bytes",
    response: runFile,
  },

  // --- environments, targets, tokens
  listEnvironments: {
    method: "GET",
    path: "/workspaces/{workspace}/environments",
    tag: "environments",
    access: "user or own run",
    summary: "Latest version of every environment",
    params: inWorkspace,
    response: z.array(registeredEnvironment),
  },
  registerEnvironment: {
    method: "POST",
    path: "/workspaces/{workspace}/environments",
    tag: "environments",
    access: "user or own run",
    idempotent: true,
    summary: "Register a definition; an unchanged one keeps its version",
    params: inWorkspace,
    body: environmentDefinition,
    response: registeredEnvironment,
  },
  getEnvironment: {
    method: "GET",
    path: "/workspaces/{workspace}/environments/{name}",
    tag: "environments",
    access: "user or own run",
    summary: "One version of an environment, the latest by default",
    params: inWorkspace.extend({ name: z.string() }),
    query: z.object({ version: z.string().optional() }),
    response: registeredEnvironment,
  },
  listEnvironmentVersions: {
    method: "GET",
    path: "/workspaces/{workspace}/environments/{name}/versions",
    tag: "environments",
    access: "user",
    summary: "Every version of an environment, newest first",
    params: inWorkspace.extend({ name: z.string() }),
    response: z.array(registeredEnvironment),
  },
  listTargets: {
    method: "GET",
    path: "/workspaces/{workspace}/computes",
    tag: "computes",
    access: "user",
    summary: "List compute targets",
    params: inWorkspace,
    response: z.array(computeTarget),
  },
  getTarget: {
    method: "GET",
    path: "/workspaces/{workspace}/computes/{name}",
    tag: "computes",
    access: "user",
    summary: "One compute target",
    params: inWorkspace.extend({ name: z.string() }),
    response: computeTarget,
  },
  listTokens: {
    method: "GET",
    path: "/tokens",
    tag: "tokens",
    access: "user",
    summary: "List tokens; their secrets are not kept",
    response: z.array(token),
  },
  createToken: {
    method: "POST",
    path: "/tokens",
    tag: "tokens",
    access: "user",
    summary: "Make a token; its secret is shown this once",
    body: z.object({
      note: z.string().max(200).default(""),
      user: z.string().max(200).optional(),
      expiresSeconds: z.number().positive().optional(),
    }),
    response: token.extend({ secret: z.string() }),
  },
  revokeToken: {
    method: "DELETE",
    path: "/tokens/{tokenId}",
    tag: "tokens",
    access: "user",
    summary: "Revoke a token",
    params: z.object({ tokenId: z.string() }),
    response: "none",
  },

  // --- streams
  streamEvents: {
    method: "GET",
    path: "/workspaces/{workspace}/events",
    tag: "streams",
    access: "user",
    summary: "Everything that changes, as server-sent events; resumes from Last-Event-ID",
    params: inWorkspace,
    query: z.object({ run: runId.optional() }),
    response: "events",
  },
  streamLogs: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}/logs/stream",
    tag: "streams",
    access: "user or own run",
    summary: "Logs of a run while they grow, as server-sent events; resumes from Last-Event-ID",
    params: ofRun,
    query: z.object({ file: z.string().optional().describe("one log file; all of them in reading order when absent") }),
    response: "events",
  },
});
export type Operations = typeof operations;
export type OperationName = keyof Operations;
