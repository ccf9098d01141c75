import { type Dialect, PostgresDialect } from "kysely";
import pg from "pg";
import { translateError } from "./errors.ts";
import { TranslatingDriver } from "./translatingDriver.ts";

const { INT8, NUMERIC } = pg.types.builtins;
const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MILLISECONDS = 10_000;
/** A connection whose other end vanished without a word is given up after this long. */
export const ANSWER_TIMEOUT_MILLISECONDS = 120_000;

/** What every connection of ours is opened with. */
export function postgresOptions(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: "switchyard",
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MILLISECONDS,
    types: { getTypeParser: typeParser },
  };
}

/** A pool that opens a new connection whenever an old one was lost. */
export function postgresDialect(url: string, description: string): Dialect {
  const pool = new pg.Pool({ ...postgresOptions(url), query_timeout: ANSWER_TIMEOUT_MILLISECONDS, max: POOL_SIZE });
  // A connection that dies is dropped by the pool, and its query fails; without listeners it would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  const dialect = new PostgresDialect({ pool });
  return {
    createDriver: () => new TranslatingDriver(dialect.createDriver(), (error) => translateError(error, description)),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  };
}

/** Counts, offsets and instants fit a JavaScript number; pg would hand them out as text. */
function typeParser(oid: number, format?: "text" | "binary") {
  if (oid === INT8 || oid === NUMERIC) return Number;
  return format === "binary" ? pg.types.getTypeParser(oid, format) : pg.types.getTypeParser(oid, "text");
}
