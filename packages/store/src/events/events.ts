import type { Change, Database } from "../database/database.ts";
import { fromJson } from "../database/text.ts";
import { ChangeListener } from "./listen.ts";

/** One announced change; ids grow in commit order. */
export interface ChangeEventRow extends Change {
  readonly id: number;
}

/** What changed, in commit order. */
export class Events {
  readonly #database: Database;
  readonly #listener: ChangeListener;

  constructor(database: Database) {
    this.#database = database;
    this.#listener = new ChangeListener(database);
  }

  /** Changes after `afterId`, oldest first. */
  async since(afterId: number, limit: number): Promise<ChangeEventRow[]> {
    const rows = await this.#database.db.selectFrom("changes").selectAll().where("id", ">", afterId).orderBy("id").limit(limit).execute();
    return rows.map((row) => ({
      id: row.id,
      kind: row.kind as Change["kind"],
      workspace: row.workspace,
      runId: row.run_id,
      names: fromJson<string[]>(row.names),
    }));
  }

  /** Id of the newest change, 0 when there never was one. */
  async latestId(): Promise<number> {
    const { value } = await this.#database.db.selectFrom("counters").select("value").where("name", "=", "change").executeTakeFirstOrThrow();
    return value;
  }

  /** Id of the oldest change that is still kept; one who asks for changes before it has missed some. */
  async oldestId(): Promise<number> {
    const row = await this.#database.db.selectFrom("changes").select("id").orderBy("id").limit(1).executeTakeFirst();
    return row?.id ?? (await this.latestId()) + 1;
  }

  /** Forgets all but the newest `keep` changes. Returns how many went. */
  async prune(keep: number): Promise<number> {
    const upTo = (await this.latestId()) - keep;
    const { numDeletedRows } = await this.#database.db.deleteFrom("changes").where("id", "<=", upTo).executeTakeFirst();
    return Number(numDeletedRows);
  }

  /**
   * Calls `listener` soon after changes were committed, by this process or (on PostgreSQL) by another server. A hint that
   * saves polling: read with `since` what it is about, and poll now and then all the same. Returns how to stop.
   */
  onCommit(listener: (latestId: number) => void): () => void {
    return this.#listener.add(listener);
  }

  async close(): Promise<void> {
    await this.#listener.close();
  }
}
