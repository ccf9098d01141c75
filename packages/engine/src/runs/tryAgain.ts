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

/**
 * The target at which the run goes on when its job is lost: the next of those that its configuration names and that are
 * there, else its own. Null when the configuration does not want that.
 */
export function targetAfterLoss(run: RunRecord, nameOf: (target: string) => string | undefined): string | null {
  const named = targetsElsewhere(restartOf(run));
  if (!(restartOf(run).onLoss === true || named.length > 0) || !mayTryAgain(run)) return null;
  const there = named.flatMap((name) => nameOf(name) ?? []);
  return there[(there.indexOf(run.target) + 1) % there.length] ?? run.target;
}

/** The targets of a run configuration's `restart.elsewhere`. */
export const targetsElsewhere = ({ elsewhere }: JsonObject): readonly string[] => (Array.isArray(elsewhere) ? elsewhere.map(String) : []);

/** The run in line for its next attempt; what its job left on the compute is removed when there is time. */
export function afterTakenAway(run: RunRecord, now: Date): RunRecord {
  return backInLine(run, { stop: false, since: now.toISOString() });
}

/** The run in line at `target` although nobody knows what became of its job, which is stopped should its machine come back. */
export function afterLoss(run: RunRecord, target: string, now: Date): RunRecord {
  const last = lastAttempt(run.attempts);
  const attempts =
    last === undefined || last.endTimeUtc !== null
      ? run.attempts
      : changeAttempt(run.attempts, last.number, { endTimeUtc: now.toISOString(), because: "lost" });
  return backInLine({ ...run, target, attempts }, { stop: true, since: now.toISOString() });
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
