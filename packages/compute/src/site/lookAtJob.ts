import { existsSync } from "node:fs";
import { type AttemptOnDisk, readAttempts } from "./attempts.ts";
import type { FolderCache } from "./folderCache.ts";
import type { ProcessTable } from "./processes.ts";

/** Where a job stands, from its directory and the processes of this machine. */
export type Standing =
  | { readonly phase: "missing" }
  /** nobody has claimed an attempt: it is being launched, or its launch was lost */
  | { readonly phase: "unclaimed" }
  /** claimed; the environment is being prepared */
  | { readonly phase: "preparing" }
  | { readonly phase: "running" }
  /** every process of the attempt is gone and nobody wrote down how it ended */
  | { readonly phase: "abandoned"; readonly attempt: number; readonly started: boolean }
  | { readonly phase: "exited"; readonly exitCode: number | null; readonly because: string | null };

export interface JobOnDisk {
  readonly attempts: readonly AttemptOnDisk[];
  readonly standing: Standing;
}

export interface SiteReader {
  readonly folders: FolderCache;
  readonly processes: ProcessTable;
}

/** A supervisor writes its pid at once after the claim, and the waiter's soon after: before that, absence says nothing. */
const SETTLING_MS = 3000;
const CLAIMING_MS = 90_000;

/** Reads a job directory. Throws when it is there but cannot be read. */
export function lookAtJob(directory: string, site: SiteReader, nowMs = Date.now()): JobOnDisk {
  const attempts = readAttempts(directory, site.folders);
  const last = attempts.at(-1);
  if (last !== undefined) {
    const standing = standingOf(last, site.processes, nowMs);
    // Its end may be there already, written in the same instant as what was read: on this the whole run would wait.
    if (standing.phase === "abandoned") site.folders.forget(last.folder);
    return { attempts, standing };
  }
  return { attempts, standing: existsSync(directory) ? { phase: "unclaimed" } : { phase: "missing" } };
}

function standingOf(attempt: AttemptOnDisk, table: ProcessTable, nowMs: number): Standing {
  if (attempt.ended !== null) {
    const { exitCode, signal, because } = attempt.ended;
    return { phase: "exited", exitCode, because: because ?? (signal === null ? null : `signal ${signal}`) };
  }
  const quietMs = Math.abs(nowMs - attempt.listing.changedMs);
  if (attempt.processes === null) {
    return quietMs < CLAIMING_MS ? { phase: "preparing" } : { phase: "abandoned", attempt: attempt.number, started: false };
  }
  const { supervisor, waiter, script, bootId } = attempt.processes;
  const started = script.pid > 0;
  if ([supervisor, waiter, script].some((process) => table.isAlive(process, bootId))) return { phase: started ? "running" : "preparing" };
  if (!started && quietMs < SETTLING_MS) return { phase: "preparing" };
  return { phase: "abandoned", attempt: attempt.number, started };
}
