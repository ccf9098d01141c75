import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { JOB_LAYOUT, jobFile } from "@switchyard/protocol";
import type { Growth } from "../contract.ts";
import { shareBudget } from "./budget.ts";
import { findGrown, type GrownOnDisk, readPiece } from "./growingFiles.ts";
import { type Look, lookOf, unreadable, type WatchedDirectory } from "./look.ts";
import { type JobOnDisk, lookAtJob, type SiteReader } from "./lookAtJob.ts";
import { standingWithoutAttempts } from "./standing.ts";

interface Found {
  readonly watched: WatchedDirectory;
  readonly job: JobOnDisk;
  readonly grown: readonly GrownOnDisk[];
}

/** Others get their turn after this long: a look at thousands of jobs must not hold up a request. */
const SLICE_MS = 10;

/** Looks at job directories of this machine: where each job stands, and what its files have grown by. */
export async function observeJobs(
  jobs: readonly WatchedDirectory[],
  budgetBytes: number,
  site: SiteReader & { readonly node: string },
  signal: AbortSignal,
): Promise<Look[]> {
  const slices = new Slices(signal);
  const found: (Found | Error)[] = [];
  for (const watched of jobs) {
    found.push(find(watched, site));
    await slices.next();
  }
  const shares = shareBudget(
    found.map((each) => (each instanceof Error ? [] : each.grown)),
    budgetBytes,
  );
  const looks: Look[] = [];
  for (const [index, each] of found.entries()) {
    looks.push(tell(jobs[index]?.jobId ?? "", each, shares[index] ?? [], site.node));
    await slices.next();
  }
  return looks;
}

function find(watched: WatchedDirectory, site: SiteReader): Found | Error {
  try {
    // The end is read before the sizes: a job that had ended by then has nothing that grows afterwards.
    const job = lookAtJob(watched.directory, site);
    if (job.standing.phase === "unclaimed") {
      const standing = standingWithoutAttempts(watched.cursors, () => readFirstAttempt(watched.directory));
      return { watched, job: { ...job, standing }, grown: [] };
    }
    return { watched, job, grown: findGrown(job.attempts, watched.cursors, site.folders) };
  } catch (error) {
    return error as Error;
  }
}

function readFirstAttempt(directory: string): number | null {
  try {
    const text = readFileSync(join(directory, JOB_LAYOUT.jobFile), "utf8");
    return jobFile.pick({ firstAttempt: true }).parse(JSON.parse(text)).firstAttempt;
  } catch {
    return null;
  }
}

function tell(jobId: string, found: Found | Error, shares: readonly number[], node: string): Look {
  try {
    if (found instanceof Error) throw found;
    const { standing, attempts } = found.job;
    // the machine's clock is ours
    return lookOf(jobId, standing, attempts.at(-1)?.number ?? 0, readShares(found.grown, shares), { node, clockOffsetMs: 0 });
  } catch (error) {
    return unreadable(jobId, (error as Error).message);
  }
}

class Slices {
  readonly #signal: AbortSignal;
  #began = performance.now();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async next(): Promise<void> {
    if (performance.now() - this.#began < SLICE_MS) return;
    await breathe();
    this.#signal.throwIfAborted();
    this.#began = performance.now();
  }
}

function readShares(grown: readonly GrownOnDisk[], shares: readonly number[]): Growth[] {
  return grown.flatMap(({ attempt, file, offset, bytes, folder }, index) => {
    const share = shares[index] ?? 0;
    const piece = share === 0 ? new Uint8Array(0) : readPiece(folder, file, offset, share);
    // A file that got nothing this time is named too: its reader must know that there is more.
    return share > 0 && piece.length === 0 ? [] : [{ attempt, file, offset, bytes: piece, more: share < bytes }];
  });
}
