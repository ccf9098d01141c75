import type { RunError } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { stopped } from "./outcome.ts";
import { end } from "./transitions.ts";

/** After how long a stop that had no effect is sent again, beyond its own grace. */
const RESEND_AFTER_SECONDS = 30;

/** The run with the wish that it stops. The first wish counts; a run already over stays as it is. */
export function afterCancelRequested(run: RunRecord, graceSeconds: number, now: Date, reason: RunError | null = null): RunRecord {
  if (run.state === "ended" || run.cancelRequestedAt !== null) return run;
  return { ...run, cancelRequestedAt: now, cancelGraceSeconds: graceSeconds, cancelReason: reason };
}

/** What a wish asks of the reconciler now. */
export type CancelStep = "nothing" | "end" | "send";

/** A run that no compute has heard of ends at once; any other is told to its compute, again when it does not stop. */
export function nextCancelStep(run: RunRecord, now: Date): CancelStep {
  if (run.cancelRequestedAt === null || run.state === "ended" || run.state === "collecting") return "nothing";
  if (run.state === "queued" && run.handle === null) return "end";
  if (run.handle === null) return "nothing";
  if (run.cancelSentAt === null) return "send";
  const waited = (now.getTime() - run.cancelSentAt.getTime()) / 1000;
  return waited > run.cancelGraceSeconds + RESEND_AFTER_SECONDS ? "send" : "nothing";
}

/** The run when its compute took the stop. */
export function afterCancelSent(run: RunRecord, now: Date): RunRecord {
  return run.state === "ended" ? run : { ...run, cancelSentAt: now };
}

/** The run when it was stopped before any compute heard of it. */
export function afterCanceledInQueue(run: RunRecord, now: Date): RunRecord {
  return end(run, { ...stopped(run), endedAt: now });
}
