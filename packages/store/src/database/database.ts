import { Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import type { DatabaseKind } from "./columnTypes.ts";
import { isCollision } from "./errors.ts";
import { migrate } from "./migrate.ts";
import { postgresDialect } from "./postgres.ts";
import type { Schema } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";
import { type DatabaseAddress, parseDatabaseUrl } from "./url.ts";

/** Anything that queries can be sent to: the database itself or an open transaction. */
export type Queries = Kysely<Schema>;

/** What one change event tells. */
export interface Change {
  readonly kind: "run" | "metrics" | "files" | "compute" | "sweep";
  readonly workspace: string;
  /** empty for a compute, whose name is among `names`; of a sweep, `names` are the numbers of new entries of its journal */
  readonly runId: string;
  readonly names: readonly string[];
}

/** One transaction: its queries, and the changes it will announce when it commits. */
export interface Work {
  readonly db: Transaction<Schema>;
  announce(change: Change): void;
}

/** Called inside the transaction, as its last step, with what it announced; returns the id of the last change. */
type ChangeWriter = (db: Transaction<Schema>, changes: readonly Change[]) => Promise<number>;

const MAX_TRIES = 8;

/** A migrated database of either kind. */
export class Database {
  readonly kind: DatabaseKind;
  readonly address: DatabaseAddress;
  readonly db: Queries;
  readonly #writeChanges: ChangeWriter;
  readonly #committed = new Set<(lastChangeId: number) => void>();

  constructor(address: DatabaseAddress, db: Queries, writeChanges: ChangeWriter) {
    this.kind = address.kind;
    this.address = address;
    this.db = db;
    this.#writeChanges = writeChanges;
  }

  /** The database's clock in milliseconds, as an expression. */
  get clock(): RawBuilder<number> {
    return this.kind === "sqlite"
      ? sql<number>`cast(unixepoch('subsec') * 1000 as integer)`
      : sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`;
  }

  /**
   * Runs `work` in one transaction, again when the database gave it up because of another one. Announced changes are
   * written last, so that the counter that orders them is held as shortly as can be.
   */
  async transact<T>(work: (work: Work) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (!isCollision(error) || tries === MAX_TRIES) throw error;
      }
    }
  }

  async #once<T>(work: (work: Work) => Promise<T>): Promise<T> {
    const changes: Change[] = [];
    let lastChangeId = 0;
    const result = await this.db.transaction().execute(async (db) => {
      const value = await work({ db, announce: (change) => changes.push(change) });
      if (changes.length > 0) lastChangeId = await this.#writeChanges(db, changes);
      return value;
    });
    if (lastChangeId > 0) this.tellCommitted(lastChangeId);
    return result;
  }

  /** Tells the listeners of a commit: later, so that one that fails does not fail the writer, whose changes are saved. */
  tellCommitted(lastChangeId: number): void {
    for (const listener of this.#committed) queueMicrotask(() => listener(lastChangeId));
  }

  /** Calls `listener` after every commit of this process that announced changes. Returns how to stop. */
  onCommit(listener: (lastChangeId: number) => void): () => void {
    this.#committed.add(listener);
    return () => this.#committed.delete(listener);
  }

  async close(): Promise<void> {
    await this.db.destroy();
  }
}

/** Opens and migrates the database at `url`. */
export async function openDatabase(url: string, writeChanges: (kind: DatabaseKind) => ChangeWriter): Promise<Database> {
  const address = parseDatabaseUrl(url);
  const { description } = address;
  const dialect = address.kind === "sqlite" ? sqliteDialect(address.file, description) : postgresDialect(address.url, description);
  const db = new Kysely<Schema>({ dialect });
  try {
    await migrate(db, address.kind, description);
    return new Database(address, db, writeChanges(address.kind));
  } catch (error) {
    await db.destroy().catch(() => {});
    throw error;
  }
}
