import type { Observation } from "@switchyard/compute";
import type { RunRecord } from "@switchyard/store";
import type { EngineSettings } from "../settings.ts";
import { changeAttempt, hasEnded, lastAttempt } from "./attempts.ts";
import { end, moveTo } from "./transitions.ts";
import { afterLoss } from "./tryAgain.ts";

/** How patient to be, and whether the compute starts jobs again by itself. */
export interface ObservingRules
  extends Pick<
    EngineSettings,
    "lostAfterSeconds" | "lostAfterCancelSeconds" | "notRespondingAfterSeconds" | "unreachableLostAfterSeconds"
  > {
  readonly requeues: boolean;
  /** the target at which a lost run goes on with another attempt; null: it does not */
  readonly goesOnAt: string | null;
}

/** What we now believe about a run, given what its driver saw. Takes at most one step of the table; does no I/O. */
export function afterObserving(run: RunRecord, seen: Observation, now: Date, rules: ObservingRules): RunRecord {
  if (run.state === "ended") return run;
  switch (seen.phase) {
    case "waiting":
      return afterWaiting(found(run), seen.because ?? null, rules.requeues);
    case "running":
      return afterRunning(found(run), seen.attempt, seen.node ?? null);
    case "exited":
      return afterExited(found(run), seen);
    case "missing":
      return afterMissing(answered(run), now, rules);
  }
}

/**
 * What we believe when the compute has not answered since `since`: nothing new about the job, until patience itself ends.
 * A short silence is not even written down.
 */
export function afterSilence(run: RunRecord, since: Date, now: Date, rules: ObservingRules): RunRecord {
  if (run.state === "ended") return run;
  const first = run.unreachableSince ?? since;
  const seconds = secondsBetween(first, now);
  // Nobody waits for it any more. Its job is stopped should the compute come back.
  if (run.cancelRequestedAt !== null && Math.min(seconds, secondsBetween(run.cancelRequestedAt, now)) > rules.lostAfterSeconds)
    return end(run, { outcome: "canceled", error: run.cancelReason, endedAt: now });
  if (seconds > rules.unreachableLostAfterSeconds)
    return lose(run, now, rules, `The compute has not answered since ${first.toISOString()}.`);
  if (run.unreachableSince !== null || seconds < rules.notRespondingAfterSeconds) return run;
  return { ...run, unreachableSince: first };
}

function afterWaiting(run: RunRecord, because: string | null, requeues: boolean): RunRecord {
  const told = run.waitsFor === because ? run : { ...run, waitsFor: because };
  if (run.state === "starting" || run.state === "queued" || !requeues) return told;
  return moveTo(told, "queued");
}

function afterRunning(run: RunRecord, attempt: number, node: string | null): RunRecord {
  if (run.state === "running") return withNode(run, attempt, node);
  if (run.state === "queued") return moveTo(run, "starting");
  // A job that was seen to end and runs again was started once more by its compute: the next attempt.
  if (run.state === "collecting") return runsAgain(run, attempt) ? moveTo(run, "queued") : run;
  return moveTo(withNode(run, attempt, node), "running", { waitsFor: null, preparing: false });
}

function afterExited(run: RunRecord, seen: Extract<Observation, { phase: "exited" }>): RunRecord {
  if (run.state === "queued") return moveTo(run, "starting");
  const attempt = run.attempts.find((each) => each.number === seen.attempt);
  const told =
    seen.attempt < 1 || (attempt !== undefined && hasEnded(attempt))
      ? run.attempts
      : withExit(run, seen.attempt, seen.exitCode, seen.because ?? null);
  if (run.state === "collecting") return told === run.attempts ? run : { ...run, attempts: told };
  return moveTo(run, "collecting", { attempts: told, preparing: false, waitsFor: null });
}

/** The driver's word about an end counts until the attempt's own `ended` event is read, which knows more. */
function withExit(run: RunRecord, number: number, exitCode: number | null, because: string | null) {
  const signal = because === null ? null : (/^signal (\w+)$/.exec(because)?.[1] ?? null);
  const told = { exitCode, signal, because: signal !== null ? null : (because ?? (exitCode === null ? "unknown" : null)) };
  const was = run.attempts.find((each) => each.number === number);
  const same = was !== undefined && was.exitCode === told.exitCode && was.because === told.because && was.signal === told.signal;
  return same ? run.attempts : changeAttempt(run.attempts, number, told);
}

function afterMissing(run: RunRecord, now: Date, rules: ObservingRules): RunRecord {
  const since = run.missingSince ?? now;
  const missed = run.missingSince === null ? { ...run, missingSince: now } : run;
  const seconds = secondsBetween(since, now);
  if (run.cancelRequestedAt !== null && seconds > Math.min(rules.lostAfterCancelSeconds, rules.lostAfterSeconds)) {
    return end(missed, { outcome: "canceled", error: run.cancelReason, endedAt: now });
  }
  if (seconds <= rules.lostAfterSeconds) return missed;
  return lose(missed, now, rules, `The compute has had no trace of the job since ${since.toISOString()}.`);
}

function lose(run: RunRecord, now: Date, rules: ObservingRules, message: string): RunRecord {
  if (rules.goesOnAt !== null) return afterLoss(run, rules.goesOnAt, now);
  return end(run, { outcome: "lost", error: { code: "JobLost", message }, endedAt: now });
}

function answered(run: RunRecord): RunRecord {
  return run.unreachableSince === null ? run : { ...run, unreachableSince: null };
}

function found(run: RunRecord): RunRecord {
  return run.unreachableSince === null && run.missingSince === null ? run : { ...run, unreachableSince: null, missingSince: null };
}

function withNode(run: RunRecord, attempt: number, node: string | null): RunRecord {
  const known = run.attempts.find((each) => each.number === attempt);
  if (attempt < 1 || node === null || known?.node === node) return run;
  if (known?.node) return run; // the attempt's own `claimed` event knows better
  return { ...run, attempts: changeAttempt(run.attempts, attempt, { node }) };
}

function runsAgain(run: RunRecord, number: number): boolean {
  if (number < (lastAttempt(run.attempts)?.number ?? 0)) return false;
  const attempt = run.attempts.find((each) => each.number === number);
  return attempt === undefined || (!hasEnded(attempt) && attempt.exitCode === null && attempt.because === null && attempt.signal === null);
}

function secondsBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1000;
}
