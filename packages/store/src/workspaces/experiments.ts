import { randomUUID } from "node:crypto";
import type { Experiment, Page } from "@switchyard/protocol";
import type { Database, Queries } from "../database/database.ts";

export async function ensureExperiment(db: Queries, workspace: string, name: string, now: Date): Promise<void> {
  await db
    .insertInto("experiments")
    .values({ id: randomUUID(), workspace, name, last_number: 0, created_at: now.getTime() })
    .onConflict((conflict) => conflict.columns(["workspace", "name"]).doNothing())
    .execute();
}

/** Groups of runs in a workspace. */
export class Experiments {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes the experiment unless it exists. */
  async ensure(workspace: string, name: string): Promise<Experiment> {
    await ensureExperiment(this.#database.db, workspace, name, new Date());
    return (await this.get(workspace, name)) as Experiment;
  }

  async get(workspace: string, name: string): Promise<Experiment | undefined> {
    const row = await this.#select(workspace).where("name", "=", name).executeTakeFirst();
    return row && toExperiment(row);
  }

  /** By name; `after` is the last name of the page before. */
  async list(workspace: string, page: { limit: number; after?: string | undefined }): Promise<Page<Experiment>> {
    let query = this.#select(workspace)
      .where("deleted_at", "is", null)
      .orderBy("name")
      .limit(page.limit + 1);
    if (page.after !== undefined) query = query.where("name", ">", page.after);
    const rows = await query.execute();
    const items = rows.slice(0, page.limit).map(toExperiment);
    return { items, next: rows.length > page.limit ? (items.at(-1)?.name ?? null) : null };
  }

  #select(workspace: string) {
    return this.#database.db.selectFrom("experiments").selectAll().where("workspace", "=", workspace);
  }
}

/** Runs are never deleted, so the number of the newest is how many there are. */
function toExperiment(row: { id: string; name: string; created_at: number; last_number: number }): Experiment {
  return { name: row.name, experimentId: row.id, createdUtc: new Date(row.created_at).toISOString(), runs: row.last_number };
}
