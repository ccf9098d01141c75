import type { Site } from "../site/site.ts";
import { runSlurm, unanswered } from "./commands.ts";
import { meaningOf, type SlurmJob } from "./jobStates.ts";

/** Job ids in one command line; a single word of it may have 128 KiB. */
const MOST_IDS = 5000;
const SACCT_PATIENCE_MS = 20_000;
/** After accounting did not answer it is left alone for this long. */
const ASK_ACCOUNTING_AGAIN_AFTER_MS = 60_000;

/**
 * Asks Slurm about jobs: `squeue`, which is right about all it knows; then `sacct` about those that the controller has
 * forgotten, where there is accounting. Both in columns, which have stayed the same for twenty years, while the shape of
 * their JSON changes with the version (docs/decisions/0007).
 */
export class JobTable {
  readonly #site: Site;
  #accountingFailedAt = Number.NEGATIVE_INFINITY;

  constructor(site: Site) {
    this.#site = site;
  }

  /** What is known, by id; a job that Slurm has no trace of is not in it. Throws ComputeUnreachable when it cannot tell. */
  async find(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, SlurmJob>> {
    const found = new Map<string, SlurmJob>();
    for (let at = 0; at < ids.length; at += MOST_IDS) {
      for (const job of await this.#ask(ids.slice(at, at + MOST_IDS), signal)) found.set(job.id, job);
    }
    return found;
  }

  async #ask(ids: readonly string[], signal: AbortSignal): Promise<SlurmJob[]> {
    const result = await runSlurm(
      this.#site,
      ["squeue", "--noheader", "--states=all", `--jobs=${ids.join(",")}`, "--format=%i|%j|%T|%N|%r"],
      signal,
    );
    // It says so of a single job; of several it leaves out those that it does not know.
    const isUnknown = ids.length === 1 && /Invalid job id/i.test(result.stderr);
    if (result.code !== 0 && !isUnknown) throw unanswered("squeue", result);
    const queued = parseJobs(result.stdout);
    const known = new Set(queued.map((job) => job.id));
    return [...queued, ...(await this.#askAccounting(ids.filter((id) => !known.has(id)), signal))]; // biome-ignore format: one line
  }

  /** Accounting may be off, down or missing. It only adds to what is known, so then nothing is added. */
  async #askAccounting(ids: readonly string[], signal: AbortSignal): Promise<SlurmJob[]> {
    if (ids.length === 0 || performance.now() - this.#accountingFailedAt < ASK_ACCOUNTING_AGAIN_AFTER_MS) return [];
    const words = [
      "sacct",
      "--allocations",
      "--noheader",
      "--parsable2",
      `--jobs=${ids.join(",")}`,
      "--format=JobIDRaw,JobName,State,NodeList",
    ];
    try {
      const result = await runSlurm(this.#site, words, signal, SACCT_PATIENCE_MS);
      // What accounting takes for alive and the controller does not know is a leftover of a crash.
      if (result.code === 0) return parseJobs(result.stdout).filter((job) => meaningOf(job).stage === "over");
    } catch {
      signal.throwIfAborted();
    }
    this.#accountingFailedAt = performance.now();
    return [];
  }
}

/** Lines `id|name|state|nodes|reason`; the reason may be missing, and may hold anything. */
export function parseJobs(text: string): SlurmJob[] {
  return text.split("\n").flatMap((line) => {
    const [id = "", name = "", state = "", nodes = "", ...reason] = line.trim().split("|");
    if (!/^\d+$/.test(id) || state === "") return [];
    const why = reason.join("|").trim();
    // `CANCELLED by 1000`
    return [{ id, name, state: state.split(" ")[0] ?? "", reason: why === "" ? null : why, nodeList: nodeListOf(nodes) }];
  });
}

const nodeListOf = (text: string): string | null => (["", "None assigned", "(null)"].includes(text.trim()) ? null : text.trim());
