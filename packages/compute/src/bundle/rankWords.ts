import { isDistributed, type JobFile } from "@switchyard/protocol";
import { quoteShell } from "./quote.ts";

/** What an argument of a distributed run may name: `--rank $AZ_BATCHAI_TASK_INDEX`. Set by `supervisor/variables.sh`, or by MPI. */
const RANK_VARIABLES = [
  ...["RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "NODE_RANK", "MASTER_ADDR", "MASTER_PORT", "TF_CONFIG"],
  ...["RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "NODE_RANK", "NODE_COUNT", "NODE"].map((name) => `SWITCHYARD_${name}`),
  ...["AZ_BATCH_MASTER_NODE", "AZ_BATCHAI_MPI_MASTER_NODE", "AZ_BATCHAI_PYTORCH_INIT_METHOD", "AZ_BATCHAI_TASK_INDEX"],
  ...["AZ_BATCHAI_WORKER_HOSTS", "AZ_BATCHAI_PS_HOSTS", "AZ_BATCHAI_JOB_NAME"],
  ...["RANK", "SIZE", "LOCAL_RANK", "LOCAL_SIZE"].map((name) => `OMPI_COMM_WORLD_${name}`),
  ...["PMI_RANK", "PMI_SIZE"],
];
const NAMED = new RegExp(`\\$(?:\\{(${RANK_VARIABLES.join("|")})\\}|(${RANK_VARIABLES.join("|")})(?![A-Za-z0-9_]))`, "g");

/**
 * The words of a command as a shell reads them. In a distributed run a word may name a variable of its rank, which only
 * the rank knows; every other `$` stays one. The text of `sh -c` is left to its own shell, which knows how to quote.
 */
export function quoteCommand(job: JobFile, words: readonly string[]): string[] {
  const what = "an argument";
  const mayName = isDistributed(job);
  const text = shellTextOf(job);
  return words.map((word) => (mayName && word !== text ? quoteNaming(word, what) : quoteShell(word, what)));
}

function quoteNaming(word: string, what: string): string {
  const parts: string[] = [];
  let from = 0;
  for (const found of word.matchAll(NAMED)) {
    const name = found[1] ?? found[2];
    if (found.index > from) parts.push(quoteShell(word.slice(from, found.index), what));
    // a variable that this communicator does not set stays as it was written
    parts.push(`"\${${name}-\\$${name}}"`);
    from = found.index + found[0].length;
  }
  if (from < word.length || parts.length === 0) parts.push(quoteShell(word.slice(from), what));
  return parts.join("");
}

function shellTextOf({ command }: JobFile): string | null {
  if (command.kind !== "command") return null;
  const [program = "", option = "", text] = command.argv;
  return /(^|\/)(sh|bash|dash|zsh|ksh)$/.test(program) && /^-\w*c$/.test(option) ? (text ?? null) : null;
}
