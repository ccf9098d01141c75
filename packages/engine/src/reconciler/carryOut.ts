import type { EngineContext } from "../context.ts";
import { afterCanceledInQueue } from "../runs/cancel.ts";
import type { Step } from "./agenda.ts";
import { collectRun } from "./collectRun.ts";
import { noteLeft } from "./leaveJob.ts";
import { letGo } from "./letGo.ts";
import { noteCancelSent, removeRun, stopAbandoned } from "./removeRun.ts";
import { save, toldByChange } from "./save.ts";
import { startRun } from "./startRun.ts";

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
    case "stopAbandoned":
      return stopAbandoned(context, watch, driver, signal);
  }
}
