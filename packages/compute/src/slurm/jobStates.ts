import type { EndReason } from "@switchyard/protocol";

/** What Slurm knows of one job. */
export interface SlurmJob {
  readonly id: string;
  /** a controller that lost its files counts from 1 again: the name tells whether this is ours */
  readonly name: string;
  /** in Slurm's own words: `PENDING`, `NODE_FAIL` */
  readonly state: string;
  /** why it waits, or null */
  readonly reason: string | null;
  /** `n[1-3]`, or null while it has none */
  readonly nodeList: string | null;
}

/** What a state means: the job waits, it has its nodes, or Slurm has done with it. */
export type Stage = "waits" | "runs" | "over";

interface Meaning {
  readonly stage: Stage;
  /** of a job that is over: the reason that is written down when its own end is missing */
  readonly reason?: EndReason;
  readonly words: string;
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  PENDING: { stage: "waits", words: "waits" },
  CONFIGURING: { stage: "waits", words: "waits until its nodes are powered up" },
  REQUEUED: { stage: "waits", words: "is put back into the queue" },
  REQUEUE_FED: { stage: "waits", words: "is put back into the queue" },
  REQUEUE_HOLD: { stage: "waits", words: "is held after it was put back into the queue; release it with scontrol release" },
  SPECIAL_EXIT: { stage: "waits", words: "is held after a special exit; release it with scontrol release" },
  RESV_DEL_HOLD: { stage: "waits", words: "is held because its reservation was deleted" },
  RUNNING: { stage: "runs", words: "runs" },
  SUSPENDED: { stage: "runs", words: "is suspended" },
  STOPPED: { stage: "runs", words: "is stopped" },
  RESIZING: { stage: "runs", words: "is given other nodes" },
  SIGNALING: { stage: "runs", words: "is being signaled" },
  STAGE_OUT: { stage: "runs", words: "moves its data out" },
  COMPLETING: { stage: "runs", words: "is coming to its end" },
  COMPLETED: { stage: "over", reason: "unknown", words: "ended" },
  FAILED: { stage: "over", reason: "unknown", words: "failed" },
  CANCELLED: { stage: "over", reason: "canceled", words: "was canceled in Slurm" },
  TIMEOUT: { stage: "over", reason: "time_limit", words: "reached Slurm's time limit" },
  DEADLINE: { stage: "over", reason: "time_limit", words: "could not have ended before its deadline" },
  PREEMPTED: { stage: "over", reason: "preempted", words: "gave its nodes to a job that goes first" },
  NODE_FAIL: { stage: "over", reason: "node_lost", words: "lost a node" },
  BOOT_FAIL: { stage: "over", reason: "node_lost", words: "had nodes that did not start" },
  OUT_OF_MEMORY: { stage: "over", reason: "out_of_memory", words: "used more memory than Slurm gave it" },
  REVOKED: { stage: "over", reason: "canceled", words: "was revoked by another cluster" },
};

/** A state that a newer Slurm has invented says nothing yet: the job is as it was. */
const NEW: Meaning = { stage: "runs", words: "is in a state that this version of Switchyard does not know" };

export const meaningOf = ({ state }: Pick<SlurmJob, "state">): Meaning => MEANINGS[state] ?? NEW;

/** Ends after which Slurm starts a job again, unless it says that the job is over (`begins_again` in slurm.sh). */
export const BEGINS_AGAIN: ReadonlySet<string> = new Set<EndReason>(["preempted", "node_lost", "requeued"]);

/** Why a job waits, for a person. Each begins where "Slurm job 17 " ends. */
const REASONS: Readonly<Record<string, string>> = {
  Priority: "waits: other jobs go first",
  Resources: "waits for free nodes",
  Dependency: "waits for another job",
  DependencyNeverSatisfied: "waits for a job that did not end as it should have: it will never begin",
  BeginTime: "waits for its time to begin; Slurm lets a job that it puts back wait for a while",
  Licenses: "waits for a free license",
  Reservation: "waits for its reservation to begin",
  NodeDown: "waits for a node that is down",
  PartitionDown: "waits: its partition is down. Ask the people who run the cluster, or use another partition",
  PartitionInactive: "waits: its partition is inactive. Ask the people who run the cluster, or use another partition",
  PartitionNodeLimit: "asks for more nodes than its partition allows, so it will not begin. Cancel the run and ask for fewer",
  PartitionTimeLimit:
    "asks for more time than its partition allows, so it will not begin. Cancel the run and lower maxRunDurationSeconds, or use another partition",
  PartitionConfig:
    "asks for what its partition can never give (nodes, time, CPUs or memory), so it will not begin. Cancel the run and ask for less, or use another partition",
  BadConstraints: "asks for nodes that do not exist, so it will not begin. Cancel the run and ask for something else",
  JobHeldUser: "is held. Release it with scontrol release",
  JobHeldAdmin: "is held by an administrator of the cluster",
  InvalidAccount: "has an account that Slurm does not know, so it will not begin. Cancel the run and correct the target's account",
  InvalidQOS: "has a QOS that Slurm does not know, so it will not begin. Cancel the run and correct the target's QOS",
};

const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^ReqNodeNotAvail/, "waits for nodes that are down, drained or reserved"],
  [/^(QOS|Assoc|Max).*Per(User|Account)|^(QOS|Assoc)Max/i, "waits for a limit of its account or QOS"],
  [/^(QOS|Assoc)/i, "waits for a limit of its account or QOS"],
  [/held/i, "is held because Slurm could not start it; see why with scontrol show job, then scontrol release"],
  [/launch.?failed/i, "could not be started and waits"],
];

/** One sentence without its full stop about a job that is not over. */
export function inWords(job: SlurmJob): string {
  const why = job.reason === null || job.reason === "None" ? null : job.reason;
  if (job.state !== "PENDING" || why === null) return `Slurm job ${job.id} ${job.state === "PENDING" ? "is new" : meaningOf(job).words}`;
  const known = REASONS[why] ?? FAMILIES.find(([pattern]) => pattern.test(why))?.[1] ?? "waits";
  return `Slurm job ${job.id} ${known} (${why})`;
}
