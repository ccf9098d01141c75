import { JobRejected, type JsonObject, ownComputeProblem } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../../context.ts";
import { targetsElsewhere } from "../../runs/tryAgain.ts";
import { refuseFailed, refuseOthers } from "../../submit/unsupported.ts";
import { requireTarget, type Target } from "../../targets.ts";

const FEATURE = "hyperparameter tuning";

/** Refuses what a run configuration names instead of a target and goes with the first trial. */
export function refuseOwnCompute({ target }: JsonObject): void {
  const problem = typeof target === "string" ? ownComputeProblem(target) : null;
  if (problem !== null) throw new JobRejected(problem, { details: { feature: FEATURE, target: String(target) } });
}

/** Refuses targets that the capability matrix leaves out. */
export function requireTuning({ name, type, capabilities }: Target): void {
  if (capabilities.hyperparameterTuning) return;
  throw new JobRejected(
    `Target "${name}" (${type}) does not support hyperparameter tuning. Send the sweep to a managed cluster, a machine over SSH, a compute instance or local.`,
    { details: { feature: FEATURE, target: name } },
  );
}

/** Refuses to let a sweep go on whose trials could not be submitted: they would fail what has ended well. */
export function requireTargetsStill({ targets }: EngineContext, { workspace, target, definition, submittedBy }: RunRecord): void {
  for (const name of [target, ...targetsElsewhere((definition.restart ?? {}) as JsonObject)]) {
    const each = requireTarget(targets, workspace, name);
    requireTuning(each);
    refuseFailed(each);
    refuseOthers(each, submittedBy);
  }
}
