import type { ComputeDriver, JobHandle } from "@switchyard/compute";
import { failPoint } from "@switchyard/protocol";
import type { LeftJob, RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import type { EngineSettings } from "../settings.ts";
import { withPatience } from "./patience.ts";
import { save } from "./save.ts";
import type { Watch } from "./watch.ts";

/** Milliseconds until the next job of an earlier attempt may go. One that was lost is stopped first, and kept for a while. */
export function leavableInMs({ left, cleanRequestedAt }: RunRecord, settings: EngineSettings, now: Date): number {
  const [job] = left;
  if (job === undefined) return Number.POSITIVE_INFINITY;
  const keepSeconds = job.stop || !wasLost(job) || cleanRequestedAt ? 0 : settings.keepLostRunDirectoriesSeconds;
  return Date.parse(job.since) + keepSeconds * 1000 - now.getTime();
}

/** Stops a job that was given up, or removes one that has ended. Changes nothing here: it goes on beside the looks at the run. */
export async function leaveJob({ settings }: EngineContext, job: LeftJob, driver: ComputeDriver | undefined, signal: AbortSignal) {
  if (driver === undefined) return; // its target is gone, and so is what lay there as far as we are concerned
  const handle = job.handle as unknown as JobHandle;
  failPoint("leave.before");
  await withPatience(`Driver ${driver.name}`, settings.observeTimeoutSeconds, signal, (limited) =>
    job.stop ? driver.cancel(handle, 0, limited, "abandoned") : driver.remove(handle, limited),
  );
  failPoint("leave.after");
}

/** Notes that the first of the left jobs was stopped (then it is kept a while) or removed. */
export async function noteLeft(context: EngineContext, watch: Watch): Promise<void> {
  watch.leaving = "no";
  const [job, ...rest] = watch.record.left;
  if (job === undefined) return;
  const stopped: LeftJob = { ...job, stop: false, lost: true };
  await save(context, watch, { ...watch.record, left: job.stop ? [...rest, stopped] : rest });
}

const wasLost = (job: LeftJob): boolean => job.lost === true;
