import { z } from "zod";

/** Where a run is inside the engine. Few states, one table; how it ended is a separate fact. */
export const RUN_STATES = ["queued", "starting", "running", "collecting", "ended"] as const;
export const runState = z.enum(RUN_STATES);
export type RunState = z.infer<typeof runState>;

export const RUN_OUTCOMES = ["succeeded", "failed", "canceled", "lost"] as const;
export const runOutcome = z.enum(RUN_OUTCOMES);
export type RunOutcome = z.infer<typeof runOutcome>;

/** Which state may follow which. `queued` after a later one is the next attempt. */
export const MAY_FOLLOW: Readonly<Record<RunState, readonly RunState[]>> = {
  queued: ["starting", "ended"],
  starting: ["running", "collecting", "queued", "ended"],
  running: ["collecting", "queued", "ended"],
  collecting: ["queued", "ended"],
  ended: [],
};

/** The words people see: the states of the Azure ML v1 world (spec 05 §2). */
export const RUN_STATUSES = [
  "NotStarted", "Starting", "Provisioning", "Preparing", "Queued", "Running", "Finalizing",
  "CancelRequested", "Completed", "Failed", "Canceled", "NotResponding",
] as const; // biome-ignore format: one line tells the order
export const runStatus = z.enum(RUN_STATUSES);
export type RunStatus = z.infer<typeof runStatus>;

export const TERMINAL_STATUSES: ReadonlySet<RunStatus> = new Set(["Completed", "Failed", "Canceled"]);

/** The facts a status is derived from. */
export interface StatusFacts {
  readonly state: RunState;
  readonly outcome: RunOutcome | null;
  readonly cancelRequestedAt: Date | string | null;
  /** The supervisor is building the environment now. */
  readonly preparing: boolean;
  /** An environment may have to be built once the run leaves the queue. */
  readonly mayPrepare: boolean;
  /** The compute has not answered for longer than it should. */
  readonly unreachable: boolean;
}

/** The word for how a run ended. */
export const OUTCOME_STATUS: Readonly<Record<RunOutcome, RunStatus>> = {
  succeeded: "Completed", failed: "Failed", canceled: "Canceled", lost: "Failed",
}; // biome-ignore format: one line tells the table

/**
 * The status people see. It never goes backwards within an attempt, and "Preparing" comes before "Queued" in the order
 * of spec 05: so a queued run whose environment may still have to be built says "Starting", not "Queued".
 */
export function statusOf(facts: StatusFacts): RunStatus {
  if (facts.state === "ended") return OUTCOME_STATUS[facts.outcome ?? "lost"];
  if (facts.cancelRequestedAt !== null) return "CancelRequested";
  if (facts.unreachable) return "NotResponding";
  switch (facts.state) {
    case "queued":
      return facts.mayPrepare ? "Starting" : "Queued";
    case "starting":
      return facts.preparing ? "Preparing" : facts.mayPrepare ? "Starting" : "Queued";
    case "running":
      return "Running";
    case "collecting":
      return "Finalizing";
  }
}
