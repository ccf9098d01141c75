import type { ComputeDriver } from "@switchyard/compute";
import { failPoint, type JsonObject } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { handleOf } from "../runs/afterStarting.ts";
import { hasEnded, lastAttempt } from "../runs/attempts.ts";
import { afterCancelSent } from "../runs/cancel.ts";
import type { EngineSettings } from "../settings.ts";
import { letGo } from "./letGo.ts";
import { withPatience } from "./patience.ts";
import { save } from "./save.ts";
import type { Watch } from "./watch.ts";

/** How long a run that has to leave its place may take to save what it has: what cloud providers give a preempted machine. */
const VACATE_GRACE_SECONDS = 30;

/**
 * Milliseconds until an ended run's directory may go. What a run left that was given up is never home for sure, so it is
 * kept longer.
 */
export function removableInMs(run: RunRecord, settings: EngineSettings, now: Date): number {
  if (run.cleanRequestedAt) return 0;
  const keep = wasGivenUp(run) ? settings.keepLostRunDirectoriesSeconds : settings.keepRunDirectoriesSeconds;
  return (run.endedAt?.getTime() ?? 0) + keep * 1000 - now.getTime();
}

/** Frees what an ended run still holds on its compute. */
export async function removeRun(
  context: EngineContext,
  watch: Watch,
  driver: ComputeDriver | undefined,
  signal: AbortSignal,
): Promise<void> {
  const handle = handleOf(watch.record);
  failPoint("remove.before");
  if (handle !== null && driver !== undefined) {
    await withPatience(`Driver ${driver.name}`, context.settings.observeTimeoutSeconds, signal, (limited) =>
      driver.remove(handle, limited),
    );
  }
  failPoint("remove.after");
  await letGo(context, watch.record); // also of a run that was lost, or ended by a server that died then
  // Jobs of earlier attempts may lie on a machine that does not answer: the run is then kept in mind for them alone.
  const over = watch.record.left.length === 0 ? { removedAt: context.clock.now() } : { handle: null };
  await save(context, watch, { ...watch.record, ...over });
}

/** True for a run that was given up while its job may still run somewhere: its machine is told to stop it once it answers. */
export function mustStopAbandoned(run: RunRecord): boolean {
  return wasGivenUp(run) && run.handle !== null && run.cancelSentAt === null;
}

/** Did the run end although nobody saw its job end: lost, or canceled while its compute did not answer? */
function wasGivenUp({ state, outcome, handle, cancelRequestedAt, attempts }: RunRecord): boolean {
  if (state !== "ended") return false;
  if (outcome === "lost") return true;
  const last = lastAttempt(attempts);
  return outcome === "canceled" && cancelRequestedAt !== null && handle !== null && (last === undefined || !hasEnded(last));
}

/** True for a run that was given up while it was being placed: a job may be there whose handle came to nobody. */
export function mayHaveBeenPlaced({ state, outcome, handle, jobId, cancelSentAt }: RunRecord): boolean {
  return state === "ended" && (outcome === "canceled" || outcome === "lost") && handle === null && jobId !== null && cancelSentAt === null;
}

/** Looks for the job of a run that was given up while it was being placed. One that is there is stopped, and removed later. */
export async function findAbandoned(context: EngineContext, watch: Watch, driver: ComputeDriver, signal: AbortSignal): Promise<void> {
  const { record } = watch;
  const handle = await withPatience(
    `Driver ${driver.name}`,
    context.settings.observeTimeoutSeconds,
    signal,
    async (limited) => (await driver.find?.(record.jobId ?? "", limited)) ?? null,
  );
  const found = handle === null ? { cancelSentAt: context.clock.now() } : { handle: handle as unknown as JsonObject };
  await save(context, watch, { ...record, ...found });
}

/** Tells the compute to stop a job that was given up. */
export async function stopAbandoned(context: EngineContext, watch: Watch, driver: ComputeDriver, signal: AbortSignal): Promise<void> {
  const handle = handleOf(watch.record);
  if (handle !== null) {
    await withPatience(`Driver ${driver.name}`, context.settings.observeTimeoutSeconds, signal, (limited) =>
      driver.cancel(handle, 0, limited, "abandoned"),
    );
  }
  await save(context, watch, { ...watch.record, cancelSentAt: context.clock.now() });
}

/** Tells the compute that a run is to stop. Changes nothing here: it goes on beside the looks at the run. */
export async function sendCancel({ settings }: EngineContext, run: RunRecord, driver: ComputeDriver, signal: AbortSignal): Promise<void> {
  const handle = handleOf(run);
  if (handle === null) return;
  const seconds = run.cancelGraceSeconds + settings.observeTimeoutSeconds;
  await withPatience(`Driver ${driver.name}`, seconds, signal, (limited) => driver.cancel(handle, run.cancelGraceSeconds, limited));
}

/** Tells the compute that a run has to leave its place, with time to save what it has. */
export async function sendVacate({ settings }: EngineContext, run: RunRecord, driver: ComputeDriver, signal: AbortSignal): Promise<void> {
  const handle = handleOf(run);
  if (handle === null) return;
  const seconds = VACATE_GRACE_SECONDS + settings.observeTimeoutSeconds;
  await withPatience(`Driver ${driver.name}`, seconds, signal, (limited) =>
    driver.cancel(handle, VACATE_GRACE_SECONDS, limited, "preempted"),
  );
}

/** Notes that the compute took the wish. */
export async function noteCancelSent(context: EngineContext, watch: Watch): Promise<void> {
  watch.canceling = "no";
  if (watch.record.cancelRequestedAt === null || watch.record.state === "ended") return;
  const now = context.clock.now();
  const sent = { at: now, attempt: null, what: "cancel_sent", detail: `grace ${watch.record.cancelGraceSeconds} s` };
  await save(context, watch, afterCancelSent(watch.record, now), [sent]);
}
