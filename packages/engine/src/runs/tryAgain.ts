import type { JsonObject } from "@switchyard/protocol";
import type { LeftJob, RunRecord } from "@switchyard/store";
import { changeAttempt, lastAttempt } from "./attempts.ts";
import { moveTo } from "./transitions.ts";

/** Ends of an attempt that say nothing about the script: its place was taken away from it. */
const TAKEN_AWAY: ReadonlySet<string> = new Set(["preempted", "node_lost", "requeued"]);
/** A run whose every attempt is taken away gives up one day. */
const DEFAULT_MAX_ATTEMPTS = 100;

/** Whether the run goes on with another attempt, now that this one has ended and all it left is home. */
export function maySucceedLater(run: RunRecord): boolean {
  return TAKEN_AWAY.has(lastAttempt(run.attempts)?.because ?? "") && run.failure === null && mayTryAgain(run);
}

/** Whether the run's configuration wants it to go on elsewhere when its job is lost. */
export function restartsLost(run: RunRecord): boolean {
  return restartOf(run).onLoss === true && mayTryAgain(run);
}

/** The run in line for its next attempt; what its job left on the compute is removed when there is time. */
export function afterTakenAway(run: RunRecord, now: Date): RunRecord {
  return backInLine(run, { stop: false, since: now.toISOString() });
}

/** The run in line again although nobody knows what became of its job, which is stopped should its machine come back. */
export function afterLoss(run: RunRecord, now: Date): RunRecord {
  const last = lastAttempt(run.attempts);
  const attempts =
    last === undefined || last.endTimeUtc !== null
      ? run.attempts
      : changeAttempt(run.attempts, last.number, { endTimeUtc: now.toISOString(), because: "lost" });
  return backInLine({ ...run, attempts }, { stop: true, since: now.toISOString() });
}

function backInLine(run: RunRecord, left: Omit<LeftJob, "handle">): RunRecord {
  const changes = {
    handle: null,
    jobId: null,
    left: run.handle === null ? run.left : [...run.left, { ...left, handle: run.handle }],
    preparing: false,
    waitsFor: null,
    missingSince: null,
    unreachableSince: null,
    cancelSentAt: null,
  };
  return run.state === "queued" ? { ...run, ...changes } : moveTo(run, "queued", changes);
}

const mayTryAgain = (run: RunRecord): boolean =>
  run.cancelRequestedAt === null && (lastAttempt(run.attempts)?.number ?? 0) < mostAttempts(run);

function mostAttempts(run: RunRecord): number {
  const { maxAttempts } = restartOf(run);
  return typeof maxAttempts === "number" ? maxAttempts : DEFAULT_MAX_ATTEMPTS;
}

const restartOf = ({ definition }: RunRecord): JsonObject => (definition.restart ?? {}) as JsonObject;
