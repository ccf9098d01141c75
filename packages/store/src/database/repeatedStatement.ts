import pg from "pg";
import { translateError } from "./errors.ts";
import { ANSWER_TIMEOUT_MILLISECONDS, postgresOptions } from "./postgres.ts";
import type { DatabaseAddress } from "./url.ts";

/**
 * Its plan is made once, and always by looking rows up in their indexes: planning takes longer than the statement, and a plan made
 * while a table was small must not read through it when it is large.
 */
const PLANNING =
  "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off";

/** One statement that is asked again and again, on a connection to PostgreSQL of its own. Each time is a transaction and one round trip. */
export class RepeatedStatement {
  readonly #pool: pg.Pool;
  readonly #statement: { readonly name: string; readonly text: string };
  readonly #description: string;
  #connection: pg.ClientBase | undefined;

  constructor({ url, description }: Extract<DatabaseAddress, { kind: "postgres" }>, statement: { name: string; text: string }) {
    this.#statement = statement;
    this.#description = description;
    const onConnect = async (client: pg.ClientBase) => void (await client.query(PLANNING));
    const limits = { query_timeout: ANSWER_TIMEOUT_MILLISECONDS, max: 1, idleTimeoutMillis: 0 };
    this.#pool = new pg.Pool({ ...postgresOptions(url), ...limits, onConnect });
    // as with all our connections: one that dies fails its query, and the next asks on a new one
    this.#pool.on("error", () => {});
    this.#pool.on("connect", (client) => client.on("error", () => {}));
  }

  /**
   * The rows; null, and nothing asked, when the connection is a new one: the database may be another than before (a standby that took
   * over), so what the caller has in mind of it may be wrong. Throws as queries of the database do (`DatabaseUnreachable`, …).
   */
  async ask<Row extends pg.QueryResultRow>(values: unknown[]): Promise<Row[] | null> {
    try {
      const client = await this.#pool.connect();
      if (client !== this.#connection) {
        this.#connection = client;
        client.release();
        return null;
      }
      return await this.#askOn<Row>(client, values);
    } catch (error) {
      throw translateError(error, this.#description);
    }
  }

  /** May be called again, as the database's own. */
  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }

  async #askOn<Row extends pg.QueryResultRow>(client: pg.PoolClient, values: unknown[]): Promise<Row[]> {
    try {
      const { rows } = await client.query<Row>({ ...this.#statement, values });
      client.release();
      return rows;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }
}
