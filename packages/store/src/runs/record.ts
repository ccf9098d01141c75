import type { Attempt, JsonObject, RunError, RunOutcome, RunState } from "@switchyard/protocol";

/** A job that carries its run no more. */
export interface LeftJob {
  readonly handle: JsonObject;
  /** it may still run somewhere, and is to be stopped */
  readonly stop: boolean;
  /** it was lost and what it wrote since is nowhere else: its directory is kept for a while */
  readonly lost?: boolean;
  /** instant since when it carries nothing */
  readonly since: string;
}

/** A run as the engine thinks of it and the `runs` table holds it. What people see is derived (`statusOf`). */
export interface RunRecord {
  readonly id: string;
  /** counts 1, 2, 3, … within the experiment */
  readonly number: number;
  readonly workspace: string;
  readonly experiment: string;
  readonly parentId: string | null;
  readonly rootId: string;
  readonly type: string;
  readonly displayName: string | null;
  readonly description: string | null;
  readonly submittedBy: string | null;
  readonly target: string;
  /** the normalised run configuration, wire form */
  readonly definition: JsonObject;
  readonly snapshotId: string | null;
  readonly environmentName: string | null;
  readonly environmentVersion: string | null;
  /** an environment may have to be built (system-managed) */
  readonly mayPrepare: boolean;

  readonly state: RunState;
  readonly outcome: RunOutcome | null;
  readonly error: RunError | null;
  readonly warnings: readonly string[];
  readonly preparing: boolean;
  /** since when the compute has not answered; null when it does */
  readonly unreachableSince: Date | null;
  /** since when the compute has no trace of the job; null when it has */
  readonly missingSince: Date | null;
  /** a person's wish; the reconciler makes it true */
  readonly cancelRequestedAt: Date | null;
  readonly cancelGraceSeconds: number;
  readonly cancelSentAt: Date | null;
  /** why the stop is wished, when not a person wished it: what the run says once it is canceled */
  readonly cancelReason: RunError | null;
  /** `run.fail()` in the script */
  readonly failure: RunError | null;

  /** the job that carries the run now; a retry is a new job */
  readonly jobId: string | null;
  readonly launches: number;
  readonly handle: JsonObject | null;
  /** what the compute last said a waiting job waits for */
  readonly waitsFor: string | null;
  readonly attempts: readonly Attempt[];
  /** jobs of earlier attempts that have yet to be stopped or removed, the next one first */
  readonly left: readonly LeftJob[];
  /** what the run needs and nobody may read, sealed by the server */
  readonly sealedSecrets: string | null;

  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  /** its run directory was removed from the compute */
  readonly removedAt: Date | null;
  /** somebody wants what it left on its compute to go, however long such things are kept; never: absent or null */
  readonly cleanRequestedAt?: Date | null;
  readonly version: number;
}
