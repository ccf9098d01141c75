import type { ComputesTables } from "./schema/computes.ts";
import type { DataTables } from "./schema/data.ts";
import type { MetricsTables } from "./schema/metrics.ts";
import type { ModelsTables } from "./schema/models.ts";
import type { RunsTables } from "./schema/runs.ts";
import type { ServersTables } from "./schema/servers.ts";
import type { SweepsTables } from "./schema/sweeps.ts";
import type { TrackingTables } from "./schema/tracking.ts";
import type { WorkspacesTables } from "./schema/workspaces.ts";

/** Every table of the database, as the newest migration leaves it. */
export interface Schema
  extends ComputesTables,
    DataTables,
    MetricsTables,
    ModelsTables,
    RunsTables,
    ServersTables,
    SweepsTables,
    TrackingTables,
    WorkspacesTables {}
