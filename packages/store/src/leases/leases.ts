import { type ExpressionBuilder, sql } from "kysely";
import type { Database, Queries } from "../database/database.ts";
import type { Schema } from "../database/schema.ts";

const FORGET_AFTER_MILLISECONDS = 86_400_000;

/**
 * Which server instance looks after which run. An owner has one lease, on the database's clock; the runs of an owner
 * whose lease has run out are free for others.
 */
export class Leases {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Renews the owner's lease and claims up to `limit` runs that need looking after and that nobody does. A run that is
   * taken over from another owner gets a new version, so that what its old owner still saves is refused.
   */
  async acquire(owner: string, seconds: number, limit: number): Promise<string[]> {
    await this.renew(owner, seconds);
    const free = await this.#free(this.#database.db, limit);
    if (free.length === 0) return [];
    return await this.#database.transact(async ({ db }) => {
      await db
        .updateTable("counters")
        .set((set) => ({ value: set("value", "+", 1) }))
        .where("name", "=", "lease")
        .execute(); // one at a time
      const ids = await this.#free(db, limit);
      if (ids.length === 0) return [];
      await db
        .updateTable("runs")
        .set({ owner, version: sql<number>`version + case when owner is null then 0 else 1 end` })
        .where("id", "in", ids)
        .execute();
      await db
        .deleteFrom("leases")
        .where("expires_at", "<", sql<number>`${this.#database.clock} - ${sql.lit(FORGET_AFTER_MILLISECONDS)}`)
        .execute();
      return ids;
    });
  }

  /** Makes the lease last `seconds` from now. False when it had run out: then others may have taken the runs. */
  async renew(owner: string, seconds: number): Promise<boolean> {
    const until = sql<number>`${this.#database.clock} + ${sql.lit(Math.round(seconds * 1000))}`;
    return await this.#database.transact(async ({ db }) => {
      const { numUpdatedRows } = await db
        .updateTable("leases")
        .set({ expires_at: until })
        .where("owner", "=", owner)
        .where("expires_at", ">", this.#database.clock)
        .executeTakeFirst();
      if (numUpdatedRows === 1n) return true;
      await db
        .insertInto("leases")
        .values({ owner, expires_at: until })
        .onConflict((conflict) => conflict.column("owner").doUpdateSet({ expires_at: until }))
        .execute();
      return false;
    });
  }

  /** Gives the lease and all runs back, for a graceful stop. */
  async release(owner: string): Promise<void> {
    await this.#database.transact(async ({ db }) => {
      await db.updateTable("runs").set({ owner: null }).where("owner", "=", owner).where("attention", "is not", null).execute();
      await db.deleteFrom("leases").where("owner", "=", owner).execute();
    });
  }

  async #free(db: Queries, limit: number): Promise<string[]> {
    const rows = await db
      .selectFrom("runs")
      .select("id")
      .where("attention", "is not", null)
      .where((where) => where.or([where("owner", "is", null), where("owner", "not in", this.#alive(where))]))
      .orderBy("attention")
      .orderBy("created_at")
      .limit(limit)
      .execute();
    return rows.map((row) => row.id);
  }

  #alive(where: ExpressionBuilder<Schema, "runs">) {
    return where.selectFrom("leases").select("leases.owner").where("leases.expires_at", ">", this.#database.clock);
  }
}
