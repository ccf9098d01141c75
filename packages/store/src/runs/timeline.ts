import type { TimelineEntry } from "@switchyard/protocol";
import type { Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import { storable, storableOrNull } from "../database/text.ts";

/** A dated fact to add to a run's timeline. */
export interface NewTimelineEntry {
  readonly at: Date;
  readonly attempt?: number | null;
  readonly what: string;
  readonly detail?: string | null;
}

export async function addTimeline(db: Queries, runId: string, entries: readonly NewTimelineEntry[]): Promise<void> {
  const rows = entries.map(({ at, attempt, what, detail }) => ({
    run_id: runId,
    at: at.getTime(),
    attempt: attempt ?? null,
    what: storable(what),
    detail: storableOrNull(detail ?? null),
  }));
  for (const group of inGroups(rows)) await db.insertInto("run_timeline").values(group).execute();
}

/** In the order the entries were saved: clocks of different machines are not compared. */
export async function readTimeline(db: Queries, runId: string): Promise<TimelineEntry[]> {
  const rows = await db.selectFrom("run_timeline").selectAll().where("run_id", "=", runId).orderBy("id").execute();
  return rows.map(({ at, attempt, what, detail }) => ({ at: new Date(at).toISOString(), attempt, what, detail }));
}
