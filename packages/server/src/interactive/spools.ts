// Interactive runs whose processes were killed, on the machine and in the home of this server.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Logger } from "pino";

const PYTHON_MINUTES = 10;
/** A spool that could not be carried home is tried again, ever more rarely. */
const LONGEST_PAUSE_MS = 3600_000;

export interface SpoolWatch {
  /** the server's home, whose folder `spool` the clients of this account use */
  readonly home: string;
  /** this server's address, as clients on this machine know it */
  readonly url: string;
  /** the folder of the Python client */
  readonly client: string;
  readonly everyMs: number;
  readonly log: Logger;
}

interface Spool {
  readonly runId: string;
  readonly url: string;
  readonly host: string;
  readonly pid: number;
}

/**
 * Looks now and then for spools whose process is gone, and lets the Python client carry them home and end their runs. A process
 * number that is free only gives rise to that look: what the client goes by is the spool's lock, which a living process holds.
 */
export function watchSpools(watch: SpoolWatch): () => Promise<void> {
  const abort = new AbortController();
  let pauseMs = 0;
  let notBefore = 0;
  let looking: Promise<void> = Promise.resolve();
  const look = async () => {
    if (Date.now() < notBefore || !(await somebodyDied(watch))) return;
    const done = await carryHome(watch, abort.signal);
    pauseMs = done ? 0 : Math.min(Math.max(2 * pauseMs, watch.everyMs), LONGEST_PAUSE_MS);
    notBefore = Date.now() + pauseMs;
  };
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    looking = look()
      .catch((err) => watch.log.warn({ err }, "interactive runs that were left behind cannot be looked for"))
      .finally(() => {
        busy = false;
      });
  }, watch.everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    abort.abort();
    await looking;
  };
}

async function somebodyDied({ home, url }: SpoolWatch): Promise<boolean> {
  const folder = join(home, "spool");
  const names = await readdir(folder).catch(() => []);
  const spools = await Promise.all(names.map((name) => readSpool(join(folder, name))));
  return spools.some((spool) => spool !== null && spool.url === url && spool.host === hostname() && !isAlive(spool.pid));
}

/** What a client noted of its spool; null while that is not whole. */
async function readSpool(folder: string): Promise<Spool | null> {
  try {
    const about = JSON.parse(await readFile(join(folder, "run.json"), "utf8")) as Partial<Spool> | null;
    return about?.runId && about.url && about.host && Number.isInteger(about.pid) ? (about as Spool) : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** True when nothing is left of the kind. */
function carryHome({ home, client, log }: SpoolWatch, signal: AbortSignal): Promise<boolean> {
  const passed = Object.entries(process.env).filter(([name]) => !/^(SWITCHYARD_|AZUREML_)/.test(name));
  const env = { ...Object.fromEntries(passed), SWITCHYARD_HOME: home, PYTHONPATH: client };
  const args = ["-B", "-m", "switchyard_client.interactive.leftovers"];
  return new Promise((resolve) => {
    execFile("python3", args, { env, cwd: home, timeout: PYTHON_MINUTES * 60_000, signal }, (error, _stdout, stderr) => {
      if (error !== null && !signal.aborted) {
        log.info({ said: stderr.slice(-2000), code: error.code }, "an interactive run whose process is gone waits to be carried home");
      }
      resolve(error === null);
    });
  });
}
