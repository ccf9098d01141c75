import { JOB_LAYOUT, type JobFile, mostProcessesOnANode } from "@switchyard/protocol";
import { checkOptions, DEFAULT_PREPARATION_SECONDS, type SlurmDriverSettings } from "./settings.ts";

/** Slurm may deliver its warning this much later than the moment it is asked for. */
const WARNING_SLACK_SECONDS = 5;
/** a job without an environment to build still has to be launched */
const LAUNCH_SECONDS = 60;
const LONGEST_WARNING_SECONDS = 65_535;

/** What Slurm says while it runs the job; relative to the job directory. */
export const SLURM_WORDS = `${JOB_LAYOUT.own}/slurm.txt`;

/** What a job is called in Slurm (`job_name` in slurm.sh), so that it is found again when the answer of sbatch was lost. */
export const jobName = (jobId: string): string => `switchyard-${jobId}`;

/** The words between `sbatch` and its script. The target's own options come last, so that they win. */
export function sbatchOptions(job: JobFile, directory: string, settings: SlurmDriverSettings): string[] {
  const tasks = mostProcessesOnANode(job);
  const words: [option: string, value: string | number | null | undefined][] = [
    ["--nodes", job.nodes],
    ["--ntasks-per-node", tasks],
    ["--partition", settings.partition],
    ["--account", settings.account],
    ["--qos", settings.qos],
    ["--constraint", settings.constraint],
    ["--cpus-per-task", settings.cpusPerNode ? Math.max(1, Math.floor(settings.cpusPerNode / tasks)) : null],
    ["--mem", settings.memoryMegabytesPerNode ? `${settings.memoryMegabytesPerNode}M` : null],
    ["--gres", settings.gres ?? (settings.gpusPerNode ? `gpu:${settings.gpusPerNode}` : null)],
    ["--time", timeLimit(job, settings)],
    ["--signal", `B:USR1@${Math.min(LONGEST_WARNING_SECONDS, Math.ceil(job.limits.graceSeconds) + WARNING_SLACK_SECONDS)}`],
    ["--comment", `Switchyard run ${job.runId}`],
    ["--chdir", directory],
    ["--output", `${directory}/${SLURM_WORDS}`.replaceAll("%", "%%")],
    ["--open-mode", "append"],
  ];
  return [
    ...words.flatMap(([option, value]) => (value === null || value === undefined ? [] : [`${option}=${value}`])),
    ...(settings.exclusive === true ? ["--exclusive"] : []),
    "--requeue",
    ...checkOptions(settings.options ?? []),
  ];
}

/**
 * Minutes. The supervisor keeps the run's own limit, to the second and with its grace; Slurm's is only there so that it
 * can plan, and lies behind it.
 */
function timeLimit({ limits, environment }: JobFile, settings: SlurmDriverSettings): number | null {
  if (limits.maxSeconds === null) return null;
  const before = environment.kind === "system" ? (settings.preparationSeconds ?? DEFAULT_PREPARATION_SECONDS) : LAUNCH_SECONDS;
  return Math.ceil((limits.maxSeconds + limits.graceSeconds + before) / 60);
}
