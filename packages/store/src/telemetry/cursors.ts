import type { Queries } from "../database/database.ts";
import type { CursorMove } from "./batch.ts";
import { Stale } from "./stale.ts";

/** Moves every cursor from where the batch says it was; throws Stale when one is elsewhere. */
export async function moveCursors(db: Queries, runId: string, moves: readonly CursorMove[]): Promise<void> {
  for (const move of moves) if (!(await moveCursor(db, runId, move))) throw new Stale();
}

async function moveCursor(db: Queries, runId: string, { attempt, file, was, now, linesSkipped = 0 }: CursorMove): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("run_cursors")
    .set((set) => ({ offset: now, lines_skipped: set("lines_skipped", "+", linesSkipped) }))
    .where("run_id", "=", runId)
    .where("attempt", "=", attempt)
    .where("file", "=", file)
    .where("offset", "=", was)
    .executeTakeFirst();
  if (numUpdatedRows === 1n || was !== 0) return numUpdatedRows === 1n;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("run_cursors")
    .values({ run_id: runId, attempt, file, offset: now, lines_skipped: linesSkipped })
    .onConflict((conflict) => conflict.columns(["run_id", "attempt", "file"]).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}
