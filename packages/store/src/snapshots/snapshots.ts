import { randomUUID } from "node:crypto";
import type { Snapshot } from "@switchyard/protocol";
import type { Database } from "../database/database.ts";

/** Named folders of source code, each by the SHA-256 of its root tree. */
export class Snapshots {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Names a tree; the same tree may have many names. */
  async create(workspace: string, tree: { root: string; files: number; bytes: number }): Promise<Snapshot> {
    const row = { id: randomUUID(), workspace, ...tree, created_at: Date.now() };
    await this.#database.db.insertInto("snapshots").values(row).execute();
    return toSnapshot(row);
  }

  /** With `workspace`, only a snapshot of that workspace is found. */
  async get(id: string, workspace?: string): Promise<Snapshot | undefined> {
    let query = this.#database.db.selectFrom("snapshots").selectAll().where("id", "=", id);
    if (workspace !== undefined) query = query.where("workspace", "=", workspace);
    const row = await query.executeTakeFirst();
    return row && toSnapshot(row);
  }

  /** Forgets a snapshot unless a run other than `runId` still needs it to begin. Its blobs stay until they are collected. */
  async removeUnlessNeeded(id: string, runId: string): Promise<void> {
    await this.#database.db
      .deleteFrom("snapshots")
      .where("id", "=", id)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom("runs")
              .select("runs.id")
              .where("runs.snapshot_id", "=", id)
              .where("runs.id", "!=", runId)
              .where("runs.state", "!=", "ended"),
          ),
        ),
      )
      .execute();
  }

  /** The root trees of all snapshots, each once: what garbage collection must keep. */
  async roots(): Promise<string[]> {
    const rows = await this.#database.db.selectFrom("snapshots").select("root").distinct().execute();
    return rows.map((row) => row.root);
  }
}

function toSnapshot(row: { id: string; root: string; files: number; bytes: number; created_at: number }): Snapshot {
  return { snapshotId: row.id, root: row.root, files: row.files, bytes: row.bytes, createdUtc: new Date(row.created_at).toISOString() };
}
