import type { JobHandle } from "@switchyard/compute";
import type { JsonObject, RunError } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { jobIdOf } from "./jobId.ts";
import { end, moveTo } from "./transitions.ts";

/** The run when its job is about to be placed. Saved before any compute hears of it, so that a restart meets the same job id. */
export function beforeStarting(run: RunRecord): RunRecord {
  const launch = run.launches + 1;
  return moveTo(run, "starting", {
    launches: launch,
    jobId: jobIdOf(run.id, launch),
    handle: null,
    waitsFor: null,
    missingSince: null,
    cancelSentAt: null,
  });
}

/** The run when its job is placed. */
export function afterStarting(run: RunRecord, handle: JobHandle): RunRecord {
  return { ...run, handle: handle as unknown as JsonObject, unreachableSince: null, missingSince: null, waitsFor: null };
}

/** The run when the compute refuses its job for good. */
export function afterRejected(run: RunRecord, error: RunError, now: Date): RunRecord {
  return end(run, { outcome: "failed", error, endedAt: now });
}

/** The handle of the run's job as the driver gave it, or null before. */
export function handleOf(run: RunRecord): JobHandle | null {
  return run.handle as unknown as JobHandle | null;
}
