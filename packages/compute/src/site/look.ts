import type { Cursor, Growth, Observation } from "../contract.ts";
import type { Standing } from "./standing.ts";

/** A job directory to be looked at. */
export interface WatchedDirectory {
  readonly jobId: string;
  readonly directory: string;
  readonly cursors: readonly Cursor[];
}

/** What a look found; `standing` tells the driver whether something must be done for the job. */
export interface Look {
  readonly observation: Observation;
  readonly standing: Standing | { readonly phase: "unreadable" };
  /** the last words of a supervisor that could not even claim its attempt */
  readonly complaint: string | null;
}

/** The machine that was looked at: its name, and its clock minus ours. */
export interface LookedAt {
  readonly node: string;
  readonly clockOffsetMs: number;
}

/** `attempt` is the last one, 0 when there is none. */
export function lookOf(jobId: string, standing: Standing, attempt: number, grown: readonly Growth[], at: LookedAt): Look {
  return { observation: observationOf(jobId, standing, attempt, grown, at), standing, complaint: null };
}

function observationOf(jobId: string, standing: Standing, attempt: number, grown: readonly Growth[], at: LookedAt): Observation {
  const base = { jobId, attempt, grown, clockOffsetMs: at.clockOffsetMs };
  const { node } = at;
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

/** A directory that cannot be read (its script took the permission away) must not hide the other jobs: nothing is known of it. */
export function unreadable(jobId: string, message: string): Look {
  const because = `The directory of job ${jobId} cannot be read: ${message}. Restore its permissions.`;
  return { observation: { jobId, attempt: 0, grown: [], phase: "waiting", because }, standing: { phase: "unreadable" }, complaint: null };
}
