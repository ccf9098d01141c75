import { ComputeUnreachable, DiskFull, JobRejected } from "@switchyard/protocol";
import type { CommandResult } from "../site/site.ts";
import { complaintOf, unanswered } from "./commands.ts";
import type { SlurmDriverSettings } from "./settings.ts";

/** Slurm's words for what is no fault of the job: asked again later, it may be taken. */
const LATER = [
  /unable to contact slurm controller|connection (refused|timed out|reset)|socket timed out|communications? (shutdown|failure)|transport endpoint/i,
  /controller .*(standby|not responding|in backup)|slurmctld .*not responding/i,
  /zero bytes were transmitted|unexpected message|munge|authentication|credential/i,
  /resource temporarily unavailable|temporarily unable to accept/i,
  /has been submitting job/, // of slurm.sh: a lock
];

/** What a person can do about a job that Slurm refuses. */
const WAYS_OUT: readonly (readonly [RegExp, (settings: SlurmDriverSettings) => string])[] = [
  [
    /invalid partition|partition .*(invalid|not (in|available))/i,
    ({ partition }) =>
      `Name an existing partition: sinfo lists them${partition ? `, and the target says "${partition}"` : ", and the target names none"}.`,
  ],
  [/time limit/i, () => "Lower maxRunDurationSeconds, or use a partition that allows more time (sinfo shows the limits)."],
  [/node count|too many nodes|nodes? .*(limit|permitted)/i, () => "Ask for fewer nodes, or use a partition that has more."],
  [
    /account|association/i,
    () => "Set the target's account and partition to a combination that you may use: sacctmgr show associations lists them.",
  ],
  [/qos|quality of service/i, () => "Set the target's QOS to one that you may use: sacctmgr show qos lists them."],
  [/gres|generic resource|gpu/i, () => "Ask for GPUs that the partition has: sinfo --format='%N %G' lists them."],
  [/memory/i, () => "Ask for less memory per node: sinfo --format='%N %m' lists what there is."],
  [/constraint|feature/i, () => "Set the target's constraint to features that nodes have: sinfo --format='%N %f' lists them."],
  [
    /requested node configuration|cpu count|more processors|configuration is not available/i,
    () => "Ask for what one node of the partition has: sinfo --Node --long lists them.",
  ],
  [/limit|quota|max(imum)? .*submit/i, () => "Wait until other jobs have ended, or ask the people who run the cluster for a higher limit."],
  [/unrecognized option|invalid (option|argument)|unrecognised/i, () => "Correct the target's own options for sbatch."],
];

/** Why `slurm.sh submit` did not work: the job is at fault, or Slurm cannot be asked now, or the disk is full. */
export function submissionError(jobId: string, result: CommandResult, settings: SlurmDriverSettings): Error {
  const said = complaintOf(result);
  if (/is the disk full\?|no space left/i.test(said))
    return new DiskFull(`Job ${jobId} cannot be given to Slurm: ${said}. Free some space there.`);
  if (result.code === 127) return unanswered("sbatch", result);
  if (LATER.some((pattern) => pattern.test(said)))
    return new ComputeUnreachable(`Job ${jobId} cannot be given to Slurm now: "${said}". It is tried again.`);
  const [, wayOut] = WAYS_OUT.find(([pattern]) => pattern.test(said)) ?? [null, () => "Correct the target or the run configuration."];
  return new JobRejected(`Slurm refuses job ${jobId}: "${said}". ${wayOut(settings)}`);
}
