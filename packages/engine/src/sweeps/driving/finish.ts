import { primaryMetricOf, type RunOutcome, trialRunId } from "@switchyard/protocol";
import type { NewRun, ParentChange, RunRecord } from "@switchyard/store";
import { toldByChange } from "../../reconciler/save.ts";
import { withWarnings } from "../../runs/afterCollecting.ts";
import { end } from "../../runs/transitions.ts";
import type { SweepState } from "./state.ts";

const OUTCOME = { Completed: "succeeded", Failed: "failed", Canceled: "canceled" } as const satisfies Record<string, RunOutcome>;
/** What a parent says of the best trial (spec 06 §7); a sweep that goes on says it anew. */
export const RESULT_PROPERTIES = ["best_child_run_id", "score", "best_metric_status", "best_data_container_id"] as const;

/** The end of the parent run, as the journal says; null when it has ended already. */
export function endOfParent(parent: RunRecord, state: SweepState, now: Date): ParentChange | null {
  const { finished, finishedAt } = state;
  if (finished === null || parent.state === "ended") return null;
  const ended = end(withWarnings(parent, [...state.notes.values()]), {
    outcome: OUTCOME[finished.status],
    error: finished.error,
    endedAt: finishedAt ?? now,
  });
  const next = { ...ended, removedAt: now };
  return {
    was: parent,
    next,
    timeline: toldByChange(parent, next, now),
    forget: RESULT_PROPERTIES,
    properties: resultOf(parent.id, state),
  };
}

function resultOf(runId: string, { finished }: SweepState): Record<string, string> {
  if (finished?.best === null || finished?.best === undefined) return { best_metric_status: "Failed" };
  const best = trialRunId(runId, finished.best);
  return {
    best_child_run_id: best,
    score: String(finished.score),
    best_metric_status: "Succeeded",
    best_data_container_id: `dcid.${best}`,
  };
}

/** What a parent run says from the start. Long values are in the journal alone. */
export function parentProperties(
  { configuration }: Pick<SweepState, "configuration">,
  spaceSize: bigint | null,
): NonNullable<NewRun["properties"]> {
  const { sampling, policy, resumeFrom, resumeChildRuns, maxConcurrentRuns, maxComputeHours } = configuration;
  return {
    primary_metric_config: JSON.stringify(primaryMetricOf(configuration)),
    resume_from: JSON.stringify(resumeFrom.length === 0 ? null : resumeFrom),
    runTemplate: "HyperDrive",
    "azureml.runsource": "hyperdrive",
    platform: "AML",
    ...(spaceSize === null ? {} : { space_size: String(spaceSize) }),
    "hyperdrive.sampling": sampling.type,
    "hyperdrive.seed": String(sampling.seed),
    "hyperdrive.policy": JSON.stringify(policy),
    "hyperdrive.max_total_runs": String(configuration.maxTotalRuns),
    "hyperdrive.max_concurrent_runs": String(maxConcurrentRuns),
    "hyperdrive.max_duration_minutes": String(configuration.maxDurationMinutes),
    ...(maxComputeHours === null ? {} : { "hyperdrive.max_compute_hours": String(maxComputeHours) }),
    ...(resumeChildRuns.length === 0 ? {} : { "hyperdrive.resume_child_runs": JSON.stringify(resumeChildRuns).slice(0, 1000) }),
  };
}
