import type { Attempt, RunError, RunOutcome, RunState, RunStatus } from "@switchyard/protocol";
import type { Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";

/** As much of a trial's run as decides about it: read often, so without what is long. */
export interface TrialStanding {
  readonly id: string;
  readonly state: RunState;
  readonly outcome: RunOutcome | null;
  readonly status: RunStatus;
  readonly error: RunError | null;
  readonly cancelRequested: boolean;
  readonly attempts: readonly Attempt[];
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export async function standingOfTrials(db: Queries, runIds: readonly string[]): Promise<TrialStanding[]> {
  const found: TrialStanding[] = [];
  for (const ids of inGroups(runIds)) {
    const rows = await db
      .selectFrom("runs")
      .select(["id", "state", "outcome", "status", "error", "cancel_requested_at", "attempts", "started_at", "ended_at"])
      .where("id", "in", ids)
      .execute();
    for (const row of rows) {
      found.push({
        id: row.id,
        state: row.state as RunState,
        outcome: row.outcome as RunOutcome | null,
        status: row.status as RunStatus,
        error: row.error === null ? null : (JSON.parse(row.error) as RunError),
        cancelRequested: row.cancel_requested_at !== null,
        attempts: JSON.parse(row.attempts) as Attempt[],
        startedAt: row.started_at === null ? null : new Date(row.started_at),
        endedAt: row.ended_at === null ? null : new Date(row.ended_at),
      });
    }
  }
  return found;
}
