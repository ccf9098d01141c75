import type { Health, JobBundle, OutputFile } from "../contract.ts";
import type { Look, WatchedDirectory } from "./look.ts";

/**
 * A machine with files and a shell: this one, or one behind SSH. It knows where job directories lie and how to act on
 * them; what that means for a job is its driver's to decide. Throws ComputeUnreachable whenever it cannot tell.
 */
export interface Site {
  /** Which machine this is, noted in handles so that no job is looked for on another one. */
  identify(signal: AbortSignal): Promise<SiteIdentity>;
  /** Says whether jobs can be placed here now and, if not, why, in words for a person. */
  check(signal: AbortSignal): Promise<Health>;
  /** Writes a bundle into its job directory, whole or not at all; one that is there already stays. Returns its path. */
  stage(bundle: JobBundle, signal: AbortSignal): Promise<string>;
  /** Where the directory of a job lies, or would. */
  directoryOf(jobId: string, signal: AbortSignal): Promise<string>;
  /** Looks at many job directories in one round trip: where each stands, and what its files have grown by. */
  look(jobs: readonly WatchedDirectory[], budgetBytes: number, signal: AbortSignal): Promise<readonly Look[]>;
  /** Runs the job's own supervisor, detached from us, and does not wait for its end (see ARCHITECTURE.md for its commands). */
  supervise(directory: string, command: SupervisorCommand, words: readonly string[], signal: AbortSignal): Promise<void>;
  /** Lists what a job left to be brought home. Throws NotFound when there is no such directory. */
  manifest(directory: string, signal: AbortSignal): Promise<readonly OutputFile[]>;
  /** Streams a file that the manifest named, from a byte on. */
  read(directory: string, path: string, from: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Deletes a job directory and what else is kept of the job. Refuses while it runs; one that is gone is not an error. */
  remove(directory: string, signal: AbortSignal): Promise<void>;
  /** Runs a command of the machine, `sbatch` or `docker`, to its end. An exit code other than 0 is an answer, not an error. */
  run(argv: readonly string[], signal: AbortSignal, input?: string): Promise<CommandResult>;
  /** Calls `wake` with a job's id soon after something happened to it; only a hint. Returns how to stop. */
  listen?(wake: (jobId: string) => void): () => void;
}

/** The name is for people; the id stays when the name changes, as that of a laptop does. */
export interface SiteIdentity {
  readonly name: string;
  readonly id: string;
  /** tells this start of the machine from an earlier one; null where the machine does not say */
  readonly bootId: string | null;
}

export type SupervisorCommand = "run" | "stop" | "finish";

export interface CommandResult {
  /** null: ended by a signal */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
