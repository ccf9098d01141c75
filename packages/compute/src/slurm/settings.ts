import { BadRequest } from "@switchyard/protocol";

/** What a target says about the Slurm cluster behind it. */
export interface SlurmDriverSettings {
  /** default: the partition that Slurm itself takes */
  readonly partition?: string | null;
  readonly account?: string | null;
  readonly qos?: string | null;
  /** what each node of a job is asked to have; default: what Slurm gives without being asked */
  readonly cpusPerNode?: number | null;
  readonly memoryMegabytesPerNode?: number | null;
  readonly gpusPerNode?: number | null;
  /** generic resources in Slurm's words, in place of `gpusPerNode`: `gpu:a100:2` */
  readonly gres?: string | null;
  readonly constraint?: string | null;
  /** nodes carry nothing else while they carry a job */
  readonly exclusive?: boolean;
  /** more options for sbatch, as they are: `--reservation=course` */
  readonly options?: readonly string[];
  /** what is added to a run's time limit for preparing its environment, which that limit does not count */
  readonly preparationSeconds?: number;
  /** how long a job must be over for Slurm before we believe that no end will be seen in its directory: a network disk shows
   *  what another machine wrote with a delay */
  readonly settleSeconds?: number;
}

export const DEFAULT_PREPARATION_SECONDS = 900;
export const DEFAULT_SETTLE_SECONDS = 60;

/** Options that would take from us what we need to find a job again, or start something else. */
const OURS = [
  ...["--parsable", "--job-name", "-J", "--output", "-o", "--error", "-e", "--input", "-i", "--chdir", "-D", "--open-mode"],
  ...["--wrap", "--array", "-a", "--wait", "-W", "--test-only", "--signal", "--clusters", "-M", "--cluster", "--export", "--export-file"],
  ...["--help", "-h", "--usage", "--version", "-V"],
];

/** The options as they are; refuses those that are not for a target to set. */
export function checkOptions(options: readonly string[]): readonly string[] {
  for (const option of options) {
    if (!option.startsWith("-") || option === "-" || option === "--" || option.includes("\0"))
      throw new BadRequest(`"${option}" is not an option of sbatch. Write option and value as one word: --reservation=course.`);
    const name = option.startsWith("--") ? option.replace(/=.*/s, "") : option.slice(0, 2);
    if (OURS.includes(name)) throw new BadRequest(`The option ${name} of sbatch is set by Switchyard itself. Leave it out.`);
  }
  return options;
}
