export { type Clock, systemClock } from "./clock.ts";
export type { ClientInfo, EngineContext } from "./context.ts";
export { Engine, type EngineOptions } from "./engine.ts";
export type { GcOptions, SiteCleaner } from "./gc.ts";
export { type Logger, silentLogger } from "./logger.ts";
export { publicRun, statusOfRun } from "./present/publicRun.ts";
export { runDetails } from "./present/runDetails.ts";
export { compareLogOrder, isLogPath, listFiles, publicPathOf, resolveFile, storagePathOf } from "./present/runFiles.ts";
export { lastAttempt } from "./runs/attempts.ts";
export { CHILD_RUN, INTERACTIVE_RUN, isCarried, SCRIPT_RUN } from "./runs/carried.ts";
export { DEFAULT_SETTINGS, type EngineSettings } from "./settings.ts";
export { SnapshotFolders } from "./snapshots/folders.ts";
export type { InteractiveEnd } from "./submit/interactive.ts";
export type { RerunOverrides } from "./submit/rerun.ts";
export type { SubmitOptions } from "./submit/submit.ts";
export {
  fixedTargets,
  LOCAL_CAPABILITIES,
  localTarget,
  requireTarget,
  type Target,
  type TargetCapabilities,
  type TargetCatalog,
} from "./targets.ts";
