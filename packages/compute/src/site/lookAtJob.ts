import { existsSync } from "node:fs";
import { type AttemptOnDisk, type AttemptProcesses, readAttempts } from "./attempts.ts";
import type { FolderCache } from "./folderCache.ts";
import type { ProcessTable } from "./processes.ts";
import { type Standing, standingOf } from "./standing.ts";

export interface JobOnDisk {
  readonly attempts: readonly AttemptOnDisk[];
  readonly standing: Standing;
}

export interface SiteReader {
  readonly folders: FolderCache;
  readonly processes: ProcessTable;
}

/** Reads a job directory. Throws when it is there but cannot be read. */
export function lookAtJob(directory: string, site: SiteReader, nowMs = Date.now()): JobOnDisk {
  const attempts = readAttempts(directory, site.folders);
  const last = attempts.at(-1);
  if (last !== undefined) {
    const standing = standingOf(factsOf(last, site.processes, nowMs));
    // Its end may be there already, written in the same instant as what was read: on this the whole run would wait.
    if (standing.phase === "abandoned") site.folders.forget(last.folder);
    return { attempts, standing };
  }
  return { attempts, standing: existsSync(directory) ? { phase: "unclaimed" } : { phase: "missing" } };
}

function factsOf({ number, ended, processes, listing }: AttemptOnDisk, table: ProcessTable, nowMs: number) {
  return { number, ended, processes: processes && ended === null ? livesOf(processes, table) : null, quietMs: nowMs - listing.changedMs };
}

function livesOf({ supervisor, waiter, script, bootId }: AttemptProcesses, table: ProcessTable) {
  return { hasScript: script.pid > 0, isAlive: [supervisor, waiter, script].some((process) => table.isAlive(process, bootId)) };
}
