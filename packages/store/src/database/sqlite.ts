import { closeSync, openSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { DiskFull, SwitchyardError } from "@switchyard/protocol";
import Sqlite from "better-sqlite3";
import { CompiledQuery, type DatabaseConnection, type Dialect, type QueryResult, SqliteAdapter, SqliteDialect, SqliteDriver } from "kysely";
import { translateError } from "./errors.ts";
import { TranslatingDriver } from "./translatingDriver.ts";

/** How long a statement waits for another process that writes to the same file … */
const BUSY_TIMEOUT_MILLISECONDS = 15_000;
/** … but only so long at a time: SQLite waits without letting this process do anything else. */
const BUSY_STEP_MILLISECONDS = 20;
const MAX_PREPARED_STATEMENTS = 300;

/** A file, or `:memory:`. What a transaction committed survives the death of this process at any moment. */
export function sqliteDialect(file: string, description: string): Dialect {
  const connection = open(file, description);
  const database = { close: () => connection.close(), prepare: prepareOnce(connection) };
  const dialect = new SqliteDialect({ database });
  return {
    createDriver: () => new TranslatingDriver(new ImmediateDriver(connection, database), (error) => translateError(error, description)),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => new TransactionalSchemaAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  };
}

function open(file: string, description: string): Sqlite.Database {
  try {
    if (file !== ":memory:") closeSync(openSync(file, "a", 0o600)); // a new file is for its owner only
    const connection = new Sqlite(file, { timeout: BUSY_TIMEOUT_MILLISECONDS });
    connection.pragma("journal_mode = WAL");
    // With a write-ahead log NORMAL loses nothing when the process is killed; only power loss can take the last commits.
    connection.pragma("synchronous = NORMAL");
    connection.pragma("journal_size_limit = 67108864");
    connection.pragma("cache_size = -16384");
    connection.pragma("temp_store = MEMORY");
    connection.pragma(`busy_timeout = ${BUSY_STEP_MILLISECONDS}`);
    return connection;
  } catch (cause) {
    const translated = translateError(cause, description);
    if (translated instanceof DiskFull) throw translated;
    const words = (cause as Error).message;
    throw new SwitchyardError(
      `The database ${description} cannot be opened: ${words}. Check that its folder exists and that the file is a Switchyard database.`,
      { cause },
    );
  }
}

/** Preparing costs more than most of our statements take, and the same few texts come again and again. */
function prepareOnce(connection: Sqlite.Database): (text: string) => Sqlite.Statement<unknown[]> {
  const prepared = new Map<string, Sqlite.Statement<unknown[]>>();
  return (text) => {
    const known = prepared.get(text);
    if (known) return known;
    const statement = connection.prepare<unknown[]>(text);
    if (!/^\s*(select|insert|update|delete|with|begin|commit|rollback)\b/i.test(text)) return statement;
    if (prepared.size >= MAX_PREPARED_STATEMENTS) prepared.delete(prepared.keys().next().value as string);
    prepared.set(text, statement);
    return statement;
  };
}

/** Takes the write lock when a transaction begins: waiting for it later could fail half-way. */
class ImmediateDriver extends SqliteDriver {
  readonly #connection: Sqlite.Database;
  #patient: PatientConnection | undefined;

  constructor(connection: Sqlite.Database, database: ConstructorParameters<typeof SqliteDriver>[0]["database"]) {
    super({ database });
    this.#connection = connection;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#patient ??= new PatientConnection(await super.acquireConnection());
    return this.#patient;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  /** A full disk makes SQLite roll back by itself. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#connection.inTransaction) await super.rollbackTransaction(connection);
  }
}

/** SQLite does change its schema inside transactions; Kysely does not count on it. */
class TransactionalSchemaAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Tries again while another process writes. A statement that met a busy database has done nothing. */
class PatientConnection implements DatabaseConnection {
  readonly #inner: DatabaseConnection;

  constructor(inner: DatabaseConnection) {
    this.#inner = inner;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const giveUpAt = performance.now() + BUSY_TIMEOUT_MILLISECONDS;
    for (;;) {
      try {
        return await this.#inner.executeQuery<R>(query);
      } catch (error) {
        if ((error as { code?: unknown }).code !== "SQLITE_BUSY" || performance.now() > giveUpAt) throw error;
      }
      await setTimeout(BUSY_STEP_MILLISECONDS * Math.random());
    }
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.#inner.streamQuery<R>(query, chunkSize);
  }
}
