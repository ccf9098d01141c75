import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The folder that holds everything of one server. */
export interface Home {
  readonly path: string;
  readonly config: string;
  readonly serverFile: string;
  readonly token: string;
  /** what secrets in the database are encrypted with */
  readonly key: string;
  readonly port: string;
  readonly instance: string;
  readonly lock: string;
  readonly pid: string;
  readonly database: string;
  readonly artifacts: string;
  readonly site: string;
  readonly logs: string;
}

/** Where a server lives when nobody says otherwise. */
export function defaultHome(env: NodeJS.ProcessEnv): string {
  return env.SWITCHYARD_HOME || join(homedir(), ".switchyard");
}

/** Makes the home folder if it is missing, for nobody's eyes but its owner's, and names what lies in it. */
export function openHome(folder: string): Home {
  const path = resolve(folder);
  if (!existsSync(path)) mkdirSync(path, { recursive: true, mode: 0o700 });
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700);
  const inside = (name: string) => join(path, name);
  mkdirSync(inside("logs"), { recursive: true });
  return {
    path,
    config: inside("config.json"),
    serverFile: inside("server.json"),
    token: inside("token"),
    key: inside("key"),
    port: inside("port"),
    instance: inside("instance"),
    lock: inside("server.lock"),
    pid: inside("server.pid"),
    database: inside("switchyard.db"),
    artifacts: inside("artifacts"),
    site: inside("site"),
    logs: inside("logs"),
  };
}

/** Replaces a small file in one step: a reader sees the old text or the new one. */
export function replaceFile(path: string, text: string, mode = 0o600): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text, { mode });
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}

/** The trimmed text of a small file, or null when there is none. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
