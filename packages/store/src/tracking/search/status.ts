import type { RunStatus } from "@switchyard/protocol";

/** The words that MLflow has for where a run stands. */
export type MlflowStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

/** MLflow's word for each of ours. */
export const MLFLOW_STATUS: Readonly<Record<RunStatus, MlflowStatus>> = {
  NotStarted: "SCHEDULED",
  Starting: "SCHEDULED",
  Provisioning: "SCHEDULED",
  Preparing: "SCHEDULED",
  Queued: "SCHEDULED",
  Running: "RUNNING",
  Finalizing: "RUNNING",
  CancelRequested: "RUNNING",
  NotResponding: "RUNNING",
  Completed: "FINISHED",
  Failed: "FAILED",
  Canceled: "KILLED",
};
