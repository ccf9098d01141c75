import { MAY_FOLLOW, type RunError, type RunOutcome, type RunState } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";

const MESSAGE_LIMIT = 3000;

/** True when the table lets `to` follow `from`, or nothing would change. */
export function mayMove(from: RunState, to: RunState): boolean {
  return from === to || MAY_FOLLOW[from].includes(to);
}

/** The run in another state. A step that the table forbids is a defect of the engine, so it throws. */
export function moveTo(run: RunRecord, state: Exclude<RunState, "ended">, changes: Partial<RunRecord> = {}): RunRecord {
  requireStep(run, state);
  return { ...run, ...changes, state };
}

/** How a run is over. */
export interface Ending {
  readonly outcome: RunOutcome;
  readonly error: RunError | null;
  readonly endedAt: Date;
}

/** The run when it is over. An ended run stays as it is: its outcome is never rewritten. */
export function end(run: RunRecord, ending: Ending): RunRecord {
  if (run.state === "ended") return run;
  requireStep(run, "ended");
  return {
    ...run,
    state: "ended",
    outcome: ending.outcome,
    error: ending.error && { code: ending.error.code, message: clip(ending.error.message) },
    endedAt: ending.endedAt,
    preparing: false,
    unreachableSince: null,
    missingSince: null,
    waitsFor: null,
  };
}

/** Cuts a message to what a run may hold (spec 05 §4). */
export function clip(message: string): string {
  return message.length <= MESSAGE_LIMIT ? message : `${message.slice(0, MESSAGE_LIMIT - 1)}…`;
}

function requireStep(run: RunRecord, to: RunState): void {
  if (!mayMove(run.state, to)) throw new Error(`Run ${run.id} cannot go from ${run.state} to ${to}.`);
}
