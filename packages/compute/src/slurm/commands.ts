import { ComputeUnreachable } from "@switchyard/protocol";
import type { CommandResult, Site } from "../site/site.ts";

/** Slurm's commands give up by themselves after a few tries of ten seconds; what takes longer hangs. */
const PATIENCE_MS = 60_000;

/** Settings of a person's own that would change what the commands print. */
const PLAIN = ["env", "-u", "SQUEUE_FORMAT", "-u", "SINFO_FORMAT", "-u", "SACCT_FORMAT", "-u", "SLURM_CLUSTERS", "LC_ALL=C"];

/** Runs a command of Slurm. Throws ComputeUnreachable when it does not answer. */
export async function runSlurm(site: Site, argv: readonly string[], signal: AbortSignal, patienceMs = PATIENCE_MS): Promise<CommandResult> {
  const patience = AbortSignal.timeout(patienceMs);
  try {
    return await site.run([...PLAIN, ...argv], AbortSignal.any([signal, patience]));
  } catch (error) {
    if (patience.aborted && !signal.aborted)
      throw new ComputeUnreachable(`Slurm's ${argv[0]} has not answered within ${patienceMs / 1000} s.`, { cause: error });
    throw error;
  }
}

/** What a command said on standard error, in one line and without its own name. */
export function complaintOf({ stderr, code }: CommandResult): string {
  const lines = stderr
    .split("\n")
    .map((line) => line.replace(/^(sbatch|squeue|scancel|scontrol|sinfo|sacct|switchyard)?:? ?(error:)? ?/, "").trim())
    .filter((line) => line !== "" && !/^Try ".*--help/.test(line));
  return [...new Set(lines)].join(". ").replace(/\.$/, "") || `exit code ${code ?? "unknown"}`;
}

/** How scancel ends, without a word, when the job completes: Slurm's error 2021 (ESLURM_ALREADY_DONE), of which an exit code keeps the last byte. */
const COMPLETES_ALREADY = 2021 & 0xff;

/** scancel failed since the job is over or about to be: it cannot be signaled, and need not be. */
export const cameTooLate = ({ code, stderr }: CommandResult): boolean =>
  code === COMPLETES_ALREADY || /Invalid job id|already complet|not running|Job\/step/i.test(stderr);

/** The error of a command that should have worked. */
export function unanswered(command: string, result: CommandResult): ComputeUnreachable {
  const missing = result.code === 127 || (/No such file or directory/.test(result.stderr) && /^env:/.test(result.stderr));
  if (missing)
    return new ComputeUnreachable(`The machine has no ${command} on its PATH. Install Slurm's commands there, or use a log-in node.`);
  return new ComputeUnreachable(`Slurm cannot be asked: ${command} says "${complaintOf(result)}".`);
}
