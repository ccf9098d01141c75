// Puts finished runs with one metric and one param each straight into our database, as seedMlflow.py does into MLflow's.
import { sql } from "kysely";
import { openDatabase } from "../../packages/store/src/database/database.ts";
import { inGroups } from "../../packages/store/src/database/groups.ts";
import { changeWriter } from "../../packages/store/src/events/changes.ts";
import { toRow } from "../../packages/store/src/runs/row.ts";
import { newRun } from "../../packages/store/src/testing/records.ts";

/** The same runs that MLflow's database gets. */
export async function seedOurs(databaseUrl: string, experiment: string, runs: number): Promise<void> {
  const database = await openDatabase(databaseUrl, changeWriter);
  try {
    const ids = Array.from({ length: runs }, (_, at) => `searched_${at}`);
    await database.transact(async ({ db }) => {
      const rows = ids.map((id, at) => {
        const started = new Date(1_700_000_000_000 + at);
        const ended = {
          state: "ended",
          outcome: "succeeded",
          startedAt: started,
          createdAt: started,
          endedAt: started,
          removedAt: started,
        } as const;
        return { ...toRow({ ...newRun(id, { experiment, ...ended }), number: at + 1, version: 1 }), owner: null };
      });
      for (const group of inGroups(rows)) await db.insertInto("runs").values(group).execute();
      for (const group of inGroups(ids)) {
        await db
          .insertInto("run_takes")
          .values(group.map((id) => ({ run_id: id, takes: 0 })))
          .execute();
        await db
          .insertInto("run_params")
          .values(group.map((id) => ({ run_id: id, name: "lr", value: "0.1" })))
          .execute();
        await db
          .insertInto("run_tags")
          .values(group.map((id) => ({ run_id: id, name: "mlflow.runName", value: "run" })))
          .execute();
      }
      for (const group of inGroups([...ids.entries()])) {
        await db
          .insertInto("metric_series")
          .values(group.map(([at, id]) => seriesOf(id, ((at * 7919) % runs) / runs)))
          .execute();
      }
    });
    if (database.kind === "postgres") await sql`analyze`.execute(database.db); // which it does by itself within a minute
  } finally {
    await database.close();
  }
}

function seriesOf(runId: string, value: number) {
  return {
    run_id: runId, origin: "script", name: "score", attempt: 1, kind: "number", count: 1, non_finite: 0, min: value, max: value, last: String(value),
    last_number: value, sort_number: value, last_step: 0, last_time: 1_700_000_000_000, newest_time: 1_700_000_000_000, is_latest: 1, tail_first: 0,
  }; // biome-ignore format: one row
}
