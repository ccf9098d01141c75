// The databases on which survival is tested.
import { freshDatabase, startPostgres, type TestPostgres } from "@switchyard/store/testing";

export interface TestDatabase {
  readonly name: string;
  start(): Promise<void>;
  /** the URL of an empty database, undefined for the default in the server's home */
  fresh(): Promise<string | undefined>;
  stop(): Promise<void>;
}

let postgres: TestPostgres | undefined;

export const DATABASES: readonly TestDatabase[] = [
  { name: "SQLite", start: async () => {}, fresh: async () => undefined, stop: async () => {} },
  {
    name: "PostgreSQL",
    async start() {
      postgres = await startPostgres();
    },
    fresh: () => freshDatabase(postgres!),
    async stop() {
      await postgres?.stop();
    },
  },
];
