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
 * The words of a command as a shell reads them. A word may stand for a path of data, which lies where the job directory
 * does; in a distributed run it may name a variable of its rank, which only the rank knows. Every other `$` stays one. The
 * text of `sh -c` is left to its own shell, which knows how to quote.
 */
export function quoteCommand(job: JobFile, words: readonly string[]): string[] {
  const text = shellTextOf(job);
  const quotePart = isDistributed(job) ? quoteNaming : (part: string) => quoteShell(part, WHAT);
  const paths = new Map(job.data.flatMap(({ path, words }) => words.map((word) => [word, path] as const)));
  const named = dataPattern([...paths.keys()]);
  return words.map((word) => {
    if (word === text) return quoteShell(word, WHAT);
    if (named === null) return quotePart(word);
    return quoteParts(word, named, (found) => quoteDataPath(paths.get(found) ?? ""), quotePart);
  });
}

/** A path below the job directory as a shell reads it. */
export const quoteDataPath = (path: string): string => `"$job"${quoteShell(`/${path}`, "a path of data")}`;

const WHAT = "an argument";

/** Finds the words that stand for data, where no longer name goes on. */
function dataPattern(words: readonly string[]): RegExp | null {
  if (words.length === 0) return null;
  const longestFirst = [...words].sort((a, b) => b.length - a.length);
  return new RegExp(`(?:${longestFirst.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})(?![A-Za-z0-9_])`, "g");
}

function quoteParts(word: string, pattern: RegExp, quoteFound: (found: string) => string, quoteRest: (part: string) => string): string {
  const parts: string[] = [];
  let from = 0;
  for (const found of word.matchAll(pattern)) {
    if (found.index > from) parts.push(quoteRest(word.slice(from, found.index)));
    parts.push(quoteFound(found[0]));
    from = found.index + found[0].length;
  }
  if (from < word.length || parts.length === 0) parts.push(quoteRest(word.slice(from)));
  return parts.join("");
}

function quoteNaming(word: string): string {
  const what = WHAT;
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
