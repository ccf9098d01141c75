import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";
import { computeHandlers } from "./computes.ts";
import { datasetHandlers } from "./datasets.ts";
import { datastoreHandlers } from "./datastores.ts";
import { environmentHandlers } from "./environments.ts";
import { experimentHandlers } from "./experiments.ts";
import { fileHandlers } from "./files.ts";
import { metricHandlers } from "./metrics.ts";
import { modelHandlers } from "./models.ts";
import { runHandlers } from "./runs.ts";
import { secretHandlers } from "./secrets.ts";
import { serverHandlers } from "./server.ts";
import { serviceHandlers } from "./services.ts";
import { snapshotHandlers } from "./snapshots.ts";
import { streamHandlers } from "./streams.ts";
import { sweepHandlers } from "./sweeps.ts";
import { tokenHandlers } from "./tokens.ts";
import { workspaceHandlers } from "./workspaces.ts";

/** The handler of every operation; each noun has its file. */
export function createHandlers(parts: Parts): Handlers {
  return {
    ...serverHandlers(parts),
    ...workspaceHandlers(parts),
    ...experimentHandlers(parts),
    ...snapshotHandlers(parts),
    ...runHandlers(parts),
    ...sweepHandlers(parts),
    ...metricHandlers(parts),
    ...fileHandlers(parts),
    ...environmentHandlers(parts),
    ...modelHandlers(parts),
    ...serviceHandlers(parts),
    ...secretHandlers(parts),
    ...computeHandlers(parts),
    ...datastoreHandlers(parts),
    ...datasetHandlers(parts),
    ...tokenHandlers(parts),
    ...streamHandlers(parts),
  };
}
