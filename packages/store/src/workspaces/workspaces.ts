import { randomUUID } from "node:crypto";
import type { Database } from "../database/database.ts";

export interface WorkspaceRecord {
  readonly name: string;
  readonly id: string;
  readonly createdAt: Date;
}

/** The top-level places that runs, environments and snapshots belong to. */
export class Workspaces {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes the workspace unless it exists; `created` says which. */
  async ensure(name: string): Promise<WorkspaceRecord & { readonly created: boolean }> {
    const { numInsertedOrUpdatedRows } = await this.#database.db
      .insertInto("workspaces")
      .values({ name, id: randomUUID(), created_at: Date.now() })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .executeTakeFirstOrThrow();
    const workspace = (await this.get(name)) as WorkspaceRecord;
    return { ...workspace, created: numInsertedOrUpdatedRows === 1n };
  }

  async get(name: string): Promise<WorkspaceRecord | undefined> {
    const row = await this.#database.db.selectFrom("workspaces").selectAll().where("name", "=", name).executeTakeFirst();
    return row && toRecord(row);
  }

  async list(): Promise<WorkspaceRecord[]> {
    const rows = await this.#database.db.selectFrom("workspaces").selectAll().orderBy("name").execute();
    return rows.map(toRecord);
  }
}

function toRecord(row: { name: string; id: string; created_at: number }): WorkspaceRecord {
  return { name: row.name, id: row.id, createdAt: new Date(row.created_at) };
}
