import { Conflict, type InteractiveRun, NotFound, type RunError } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { toldByChange } from "../reconciler/save.ts";
import { newAttempt } from "../runs/attempts.ts";
import { afterCancelRequested } from "../runs/cancel.ts";
import { CHILD_RUN, INTERACTIVE_RUN, isCarried } from "../runs/carried.ts";
import { end } from "../runs/transitions.ts";
import { newRun } from "./newRun.ts";
import { requireWorkspace, rootOf, type SubmitOptions } from "./submit.ts";

/** Records a run that somebody else executes: it is running from the start, and no driver ever hears of it. */
export async function startInteractive(
  context: EngineContext,
  workspace: string,
  wishes: InteractiveRun,
  { submittedBy, idempotency }: SubmitOptions,
): Promise<RunRecord> {
  await requireWorkspace(context, workspace);
  await rootOf(context, workspace, wishes.snapshotId);
  const now = context.clock.now();
  const run = await newRun(context, workspace, wishes, {
    type: wishes.runType ?? (wishes.parentRunId === undefined ? INTERACTIVE_RUN : CHILD_RUN),
    target: "local",
    state: "running",
    submittedBy,
    snapshotId: wishes.snapshotId,
    startedAt: now,
    attempts: [{ ...newAttempt(1), startTimeUtc: now.toISOString() }],
    properties: wishes.snapshotId === null ? {} : { ContentSnapshotId: wishes.snapshotId },
  });
  return context.store.runs.create(run, idempotency);
}

/** How somebody ends a run of their own. */
export interface InteractiveEnd {
  readonly status: "Completed" | "Failed" | "Canceled";
  readonly error?: RunError | undefined;
}

const DECLARED: RunError = { code: "UserFailed", message: "The run was ended as failed." };
/** How long a script that is declared failed from elsewhere has before it is killed. */
const GRACE_SECONDS = 5;

/** Declares a submitted run failed from elsewhere, as v1's `run.fail()` does: its script is stopped, and it ends as failed. */
export async function failSubmitted({ store, clock }: EngineContext, runId: string, error: RunError = DECLARED): Promise<RunRecord> {
  for (;;) {
    const was = await store.runs.get(runId);
    if (was === undefined) throw new NotFound(`There is no run "${runId}".`);
    if (was.state === "ended") {
      if (was.outcome === "failed") return was;
      throw new Conflict(`Run ${runId} has ended already (${was.outcome}); it cannot become Failed.`);
    }
    const now = clock.now();
    const next = { ...afterCancelRequested(was, GRACE_SECONDS, now), failure: was.failure ?? error };
    const told = { at: now, attempt: null, what: "cancel_requested", detail: `declared failed: ${error.message}` };
    if (await store.runs.replace(was, next, [told, ...toldByChange(was, next, now)])) return { ...next, version: was.version + 1 };
  }
}

const OUTCOME = { Completed: "succeeded", Failed: "failed", Canceled: "canceled" } as const;

/** Ends a run that somebody else executes. Ending it twice in the same way is no error. */
export async function endInteractive(context: EngineContext, runId: string, { status, error }: InteractiveEnd): Promise<RunRecord> {
  const outcome = OUTCOME[status];
  for (;;) {
    const was = await context.store.runs.get(runId);
    if (was === undefined) throw new NotFound(`There is no run "${runId}".`);
    if (was.state === "ended") {
      if (was.outcome === outcome) return was;
      throw new Conflict(`Run ${runId} has ended already (${was.outcome}); it cannot become ${status}.`);
    }
    if (isCarried(was)) throw new Conflict(`Run ${runId} was submitted: its script's exit code ends it. To stop it, cancel it.`);
    const now = context.clock.now();
    const failure = outcome === "failed" ? (error ?? DECLARED) : (error ?? null);
    const ended = withLastAttemptEnded(end(was, { outcome, error: failure, endedAt: now }), now);
    const next = { ...ended, removedAt: now };
    if (await context.store.runs.replace(was, next, toldByChange(was, next, now))) return { ...next, version: was.version + 1 };
  }
}

function withLastAttemptEnded(run: RunRecord, now: Date): RunRecord {
  const attempts = run.attempts.map((attempt, index) =>
    index < run.attempts.length - 1 || attempt.endTimeUtc !== null ? attempt : { ...attempt, endTimeUtc: now.toISOString() },
  );
  return { ...run, attempts };
}
