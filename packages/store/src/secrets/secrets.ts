import type { Database } from "../database/database.ts";

/** A secret of a workspace, sealed by the server. */
export interface SecretRecord {
  readonly name: string;
  readonly sealed: string;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

/** Secrets by workspace and name; names are compared without regard to case. */
export class Secrets {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Sets all of them or none; one that exists gets the new value and keeps its spelling. */
  async set(workspace: string, sealed: ReadonlyMap<string, string>): Promise<void> {
    const now = Date.now();
    await this.#database.transact(async ({ db }) => {
      for (const [name, text] of sealed) {
        await db
          .insertInto("secrets")
          .values({ workspace, name_key: name.toLowerCase(), name, sealed: text, created_at: now, modified_at: now })
          .onConflict((conflict) => conflict.columns(["workspace", "name_key"]).doUpdateSet({ sealed: text, modified_at: now }))
          .execute();
      }
    });
  }

  async get(workspace: string, name: string): Promise<SecretRecord | undefined> {
    const row = await this.#database.db
      .selectFrom("secrets")
      .selectAll()
      .where("workspace", "=", workspace)
      .where("name_key", "=", name.toLowerCase())
      .executeTakeFirst();
    return row && toRecord(row);
  }

  /** All of a workspace, by name. */
  async list(workspace: string): Promise<SecretRecord[]> {
    const query = this.#database.db.selectFrom("secrets").selectAll().where("workspace", "=", workspace);
    return (await query.orderBy("name_key").execute()).map(toRecord);
  }

  /** False when there is none of that name. */
  async remove(workspace: string, name: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.db
      .deleteFrom("secrets")
      .where("workspace", "=", workspace)
      .where("name_key", "=", name.toLowerCase())
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }
}

function toRecord(row: { name: string; sealed: string; created_at: number; modified_at: number }): SecretRecord {
  return { name: row.name, sealed: row.sealed, createdAt: new Date(row.created_at), modifiedAt: new Date(row.modified_at) };
}
