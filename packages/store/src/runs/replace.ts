import type { Work } from "../database/database.ts";
import type { RunRecord } from "./record.ts";
import { changedColumns } from "./row.ts";

/** Saves what `next` changes of `was` inside a transaction; false when `was` is no longer the current version. */
export async function replaceRun({ db, announce }: Work, was: RunRecord, next: RunRecord): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("runs")
    .set({ ...changedColumns(was, next), version: was.version + 1 })
    .where("id", "=", was.id)
    .where("version", "=", was.version)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  announce({ kind: "run", workspace: was.workspace, runId: was.id, names: [] });
  return true;
}
