import pg from "pg";
import type { Database } from "../database/database.ts";
import { postgresOptions } from "../database/postgres.ts";
import { CHANGE_CHANNEL } from "./changes.ts";

const RECONNECT_MILLISECONDS = 1_000;

type Listener = (latestId: number) => void;

/** Passes commits on to listeners: those of this process directly, those of other servers as PostgreSQL tells them. */
export class ChangeListener {
  readonly #database: Database;
  readonly #listeners = new Set<Listener>();
  #stopLocal: (() => void) | undefined;
  #remote: pg.Client | undefined;
  #reconnect: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(database: Database) {
    this.#database = database;
  }

  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#start();
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopLocal?.();
    clearTimeout(this.#reconnect);
    await this.#remote?.end().catch(() => {});
  }

  #start(): void {
    if (this.#stopLocal || this.#closed) return;
    this.#stopLocal = this.#database.onCommit((id) => this.#tell(id));
    void this.#connect();
  }

  #tell(latestId: number): void {
    for (const listener of this.#listeners) listener(latestId);
  }

  async #connect(): Promise<void> {
    const { address } = this.#database;
    if (address.kind !== "postgres" || this.#closed) return;
    const client = new pg.Client(postgresOptions(address.url));
    this.#remote = client;
    client.on("notification", ({ payload }) => this.#tell(Number(payload)));
    client.on("error", () => this.#connectLater(client));
    client.on("end", () => this.#connectLater(client));
    try {
      await client.connect();
      await client.query(`listen ${CHANGE_CHANNEL}`);
      await this.#tellMissed(client);
    } catch {
      this.#connectLater(client);
    }
  }

  /** Changes may have been committed while no one listened. */
  async #tellMissed(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ value: number }>("select value from counters where name = 'change'");
    if (rows[0] && rows[0].value > 0) this.#tell(rows[0].value);
  }

  #connectLater(lost: pg.Client): void {
    if (this.#closed || this.#remote !== lost) return;
    this.#remote = undefined;
    lost.end().catch(() => {});
    this.#reconnect = setTimeout(() => void this.#connect(), RECONNECT_MILLISECONDS);
    this.#reconnect.unref();
  }
}
