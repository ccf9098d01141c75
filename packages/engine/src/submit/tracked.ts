import { NotFound, type RunError } from "@switchyard/protocol";
import type { RunRecord, Tags } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { toldByChange } from "../reconciler/save.ts";
import { newAttempt } from "../runs/attempts.ts";
import { CHILD_RUN, INTERACTIVE_RUN, isCarried } from "../runs/carried.ts";
import { newRun } from "./newRun.ts";

/** A run that an MLflow client begins. */
export interface TrackedRunWishes {
  readonly runId: string;
  readonly experimentName: string;
  readonly displayName: string;
  readonly parentRunId: string | null;
  readonly submittedBy: string | null;
  readonly startedAt: Date;
  readonly tags: Tags;
}

/** Records a run that an MLflow client executes: it is running from the start, and no driver ever hears of it. */
export async function startTracked(context: EngineContext, workspace: string, wishes: TrackedRunWishes): Promise<RunRecord> {
  const { runId, experimentName, displayName, parentRunId, submittedBy, startedAt, tags } = wishes;
  const asked = { runId, experimentName, displayName, ...(parentRunId !== null && { parentRunId }) };
  const run = await newRun(context, workspace, asked, {
    type: parentRunId === null ? INTERACTIVE_RUN : CHILD_RUN,
    target: "local",
    state: "running",
    submittedBy,
    startedAt,
    attempts: [{ ...newAttempt(1), startTimeUtc: startedAt.toISOString() }],
    tags, // MLflow sets no limit to how many there are
    warnings: [],
  });
  return await context.store.runs.create({ ...run, warnings: [] });
}

/** Where a client says that its run stands. */
export interface TrackedChange {
  readonly status: "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED" | null;
  readonly endedAt: Date | null;
}

const OUTCOME = { FINISHED: "succeeded", FAILED: "failed", KILLED: "canceled" } as const;
const FAILURE: RunError = { code: "UserFailed", message: "An MLflow client ended the run as FAILED." };

/**
 * Changes where a run stands as the client that executes it says; MLflow lets an ended run go on. The end of a submitted run
 * is its script's exit code: what is said of it here is a note in its timeline.
 */
export async function changeTracked(context: EngineContext, runId: string, { status, endedAt }: TrackedChange): Promise<void> {
  for (;;) {
    const was = await context.store.runs.get(runId);
    if (was === undefined) throw new NotFound(`Run with id=${runId} not found`);
    const now = context.clock.now();
    if (isSubmitted(was)) {
      const note = { at: now, what: "said", detail: `an MLflow client said that the run is ${status}; its exit code decides` };
      if (status !== null && status !== "RUNNING") await context.store.runs.addTimeline(runId, [note]);
      return;
    }
    const next = afterSaying(was, status, endedAt ?? now, endedAt);
    if (await context.store.runs.replace(was, next, toldByChange(was, next, now))) return;
  }
}

/** True for a run with a script of its own, whether it came to start or not. */
function isSubmitted(run: RunRecord): boolean {
  return isCarried(run) || Object.keys(run.definition).length > 0;
}

function afterSaying(was: RunRecord, status: TrackedChange["status"], end: Date, endGiven: Date | null): RunRecord {
  switch (status) {
    case null:
      return endGiven === null ? was : { ...was, endedAt: endGiven };
    case "RUNNING":
    case "SCHEDULED":
      // An ended run is opened again: `mlflow.start_run(run_id=…)` goes on with it.
      return { ...was, ...OPEN, state: status === "RUNNING" ? "running" : "starting" };
    default: {
      const outcome = OUTCOME[status];
      const ended = { state: "ended", outcome, error: outcome === "failed" ? FAILURE : null, endedAt: end, removedAt: end } as const;
      return { ...was, ...ended, attempts: endAttempt(was, end.toISOString()) };
    }
  }
}

const OPEN = { outcome: null, error: null, endedAt: null, removedAt: null, cancelRequestedAt: null } as const;

function endAttempt({ attempts }: RunRecord, endTimeUtc: string): RunRecord["attempts"] {
  return attempts.map((attempt, index) => (index < attempts.length - 1 ? attempt : { ...attempt, endTimeUtc }));
}
