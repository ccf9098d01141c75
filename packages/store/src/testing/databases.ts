import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPostgres, freshDatabase, startPostgres } from "./postgres.ts";

/** A kind of database that suites loop over. */
export interface TestDatabase {
  readonly name: "sqlite" | "postgres";
  /** why it cannot be tested here, in words; null when it can (in CI always: a missing one fails) */
  readonly missing: string | null;
  start(): Promise<RunningDatabase>;
}

/** Where a suite gets its databases from. */
export interface RunningDatabase {
  /** the URL of a new, empty database */
  fresh(): Promise<string>;
  stop(): Promise<void>;
}

const sqlite: TestDatabase = {
  name: "sqlite",
  missing: null,
  async start() {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-store-"));
    let made = 0;
    return {
      fresh: async () => `sqlite:${join(folder, `${++made}.db`)}`,
      stop: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
};

const postgres: TestDatabase = {
  name: "postgres",
  missing: findPostgres() || process.env.CI ? null : "PostgreSQL is not installed here",
  async start() {
    const server = await startPostgres();
    return { fresh: () => freshDatabase(server), stop: () => server.stop() };
  },
};

/** Every kind of database, for `for (const database of DATABASES) describe.skipIf(database.missing)(database.name, …)`. */
export const DATABASES: readonly TestDatabase[] = [sqlite, postgres];
