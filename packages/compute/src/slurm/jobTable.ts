import type { Site } from "../site/site.ts";
import { runSlurm, unanswered } from "./commands.ts";
import { meaningOf, type SlurmJob } from "./jobStates.ts";

/** Job ids in one command line; a single word of it may have 128 KiB. */
const MOST_IDS = 5000;
const SACCT_PATIENCE_MS = 20_000;
/** A job that nobody has asked about for this long is not asked about beside others. */
const WATCHED_FOR_MS = 5000;
/** After accounting did not answer it is left alone for this long. */
const ASK_ACCOUNTING_AGAIN_AFTER_MS = 60_000;

/**
 * Asks Slurm about jobs: `squeue`, which is right about all it knows; then `sacct` about those that the controller has
 * forgotten, where there is accounting. Both in columns, which have stayed the same for twenty years, while the shape of
 * their JSON changes with the version (docs/decisions/0007).
 */
export class JobTable {
  readonly #site: Site;
  readonly #answers = new Map<string, { readonly job: SlurmJob | null; readonly atMs: number }>();
  #accountingFailedAt = Number.NEGATIVE_INFINITY;

  constructor(site: Site) {
    this.#site = site;
  }

  /**
   * What is known, by id; a job that Slurm has no trace of is not in it. An answer may be `oldestMs` old: the ends of many
   * short jobs wake many looks. Throws ComputeUnreachable when it cannot tell.
   */
  async find(ids: readonly string[], signal: AbortSignal, oldestMs = 0): Promise<ReadonlyMap<string, SlurmJob>> {
    const nowMs = performance.now();
    const wanted = ids.filter((id) => nowMs - (this.#answers.get(id)?.atMs ?? Number.NEGATIVE_INFINITY) > oldestMs);
    if (wanted.length > 0) await this.#askAll(oldestMs === 0 ? wanted : this.#withWatched(wanted, nowMs), signal);
    return new Map(ids.flatMap((id) => {
      const job = this.#answers.get(id)?.job ?? null;
      return job === null ? [] : [[id, job]];
    })); // biome-ignore format: one expression
  }

  /** A job that has just been submitted waits, so that nobody need ask. */
  noteSubmitted(id: string, name: string): void {
    this.#answers.set(id, { job: { id, name, state: "PENDING", reason: null, nodeList: null }, atMs: performance.now() });
  }

  /** Those that others will ask about in a moment: one question for all of them. */
  #withWatched(wanted: readonly string[], nowMs: number): string[] {
    for (const [id, { job, atMs }] of this.#answers) {
      if (nowMs - atMs > WATCHED_FOR_MS || job === null || meaningOf(job).stage === "over") this.#answers.delete(id);
    }
    return [...new Set([...wanted, ...this.#answers.keys()])];
  }

  async #askAll(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const atMs = performance.now();
    for (let at = 0; at < ids.length; at += MOST_IDS) {
      const some = ids.slice(at, at + MOST_IDS);
      const found = new Map((await this.#ask(some, signal)).map((job) => [job.id, job]));
      for (const id of some) this.#answers.set(id, { job: found.get(id) ?? null, atMs });
    }
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
