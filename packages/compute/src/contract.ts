import type { FileName, JobFile, JsonObject } from "@switchyard/protocol";

/** Carries a job to one kind of compute, watches it, and brings back what it left. */
export interface ComputeDriver {
  readonly name: string;
  readonly features: DriverFeatures; // read by the scheduler and by the conformance suite
  /** Says whether this compute can take jobs now and, if not, why, in words for a person. */
  check(signal: AbortSignal): Promise<Health>;
  /** Starts the job. Called twice with one `job.id`, returns the job that is already there. */
  start(job: JobBundle, signal: AbortSignal): Promise<JobHandle>;
  /** Looks at many jobs in one round trip: where each stands, and what its files (logs, journal,
   *  events) have grown by since its cursors. A job the compute has no trace of is `missing`.
   *  Throws ComputeUnreachable when it cannot tell: not knowing is never reported as failure.
   *  Reads at most `budgetBytes`; says `more` when it left some. */
  observe(jobs: readonly WatchedJob[], budgetBytes: number, signal: AbortSignal): Promise<Observation[]>;
  /** Lists what the job left: its collected folders, `uploads/`, `children/` and `dataoutputs/` (see JOB_LAYOUT). `read` then streams
   *  any range of it, so a cut transfer goes on. */
  manifest(handle: JobHandle, signal: AbortSignal): Promise<readonly OutputFile[]>;
  read(handle: JobHandle, path: string, from: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Asks the job to stop, insists after `graceSeconds`. A job already over is not an error. `because` is written down. */
  cancel(handle: JobHandle, graceSeconds: number, signal: AbortSignal, because?: StopReason): Promise<void>;
  /** Frees all the job still holds. A job already gone is not an error. */
  remove(handle: JobHandle, signal: AbortSignal): Promise<void>;
  /** The job of this id if `start` has placed one, although its answer came to nobody; null when there is none. Absent:
   *  this compute cannot tell by the id alone. Throws ComputeUnreachable when it cannot tell now. */
  find?(jobId: string, signal: AbortSignal): Promise<JobHandle | null>;
  /** Calls `wake` with a job's id soon after something happened to it. Only a hint that saves waiting for the next
   *  look: nothing is lost when it never comes. Returns how to stop listening. */
  listen?(wake: (jobId: string) => void): () => void;
  /** Lets go of what the driver itself holds: connections, listeners. Jobs go on. */
  close?(): Promise<void>;
}

/**
 * Why a job is stopped: `canceled` by a person, `abandoned` because it was given up while its machine did not answer,
 * `preempted` because its place is needed or was taken away, `node_lost` because a node of it is gone.
 */
export type StopReason = "canceled" | "abandoned" | "preempted" | "node_lost";

/** What some drivers lack is a value here, not a subclass. */
export interface DriverFeatures {
  /** the first log line can be seen while the job runs */
  readonly liveLogs: boolean;
  /** the compute may start a job again by itself, as the next attempt */
  readonly requeues: boolean;
  readonly multiNode: boolean;
  readonly gpu: "yes" | "no" | "maybe";
  /** Looks come no oftener than this, all that are due together: a round trip to another machine is worth waiting a little. */
  readonly lookPauseMs?: number;
  /** where the job's folders lie is this machine, so that a blob can be copied instead of sent */
  readonly sharesDisk: boolean;
}

export type Health = { readonly ok: true; readonly note?: string } | { readonly ok: false; readonly because: string };

/** A job packed for the road. The bundle is only a description: bytes are read when a driver asks for them. */
export interface JobBundle {
  /** one job, one id, whatever the number of times it is started: part of the job directory's name */
  readonly id: string;
  readonly job: JobFile;
  /** Exports for the script's process that are secret (AZUREML_RUN_TOKEN …): travel on standard input only. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The snapshot, folders before what is in them; paths relative to `code/`. */
  code(): AsyncIterable<BundleEntry>;
  /** What earlier attempts saved, likewise; paths relative to `checkpoints/`. */
  checkpoints(): AsyncIterable<BundleEntry>;
  /** What the job reads from datastores, likewise; paths relative to `data/`. */
  data(): AsyncIterable<BundleEntry>;
}

export type BundleEntry =
  | { readonly kind: "folder"; readonly path: string; readonly mode: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | {
      readonly kind: "file";
      readonly path: string;
      readonly mode: number;
      readonly size: number;
      readonly sha256: string;
      read(): AsyncIterable<Uint8Array>;
      /** where the same bytes lie as a file on this machine, if they do; to be copied, never linked or changed */
      readonly localPath: string | null;
    };

export interface JobHandle {
  readonly driver: string;
  readonly version: number; // of `ref`, so that a newer driver can read an older handle
  readonly jobId: string;
  readonly ref: JsonObject; // the driver's own note: a pid and boot id, a Slurm id, a pod name
}

export type WatchedJob = { readonly handle: JobHandle; readonly cursors: readonly Cursor[] };
/** How far a file of one attempt has been taken: `offset` bytes. A file without a cursor is at 0. */
export type Cursor = { readonly attempt: number; readonly file: FileName; readonly offset: number };

/** `attempt` is the last one claimed, 0 before any. `exitCode` null: a signal, or nobody saw it (`because` says). */
export type Observation = {
  readonly jobId: string;
  readonly attempt: number;
  readonly grown: readonly Growth[];
  /** the machine's clock minus this one's, in milliseconds, where it was measured */
  readonly clockOffsetMs?: number;
} & (
  | { readonly phase: "waiting"; readonly because?: string }
  | { readonly phase: "running"; readonly node?: string }
  | { readonly phase: "exited"; readonly exitCode: number | null; readonly because?: string }
  | { readonly phase: "missing" }
);
/** Bytes from `offset` on. `more`: the file had more than the budget let through. */
export type Growth = Cursor & { readonly bytes: Uint8Array; readonly more: boolean };

/** `path` is relative to the job directory: `outputs/model.pkl`. Links and special files are left out, and named in `skipped`. */
export interface OutputFile {
  readonly path: string;
  readonly size: number;
  readonly modified: Date;
  /** why the file cannot be brought home, in words; null when it can */
  readonly skipped: string | null;
}
