import type { RunRecord } from "@switchyard/store";

/** The type of runs that were submitted to a compute. */
export const SCRIPT_RUN = "azureml.scriptrun";
/** The type of runs that somebody else executes and tells us about. */
export const INTERACTIVE_RUN = "azureml.interactiverun";
export const CHILD_RUN = "azureml.childrun";
/** The type of the parent run of a sweep: it has no script of its own, and its journal says when it ends. */
export const HYPERDRIVE_RUN = "hyperdrive";

/** True for a run that a driver carries; false for one that somebody else executes. */
export function isCarried(run: RunRecord): boolean {
  return run.state === "queued" || run.launches > 0;
}
