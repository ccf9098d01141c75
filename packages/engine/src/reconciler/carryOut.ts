import type { EngineContext } from "../context.ts";
import { afterCanceledInQueue } from "../runs/cancel.ts";
import { end } from "../runs/transitions.ts";
import { makeClusterOf } from "../submit/runBased.ts";
import type { Step } from "./agenda.ts";
import { collectRun } from "./collectRun.ts";
import { noteLeft } from "./leaveJob.ts";
import { letGo } from "./letGo.ts";
import { findAbandoned, noteCancelSent, removeRun, stopAbandoned } from "./removeRun.ts";
import { save, toldByChange } from "./save.ts";
import { startRun } from "./startRun.ts";
import type { Watch } from "./watch.ts";

/** Does one step for one run. What a newer record makes pointless is left out. */
export async function carryOut(context: EngineContext, step: Step, signal: AbortSignal): Promise<void> {
  const { watch, driver, kind } = step;
  const { record } = watch;
  if (kind === "endInQueue") {
    const now = context.clock.now();
    const next = { ...afterCanceledInQueue(record, now), removedAt: now };
    if (record.state !== "queued" || record.handle !== null) return;
    await letGo(context, record);
    await save(context, watch, next, toldByChange(record, next, now));
    return;
  }
  if (kind === "refresh") return; // it was, before this: a run in line may have been canceled
  if (kind === "targetGone") return endWithoutTarget(context, watch);
  if (kind === "remove") return removeRun(context, watch, driver, signal);
  if (kind === "left") return noteLeft(context, watch);
  if (driver === undefined) return;
  switch (kind) {
    case "start":
      if (record.handle === null && (record.state === "starting" || (record.state === "queued" && record.cancelRequestedAt === null))) {
        await startRun(context, watch, driver, signal);
      }
      return;
    case "collect":
      if (record.state === "collecting") await collectRun(context, watch, driver, signal);
      return;
    case "cancelSent":
      return noteCancelSent(context, watch);
    case "findAbandoned":
      return findAbandoned(context, watch, driver, signal);
    case "stopAbandoned":
      return stopAbandoned(context, watch, driver, signal);
  }
}

/** The target of a run in line was deleted or detached meanwhile: it can never start. */
async function endWithoutTarget(context: EngineContext, watch: Watch): Promise<void> {
  const { record } = watch;
  if (record.handle !== null || record.state === "ended") return;
  if ((await context.store.computes.get(record.workspace, record.target)) !== undefined) return;
  // the server died before it had made the run's own cluster
  if (await makeClusterOf(context, record)) return;
  const now = context.clock.now();
  const message = `The compute target "${record.target}" was removed before the run could start there. Submit it to another: switchyard run rerun --target NAME.`;
  const ended = end(record, { outcome: "failed", error: { code: "TargetGone", message }, endedAt: now });
  if (!(await save(context, watch, ended, toldByChange(record, ended, now)))) return;
  await letGo(context, watch.record);
  await save(context, watch, { ...watch.record, removedAt: now });
}
