export { type Clock, systemClock } from "./clock.ts";
export { type ClusterLimits, coresOf, coresOfInstances } from "./clusters/limits.ts";
export { type ClusterCatalog, type ManagedCluster, noClusters } from "./clusters/managedCluster.ts";
export {
  type Allocation,
  batchAiStatusOf,
  type ClusterView,
  clusterNodeOf,
  clusterStatusOf,
  countStates,
  type NodeView,
} from "./clusters/status.ts";
export type { ClientInfo, EngineContext, Vault } from "./context.ts";
export { applyFileSteps } from "./data/fileSteps.ts";
export type { DataKeeper, Frozen, FrozenFile } from "./data/keeper.ts";
export { type DriverCatalog, fixedDrivers } from "./drivers.ts";
export { Engine, type EngineOptions } from "./engine.ts";
export { EnvironmentCatalog } from "./environments/catalog.ts";
export { isSameEnvironment } from "./environments/same.ts";
export type { GcOptions, SiteCleaner } from "./gc.ts";
export { type Logger, silentLogger } from "./logger.ts";
export { publicRun, statusOfRun } from "./present/publicRun.ts";
export { runDetails } from "./present/runDetails.ts";
export { compareLogOrder, isLogPath, listFiles, publicPathOf, resolveFile, storagePathOf } from "./present/runFiles.ts";
export { lastAttempt } from "./runs/attempts.ts";
export { CHILD_RUN, HYPERDRIVE_RUN, INTERACTIVE_RUN, isCarried, SCRIPT_RUN } from "./runs/carried.ts";
export type { DeployWishes } from "./services/deploy.ts";
export { WebServices } from "./services/services.ts";
export { DEFAULT_SETTINGS, type EngineSettings, limitsOf } from "./settings.ts";
export { SnapshotFolders } from "./snapshots/folders.ts";
export type { InteractiveEnd } from "./submit/interactive.ts";
export type { RerunOverrides } from "./submit/rerun.ts";
export { isRunBased, type RunCluster } from "./submit/runBased.ts";
export type { SubmitOptions } from "./submit/submit.ts";
export * from "./sweeps/index.ts";
export { fixedTargets, type Isolation, localTarget, nearestTarget, requireTarget, type Target, type TargetCatalog } from "./targets.ts";
