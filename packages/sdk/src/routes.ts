import type { OperationName, Operations } from "@switchyard/protocol";

/** What a request needs to know of an operation. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly answer: "json" | "bytes" | "events" | "none";
  readonly sendsBytes?: true;
  /** an Idempotency-Key makes a repeat answer the first result */
  readonly takesKey?: true;
}

/** The compiler compares this table with the operations: a missing or different route does not compile. */
type Routes = { readonly [N in OperationName]: Route & { readonly method: Operations[N]["method"]; readonly path: Operations[N]["path"] } };

/**
 * The operations without their schemas, because loading those takes longer than most requests.
 * Written by `node packages/sdk/scripts/writeRoutes.ts`.
 */
// biome-ignore format: one line per operation
export const ROUTES = {
  serverStatus: { method: "GET", path: "/status", answer: "json" },
  stopServer: { method: "POST", path: "/shutdown", answer: "none" },
  collectGarbage: { method: "POST", path: "/gc", answer: "json" },
  listWorkspaces: { method: "GET", path: "/workspaces", answer: "json" },
  createWorkspace: { method: "POST", path: "/workspaces", answer: "json", takesKey: true },
  getWorkspace: { method: "GET", path: "/workspaces/{workspace}", answer: "json" },
  updateWorkspace: { method: "PATCH", path: "/workspaces/{workspace}", answer: "json" },
  deleteWorkspace: { method: "DELETE", path: "/workspaces/{workspace}", answer: "none" },
  listExperiments: { method: "GET", path: "/workspaces/{workspace}/experiments", answer: "json" },
  createExperiment: { method: "POST", path: "/workspaces/{workspace}/experiments", answer: "json", takesKey: true },
  getExperiment: { method: "GET", path: "/workspaces/{workspace}/experiments/{experiment}", answer: "json" },
  missingBlobs: { method: "POST", path: "/blobs/missing", answer: "json" },
  putBlob: { method: "PUT", path: "/blobs/{sha256}", answer: "none", sendsBytes: true },
  putBlobs: { method: "POST", path: "/blobs", answer: "json", sendsBytes: true },
  createSnapshot: { method: "POST", path: "/workspaces/{workspace}/snapshots", answer: "json", takesKey: true },
  getSnapshot: { method: "GET", path: "/workspaces/{workspace}/snapshots/{snapshotId}", answer: "json" },
  listSnapshotFolder: { method: "GET", path: "/workspaces/{workspace}/snapshots/{snapshotId}/tree", answer: "json" },
  readSnapshotFile: { method: "GET", path: "/workspaces/{workspace}/snapshots/{snapshotId}/files/{path*}", answer: "bytes" },
  submitRun: { method: "POST", path: "/workspaces/{workspace}/runs", answer: "json", takesKey: true },
  startInteractiveRun: { method: "POST", path: "/workspaces/{workspace}/interactive-runs", answer: "json", takesKey: true },
  listRuns: { method: "GET", path: "/workspaces/{workspace}/runs", answer: "json" },
  getRun: { method: "GET", path: "/workspaces/{workspace}/runs/{runId}", answer: "json" },
  updateRun: { method: "PATCH", path: "/workspaces/{workspace}/runs/{runId}", answer: "json" },
  cancelRun: { method: "POST", path: "/workspaces/{workspace}/runs/{runId}/cancel", answer: "json" },
  endRun: { method: "POST", path: "/workspaces/{workspace}/runs/{runId}/end", answer: "json" },
  rerunRun: { method: "POST", path: "/workspaces/{workspace}/runs/{runId}/rerun", answer: "json", takesKey: true },
  whyRun: { method: "GET", path: "/workspaces/{workspace}/runs/{runId}/why", answer: "json" },
  diffRuns: { method: "GET", path: "/workspaces/{workspace}/runs/{runId}/diff", answer: "json" },
  listMetrics: { method: "GET", path: "/workspaces/{workspace}/runs/{runId}/metrics", answer: "json" },
  readMetric: { method: "GET", path: "/workspaces/{workspace}/runs/{runId}/metrics/{name*}", answer: "json" },
  readUse: { method: "GET", path: "/workspaces/{workspace}/runs/{runId}/use", answer: "json" },
  logMetrics: { method: "POST", path: "/workspaces/{workspace}/runs/{runId}/journal", answer: "json", sendsBytes: true },
  getJournalPosition: { method: "GET", path: "/workspaces/{workspace}/runs/{runId}/journal/{writer}", answer: "json" },
  listRunFiles: { method: "GET", path: "/workspaces/{workspace}/runs/{runId}/files", answer: "json" },
  readRunFile: { method: "GET", path: "/workspaces/{workspace}/runs/{runId}/files/{path*}", answer: "bytes" },
  writeRunFile: { method: "PUT", path: "/workspaces/{workspace}/runs/{runId}/files/{path*}", answer: "json", sendsBytes: true },
  listEnvironments: { method: "GET", path: "/workspaces/{workspace}/environments", answer: "json" },
  registerEnvironment: { method: "POST", path: "/workspaces/{workspace}/environments", answer: "json", takesKey: true },
  getEnvironment: { method: "GET", path: "/workspaces/{workspace}/environments/{name}", answer: "json" },
  listEnvironmentVersions: { method: "GET", path: "/workspaces/{workspace}/environments/{name}/versions", answer: "json" },
  registerModel: { method: "POST", path: "/workspaces/{workspace}/models", answer: "json", takesKey: true },
  listModels: { method: "GET", path: "/workspaces/{workspace}/models", answer: "json" },
  getLatestModel: { method: "GET", path: "/workspaces/{workspace}/models/{name}", answer: "json" },
  getModel: { method: "GET", path: "/workspaces/{workspace}/models/{name}/versions/{version}", answer: "json" },
  updateModel: { method: "PATCH", path: "/workspaces/{workspace}/models/{name}/versions/{version}", answer: "json" },
  deleteModel: { method: "DELETE", path: "/workspaces/{workspace}/models/{name}/versions/{version}", answer: "none" },
  listModelFiles: { method: "GET", path: "/workspaces/{workspace}/models/{name}/versions/{version}/files", answer: "json" },
  readModelFile: { method: "GET", path: "/workspaces/{workspace}/models/{name}/versions/{version}/files/{path*}", answer: "bytes" },
  listSecrets: { method: "GET", path: "/workspaces/{workspace}/secrets", answer: "json" },
  setSecrets: { method: "PUT", path: "/workspaces/{workspace}/secrets", answer: "none" },
  readSecrets: { method: "POST", path: "/workspaces/{workspace}/secrets/read", answer: "json" },
  deleteSecret: { method: "DELETE", path: "/workspaces/{workspace}/secrets/{name}", answer: "none" },
  listTargets: { method: "GET", path: "/workspaces/{workspace}/computes", answer: "json" },
  getTarget: { method: "GET", path: "/workspaces/{workspace}/computes/{name}", answer: "json" },
  createTarget: { method: "POST", path: "/workspaces/{workspace}/computes", answer: "json", takesKey: true },
  attachTarget: { method: "POST", path: "/workspaces/{workspace}/computes/attach", answer: "json", takesKey: true },
  updateTarget: { method: "PATCH", path: "/workspaces/{workspace}/computes/{name}", answer: "json" },
  deleteTarget: { method: "DELETE", path: "/workspaces/{workspace}/computes/{name}", answer: "none" },
  detachTarget: { method: "POST", path: "/workspaces/{workspace}/computes/{name}/detach", answer: "none" },
  getTargetCredentials: { method: "POST", path: "/workspaces/{workspace}/computes/{name}/credentials", answer: "json" },
  startTarget: { method: "POST", path: "/workspaces/{workspace}/computes/{name}/start", answer: "json" },
  stopTarget: { method: "POST", path: "/workspaces/{workspace}/computes/{name}/stop", answer: "json" },
  restartTarget: { method: "POST", path: "/workspaces/{workspace}/computes/{name}/restart", answer: "json" },
  listTargetNodes: { method: "GET", path: "/workspaces/{workspace}/computes/{name}/nodes", answer: "json" },
  simulatePreemption: { method: "POST", path: "/workspaces/{workspace}/computes/{name}/simulate-preemption", answer: "json" },
  listVmSizes: { method: "GET", path: "/vm-sizes", answer: "json" },
  listComputeKinds: { method: "GET", path: "/compute-kinds", answer: "json" },
  listTokens: { method: "GET", path: "/tokens", answer: "json" },
  createToken: { method: "POST", path: "/tokens", answer: "json" },
  revokeToken: { method: "DELETE", path: "/tokens/{tokenId}", answer: "none" },
  streamEvents: { method: "GET", path: "/workspaces/{workspace}/events", answer: "events" },
  streamLogs: { method: "GET", path: "/workspaces/{workspace}/runs/{runId}/logs/stream", answer: "events" },
} as const satisfies Routes;
