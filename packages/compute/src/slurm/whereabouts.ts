import type { EndReason } from "@switchyard/protocol";
import type { Observation } from "../contract.ts";
import type { Look } from "../site/look.ts";
import { expandHostList } from "./hostList.ts";
import { BEGINS_AGAIN, inWords, meaningOf, type SlurmJob } from "./jobStates.ts";

/** What must be written into the job directory because nobody else will. */
export type Remedy =
  /** the attempt was claimed, and its end is missing */
  | { readonly kind: "finish"; readonly attempt: number; readonly reason: EndReason }
  /** nobody claimed the attempt (null: the first), and nobody will */
  | { readonly kind: "close"; readonly attempt: number | null; readonly reason: EndReason };

export interface Whereabouts {
  readonly observation: Observation;
  /** to be carried out once the job has been over for Slurm for a while */
  readonly remedy?: Remedy;
}

/**
 * Puts together what Slurm knows (null: no trace of the job) and what the job directory shows. The directory is right
 * about ends; Slurm about whether there will be one. Does no I/O.
 */
export function whereabouts({ observation, standing }: Look, job: SlurmJob | null): Whereabouts {
  switch (standing.phase) {
    case "unreadable":
      return { observation };
    case "exited":
      return BEGINS_AGAIN.has(standing.because ?? "") ? afterInterruption(observation, job) : { observation };
    case "missing":
      return { observation: job === null || isDone(job) ? observation : active(observation, job) };
    case "unclaimed":
      return unclaimed(observation, job);
    case "preparing":
      return claimed(observation, job, false, null);
    case "running":
      return claimed(observation, job, true, null);
    case "abandoned":
      return claimed(observation, job, standing.started, standing.attempt);
  }
}

const isOver = (job: SlurmJob): boolean => meaningOf(job).stage === "over";
/** Nothing of it is on a node any more but what Slurm clears away. */
const isDone = (job: SlurmJob): boolean => isOver(job) || job.state === "COMPLETING";

/** The last attempt ended in a way after which Slurm begins again. */
function afterInterruption(observation: Observation, job: SlurmJob | null): Whereabouts {
  if (job === null) return { observation };
  const again: Observation = { ...base(observation), phase: "waiting", because: `${inWords(job)} after ${interruptionOf(observation)}` };
  if (!isOver(job)) return { observation: again };
  if (job.state !== "CANCELLED") return { observation };
  // Somebody canceled it while it waited: the attempt that will not be is what ends the job.
  return { observation: again, remedy: { kind: "close", attempt: observation.attempt + 1, reason: "canceled" } };
}

function interruptionOf(observation: Observation): string {
  const because = observation.phase === "exited" ? observation.because : undefined;
  if (because === "preempted") return "it gave its nodes to a job that goes first";
  return because === "node_lost" ? "it lost a node" : "somebody put it back into the queue";
}

function unclaimed(observation: Observation, job: SlurmJob | null): Whereabouts {
  if (job === null) return { observation: gone(observation) };
  if (!isOver(job)) return { observation: active(observation, job) };
  const { reason = "unknown" } = meaningOf(job);
  const told: EndReason = reason === "unknown" || reason === "out_of_memory" ? "not_started" : reason;
  const waiting: Observation = { ...base(observation), phase: "waiting", because: inWords(job) };
  return { observation: waiting, remedy: { kind: "close", attempt: null, reason: told } };
}

/** `abandoned`: the number of an attempt of which this machine sees no process; on another node that is as it should be. */
function claimed(observation: Observation, job: SlurmJob | null, started: boolean, abandoned: number | null): Whereabouts {
  if (job === null) return { observation: abandoned === null ? observation : gone(observation) };
  if (!isOver(job)) return { observation: active(observation, job, started) };
  const { reason = "unknown" } = meaningOf(job);
  const seen: Observation = started ? running(observation, job) : { ...base(observation), phase: "waiting", because: inWords(job) };
  return abandoned === null ? { observation: seen } : { observation: seen, remedy: { kind: "finish", attempt: abandoned, reason } };
}

/** Of a job that is not over: it runs when its script does, whatever Slurm calls it meanwhile. */
function active(observation: Observation, job: SlurmJob, started = false): Observation {
  const runs = meaningOf(job).stage === "runs";
  if (started && runs) return running(observation, job);
  const because = runs ? `Slurm job ${job.id} prepares its environment on ${job.nodeList ?? "its node"}` : inWords(job);
  return { ...base(observation), phase: "waiting", because };
}

function running(observation: Observation, job: SlurmJob): Observation {
  const [node] = expandHostList(job.nodeList ?? "");
  return { ...base(observation), phase: "running", ...(node === undefined ? {} : { node }) };
}

const gone = (observation: Observation): Observation => ({ ...base(observation), phase: "missing" });

function base({ jobId, attempt, grown, clockOffsetMs }: Observation) {
  return { jobId, attempt, grown, ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }) };
}
