import { rmSync } from "node:fs";
import Database from "better-sqlite3";
import { type Home, readIfThere, replaceFile } from "./home.ts";
import { readServerFile } from "./serverFile.ts";

/** Another process serves this home. Its exit code is public: a starter that meets it waits for the other server instead. */
export class HomeInUse extends Error {
  static readonly exitCode = 3;
  readonly pid: number | null;
  readonly url: string | null;

  constructor(home: string, pid: number | null, url: string | null) {
    const who = pid === null ? "Another server" : `A server (pid ${pid})`;
    const where = url === null ? "and is starting or stopping" : `at ${url}`;
    super(`${who} already serves ${home} ${where}. Use it, stop it with \`switchyard down\`, or choose another --home.`);
    this.name = "HomeInUse";
    this.pid = pid;
    this.url = url;
  }
}

/** The right to be the one server of a home. */
export interface HomeLock {
  release(): void;
}

/**
 * Takes the lock of a home for the life of this process, or throws HomeInUse. It is an operating system lock, taken
 * through SQLite because Node has none of its own: whatever kills its holder frees it, so that a stale lock cannot be,
 * and unlike a flock it is not inherited by the jobs we start.
 */
export function lockHome(home: Home): HomeLock {
  const lock = new Database(home.lock, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!String((error as { code?: unknown }).code).startsWith("SQLITE_BUSY")) throw error;
    throw heldByAnother(home);
  }
  replaceFile(home.pid, `${process.pid}\n`, 0o644);
  return {
    release() {
      rmSync(home.pid, { force: true });
      lock.close();
    },
  };
}

function heldByAnother(home: Home): HomeInUse {
  const pid = Number(readIfThere(home.pid)) || null;
  const told = readServerFile(home);
  return new HomeInUse(home.path, pid, told !== null && told.pid === pid ? told.url : null);
}
