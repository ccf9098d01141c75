import type { RunData } from "@switchyard/protocol";
import type { Database, Queries } from "../database/database.ts";
import { fromJson, toJson } from "../database/text.ts";

/** What runs read from datastores and write to them. */
export class RunDatas {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Undefined for a run that has nothing to do with datastores. */
  async get(runId: string): Promise<RunData | undefined> {
    return (await readRunData(this.#database.db, [runId])).get(runId);
  }

  /** Notes what became of a run's outputs. */
  async replace(runId: string, data: RunData): Promise<void> {
    await this.#database.db
      .updateTable("run_data")
      .set({ data: toJson(data) })
      .where("run_id", "=", runId)
      .execute();
  }

  /** The trees that runs which are not over read: what garbage collection must keep. */
  async roots(): Promise<string[]> {
    const rows = await this.#database.db
      .selectFrom("run_data")
      .innerJoin("runs", "runs.id", "run_data.run_id")
      .select("run_data.data")
      .where("runs.attention", "=", "open")
      .execute();
    return [...new Set(rows.flatMap(({ data }) => fromJson<RunData>(data).inputs.map(({ root }) => root)))];
  }
}

export async function writeRunData(db: Queries, runId: string, data: RunData): Promise<void> {
  if (data.inputs.length + data.outputs.length === 0) return;
  await db
    .insertInto("run_data")
    .values({ run_id: runId, data: toJson(data) })
    .execute();
}

export async function readRunData(db: Queries, runIds: readonly string[]): Promise<Map<string, RunData>> {
  const rows = await db.selectFrom("run_data").select(["run_id", "data"]).where("run_id", "in", runIds).execute();
  return new Map(rows.map(({ run_id, data }) => [run_id, fromJson<RunData>(data)]));
}
