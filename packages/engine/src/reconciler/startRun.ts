import type { ComputeDriver, JobHandle } from "@switchyard/compute";
import { DiskFull, failPoint, SwitchyardError } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { packBundle } from "../bundle/packBundle.ts";
import type { EngineContext } from "../context.ts";
import { FINAL_ERRORS } from "../finalErrors.ts";
import { afterRejected, afterStarting, beforeStarting } from "../runs/afterStarting.ts";
import { end } from "../runs/transitions.ts";
import { letGo } from "./letGo.ts";
import { refresh, save, toldByChange } from "./save.ts";
import type { Watch } from "./watch.ts";

/**
 * Places a run's job on its compute. The job's id is saved first, so whoever goes on after a crash starts the same job,
 * and the driver answers with the one that is already there.
 */
export async function startRun(context: EngineContext, watch: Watch, driver: ComputeDriver, signal: AbortSignal): Promise<void> {
  if (watch.record.state === "queued") {
    failPoint("start.before-state-saved");
    if (!(await save(context, watch, beforeStarting(watch.record)))) return;
  }
  const handle = await place(context, watch, driver, signal);
  if (handle === null) return;
  failPoint("start.before-handle-saved");
  await saveHandle(context, watch, handle);
  failPoint("start.after-handle-saved");
}

async function place(context: EngineContext, watch: Watch, driver: ComputeDriver, signal: AbortSignal): Promise<JobHandle | null> {
  try {
    const bundle = await packBundle(context, watch.record);
    failPoint("start.before-stage");
    return await driver.start(bundle, signal);
  } catch (error) {
    const now = context.clock.now();
    const over = afterFailedStart(watch.record, error, now);
    if (over === null) throw error;
    await letGo(context, watch.record);
    await save(context, watch, { ...over, removedAt: now }, toldByChange(watch.record, over, now));
    return null;
  }
}

/** The run when it will never be placed; null when another try may succeed. */
function afterFailedStart(run: RunRecord, error: unknown, now: Date): RunRecord | null {
  if (!(error instanceof SwitchyardError)) return null;
  if (FINAL_ERRORS.has(error.code)) return afterRejected(run, { code: wordOf(error.code), message: error.message }, now);
  // Without room for the job it is not there, so nothing has to be stopped: a canceled run need not wait for room.
  const needNotWait = error instanceof DiskFull && run.cancelRequestedAt !== null;
  return needNotWait ? end(run, { outcome: "canceled", error: run.cancelReason, endedAt: now }) : null;
}

/** The handle must not be lost to somebody who wrote at the same time: it is added to what they wrote. */
async function saveHandle(context: EngineContext, watch: Watch, handle: JobHandle): Promise<void> {
  const launched = { at: context.clock.now(), attempt: null, what: "launched", detail: handle.driver };
  for (;;) {
    if (watch.record.state === "ended" || watch.record.jobId !== handle.jobId || watch.record.handle !== null) return;
    if (await save(context, watch, afterStarting(watch.record, handle), [launched])) return;
    if (!(await refresh(context, watch))) return;
  }
}

/** `job_rejected` as runs say it: `JobRejected`. */
function wordOf(code: string): string {
  return code.replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
}
