import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { JOB_LAYOUT, jobFile } from "@switchyard/protocol";
import type { Cursor, Growth, Observation } from "../contract.ts";
import { shareBudget } from "./budget.ts";
import { findGrown, type GrownOnDisk, readPiece } from "./growingFiles.ts";
import { type JobOnDisk, lookAtJob, type SiteReader } from "./lookAtJob.ts";

/** A job directory to be looked at. */
export interface WatchedDirectory {
  readonly jobId: string;
  readonly directory: string;
  readonly cursors: readonly Cursor[];
}

/** What a look found; `standing` tells the driver whether something must be done for the job. */
export interface Look {
  readonly observation: Observation;
  readonly standing: JobOnDisk["standing"] | { readonly phase: "unreadable" };
  /** the last words of a supervisor that could not even claim its attempt */
  readonly complaint: string | null;
}

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
    looks.push(lookOf(jobs[index]?.jobId ?? "", each, shares[index] ?? [], site.node));
    await slices.next();
  }
  return looks;
}

function find(watched: WatchedDirectory, site: SiteReader): Found | Error {
  try {
    // The end is read before the sizes: a job that had ended by then has nothing that grows afterwards.
    const job = lookAtJob(watched.directory, site);
    if (job.standing.phase === "unclaimed" && wasClaimed(watched))
      return { watched, job: { ...job, standing: { phase: "missing" } }, grown: [] };
    return { watched, job, grown: findGrown(job.attempts, watched.cursors, site.folders) };
  } catch (error) {
    return error as Error;
  }
}

/**
 * True when something of this job came home already: then its script, or a person, has deleted its attempts. It must not
 * be taken for a job that nobody has started.
 */
function wasClaimed({ directory, cursors }: WatchedDirectory): boolean {
  if (cursors.length === 0) return false;
  try {
    const { firstAttempt } = jobFile
      .pick({ firstAttempt: true })
      .parse(JSON.parse(readFileSync(join(directory, JOB_LAYOUT.jobFile), "utf8")));
    return cursors.some((cursor) => cursor.attempt >= firstAttempt);
  } catch {
    return true;
  }
}

/** A directory that cannot be read (its script took the permission away) must not hide the other jobs: nothing is known of it. */
function lookOf(jobId: string, found: Found | Error, shares: readonly number[], node: string): Look {
  try {
    if (found instanceof Error) throw found;
    const grown = readShares(found.grown, shares);
    return { observation: observationOf(jobId, found.job, grown, node), standing: found.job.standing, complaint: null };
  } catch (error) {
    const because = `The directory of job ${jobId} cannot be read: ${(error as Error).message}. Restore its permissions.`;
    return { observation: { jobId, attempt: 0, grown: [], phase: "waiting", because }, standing: { phase: "unreadable" }, complaint: null };
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
  return grown.flatMap(({ attempt, file, offset, bytes, path }, index) => {
    const share = shares[index] ?? 0;
    const piece = share === 0 ? new Uint8Array(0) : readPiece(path, offset, share);
    // A file that got nothing this time is named too: its reader must know that there is more.
    return share > 0 && piece.length === 0 ? [] : [{ attempt, file, offset, bytes: piece, more: share < bytes }];
  });
}

function observationOf(jobId: string, job: JobOnDisk, grown: readonly Growth[], node: string): Observation {
  const base = { jobId, attempt: job.attempts.at(-1)?.number ?? 0, grown, clockOffsetMs: 0 }; // the machine's clock is ours
  const { standing } = job;
  switch (standing.phase) {
    case "missing":
      return { ...base, phase: "missing" };
    case "unclaimed":
    case "preparing":
      return { ...base, phase: "waiting" };
    case "running":
      return { ...base, phase: "running", node };
    case "abandoned": // until its end is written down, which is the supervisor's work
      return standing.started ? { ...base, phase: "running", node } : { ...base, phase: "waiting" };
    case "exited":
      return { ...base, phase: "exited", exitCode: standing.exitCode, ...(standing.because === null ? {} : { because: standing.because }) };
  }
}
