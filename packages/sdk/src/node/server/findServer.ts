import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A server that answers for a home, and the token to speak to it with. */
export interface FoundServer {
  readonly pid: number;
  readonly url: string;
  readonly version: string;
  readonly instance: string;
  readonly startedUtc: string;
  readonly token: string;
}

const PATIENCE_MS = 3000;

/** The server of a home if it runs: its file is there, its process lives and its address answers. Null otherwise. */
export async function findServer(home: string): Promise<FoundServer | null> {
  const found = await readServerFile(home);
  if (found === null || !isAlive(found.pid) || !(await answers(found.url))) return null;
  return found;
}

async function readServerFile(home: string): Promise<FoundServer | null> {
  const [file, token] = await Promise.all([textOrNull(join(home, "server.json")), textOrNull(join(home, "token"))]);
  if (file === null || token === null) return null;
  try {
    const content = JSON.parse(file);
    return typeof content.pid === "number" && typeof content.url === "string" ? { version: "unknown", ...content, token } : null;
  } catch {
    return null;
  }
}

/** Is there a process with this pid? One of another user is alive too: then signalling it is what is not permitted. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A pid may be used again after a reboot, so the address has the last word. A busy server that answers anything is there. */
async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    await response.body?.cancel();
    return true;
  } catch (error) {
    return error instanceof DOMException && error.name === "TimeoutError";
  }
}

async function textOrNull(path: string): Promise<string | null> {
  return (await readFile(path, "utf8").catch(() => null))?.trim() || null;
}
