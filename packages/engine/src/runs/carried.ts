import type { RunRecord } from "@switchyard/store";

/** The type of runs that were submitted to a compute. */
export const SCRIPT_RUN = "azureml.scriptrun";
/** The type of runs that somebody else executes and tells us about. */
export const INTERACTIVE_RUN = "azureml.interactiverun";
export const CHILD_RUN = "azureml.childrun";

/** True for a run that a driver carries; false for one that somebody else executes. */
export function isCarried(run: RunRecord): boolean {
  return run.state === "queued" || run.launches > 0;
}
