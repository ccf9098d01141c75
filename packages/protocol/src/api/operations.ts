import { computesOperations } from "./operations/computes.ts";
import { datasetsOperations } from "./operations/datasets.ts";
import { datastoresOperations } from "./operations/datastores.ts";
import { environmentsOperations } from "./operations/environments.ts";
import { experimentsOperations } from "./operations/experiments.ts";
import { filesOperations } from "./operations/files.ts";
import { modelsOperations } from "./operations/models.ts";
import { runsOperations } from "./operations/runs.ts";
import { secretsOperations } from "./operations/secrets.ts";
import { serverOperations } from "./operations/server.ts";
import { servicesOperations } from "./operations/services.ts";
import { snapshotsOperations } from "./operations/snapshots.ts";
import { streamsOperations } from "./operations/streams.ts";
import { sweepsOperations } from "./operations/sweeps.ts";
import { telemetryOperations } from "./operations/telemetry.ts";
import { tokensOperations } from "./operations/tokens.ts";
import { workspacesOperations } from "./operations/workspaces.ts";

export * from "./operations/computes.ts";
export * from "./operations/datasets.ts";
export * from "./operations/datastores.ts";
export * from "./operations/environments.ts";
export * from "./operations/experiments.ts";
export * from "./operations/files.ts";
export * from "./operations/models.ts";
export * from "./operations/runs.ts";
export * from "./operations/secrets.ts";
export * from "./operations/server.ts";
export * from "./operations/services.ts";
export * from "./operations/snapshots.ts";
export * from "./operations/streams.ts";
export * from "./operations/sweeps.ts";
export * from "./operations/telemetry.ts";
export * from "./operations/tokens.ts";
export * from "./operations/workspaces.ts";

/** Every operation of the HTTP API, in the order of its documentation. */
export const operations = {
  ...serverOperations,
  ...workspacesOperations,
  ...experimentsOperations,
  ...snapshotsOperations,
  ...runsOperations,
  ...sweepsOperations,
  ...telemetryOperations,
  ...filesOperations,
  ...environmentsOperations,
  ...modelsOperations,
  ...servicesOperations,
  ...secretsOperations,
  ...computesOperations,
  ...datastoresOperations,
  ...datasetsOperations,
  ...tokensOperations,
  ...streamsOperations,
};
export type Operations = typeof operations;
export type OperationName = keyof Operations;
