import { DatabaseUnreachable, DiskFull, SwitchyardError } from "@switchyard/protocol";

const POSTGRES_DISK_FULL = "53100";
/** Lost or refused connections: network errors, and SQLSTATEs of a server that goes down, starts up or is out of slots. */
const UNREACHABLE = new Set([
  "ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN", "ENOENT",
  "57P01", "57P02", "57P03", "57P05", "53300", "08000", "08001", "08003", "08004", "08006",
]); // biome-ignore format: a list of codes
/** pg says these without a code. */
const UNREACHABLE_WORDS =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Query read timeout/i;
/** Two transactions got into each other's way and the database gave one up: running it again is right. */
const COLLISIONS = new Set(["40001", "40P01"]);

/** The error in Switchyard's words when some caller acts differently on it; any other error as it is. */
export function translateError(error: unknown, description: string): unknown {
  if (!(error instanceof Error) || error instanceof SwitchyardError) return error;
  const code = codeOf(error);
  if (code === "SQLITE_FULL" || code === "ENOSPC" || code === POSTGRES_DISK_FULL || isFailedWrite(code)) {
    const what = `The database ${description} cannot write: its disk is full or failing (${error.message}).`;
    return new DiskFull(`${what} Free some space; nothing that was already saved is lost.`, { cause: error });
  }
  if (UNREACHABLE.has(code) || UNREACHABLE_WORDS.test(error.message)) {
    const what = `The database ${description} does not answer (${error.message || code}).`;
    return new DatabaseUnreachable(`${what} It is tried again with the next request.`, { cause: error });
  }
  if (code === "SQLITE_BUSY") {
    return new DatabaseUnreachable(`Another program holds the database ${description} for too long. Stop it, or try again.`, {
      cause: error,
    });
  }
  return error;
}

/** Whether the same transaction may succeed when it is simply run again. */
export function isCollision(error: unknown): boolean {
  return COLLISIONS.has(codeOf(error));
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

/** SQLite reports a full disk as an I/O error where it meets it below `write`. */
function isFailedWrite(code: string): boolean {
  return /^SQLITE_IOERR(_WRITE|_FSYNC|_TRUNCATE|_SHMSIZE|_SHMMAP|_DIR_FSYNC)?$/.test(code);
}
