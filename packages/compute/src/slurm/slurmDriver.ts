import { setTimeout as sleep } from "node:timers/promises";
import { ComputeUnreachable, Conflict, failPoint, JOB_LAYOUT } from "@switchyard/protocol";
import type {
  ComputeDriver,
  DriverFeatures,
  Health,
  JobBundle,
  JobHandle,
  Observation,
  OutputFile,
  StopReason,
  WatchedJob,
} from "../contract.ts";
import type { Look } from "../site/look.ts";
import { RecentActions } from "../site/recentActions.ts";
import type { Site } from "../site/site.ts";
import { plainSeconds } from "../site/words.ts";
import { checkSlurm } from "./checkSlurm.ts";
import { cameTooLate, complaintOf, runSlurm, unanswered } from "./commands.ts";
import { BEGINS_AGAIN, meaningOf, type SlurmJob } from "./jobStates.ts";
import { JobTable } from "./jobTable.ts";
import { jobName, sbatchOptions } from "./sbatchOptions.ts";
import { DEFAULT_SETTLE_SECONDS, type SlurmDriverSettings } from "./settings.ts";
import { refOf, type SlurmRef, slurmHandle } from "./slurmHandle.ts";
import { submissionError } from "./submission.ts";
import { type Remedy, whereabouts } from "./whereabouts.ts";

export const SLURM_FEATURES: DriverFeatures = { liveLogs: true, requeues: true, multiNode: true, gpu: "maybe", sharesDisk: true };

const REMEDY_AGAIN_AFTER_SECONDS = 5;
const CANCEL_AGAIN_AFTER_SECONDS = 1;
/** How old an answer of Slurm may be when nothing speaks against it. */
export const ANSWER_LASTS_MS = 1000;
/** How long `remove` waits for Slurm to clear away a job that has ended. */
const CLEAR_PATIENCE_SECONDS = 20;
const SLURM_SHELL = `${JOB_LAYOUT.own}/slurm.sh`;

/** Gives jobs to Slurm from a machine that has its commands and shares a disk with its nodes. Slurm queues, places and begins again. */
export class SlurmDriver implements ComputeDriver {
  readonly name: string;
  readonly features: DriverFeatures;
  readonly #settings: SlurmDriverSettings;
  readonly #site: Site;
  readonly #table: JobTable;
  readonly #recent = new RecentActions();
  readonly #over = new OverSince();

  constructor(name: string, settings: SlurmDriverSettings, site: Site, features: DriverFeatures) {
    this.name = name;
    this.#settings = settings;
    this.#site = site;
    this.#table = new JobTable(site);
    this.features = features;
    if (site.listen !== undefined) this.listen = (wake) => site.listen?.(wake) ?? (() => {});
  }

  listen?: (wake: (jobId: string) => void) => () => void;

  async check(signal: AbortSignal): Promise<Health> {
    const health = await this.#site.check(signal);
    return health.ok ? checkSlurm(this.#site, this.#settings, health, signal) : health;
  }

  async start(bundle: JobBundle, signal: AbortSignal): Promise<JobHandle> {
    const directory = await this.#site.stage(bundle, signal);
    const options = sbatchOptions(bundle.job, directory, this.#settings);
    const result = await runSlurm(this.#site, ["sh", `${directory}/${SLURM_SHELL}`, "submit", directory, ...options], signal);
    const slurmId = result.stdout.trim();
    if (result.code !== 0 || !/^\d+$/.test(slurmId)) throw submissionError(bundle.id, result, this.#settings);
    this.#table.noteSubmitted(slurmId, jobName(bundle.id));
    failPoint("start.after-launch");
    return slurmHandle(this.name, bundle.id, directory, slurmId, await this.#site.identify(signal));
  }

  async observe(jobs: readonly WatchedJob[], budgetBytes: number, signal: AbortSignal): Promise<Observation[]> {
    signal.throwIfAborted();
    if (jobs.length === 0) return [];
    const host = await this.#site.identify(signal);
    const refs = jobs.map(({ handle }) => refOf(handle, host));
    const watched = jobs.map(({ handle, cursors }, index) => ({ jobId: handle.jobId, directory: refs[index]?.directory ?? "", cursors }));
    const looks = await this.#site.look(watched, budgetBytes, signal);
    const known = await this.#askSlurm(looks, refs, signal);
    return Promise.all(looks.map((look, index) => this.#conclude(look, refs[index] as SlurmRef, known, signal)));
  }

  async manifest(handle: JobHandle, signal: AbortSignal): Promise<readonly OutputFile[]> {
    return this.#site.manifest((await this.#refOf(handle, signal)).directory, signal);
  }

  async *read(handle: JobHandle, path: string, from: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    yield* this.#site.read((await this.#refOf(handle, signal)).directory, path, from, signal);
  }

  async cancel(handle: JobHandle, graceSeconds: number, signal: AbortSignal, because: StopReason = "canceled"): Promise<void> {
    const ref = await this.#refOf(handle, signal);
    const [look] = await this.#site.look([{ jobId: handle.jobId, directory: ref.directory, cursors: [] }], 0, signal);
    if (look === undefined || look.standing.phase === "missing") return this.#cancelWithoutDirectory(ref, signal);
    if (isSettled(look)) return;
    await this.#recent.unlessDone(`cancel ${ref.directory}`, CANCEL_AGAIN_AFTER_SECONDS, async () => {
      const argv = ["sh", `${ref.directory}/${SLURM_SHELL}`, "cancel", ref.directory, plainSeconds(graceSeconds), because];
      const result = await runSlurm(this.#site, argv, signal);
      if (result.code !== 0 && !cameTooLate(result)) throw unanswered("scancel", result);
    });
  }

  async remove(handle: JobHandle, signal: AbortSignal): Promise<void> {
    const ref = await this.#refOf(handle, signal);
    const [look] = await this.#site.look([{ jobId: handle.jobId, directory: ref.directory, cursors: [] }], 0, signal);
    await this.#clear(handle.jobId, ref, look, signal);
    await this.#site.remove(ref.directory, signal);
  }

  async #refOf(handle: JobHandle, signal: AbortSignal): Promise<SlurmRef> {
    return refOf(handle, await this.#site.identify(signal));
  }

  /** Slurm is asked when a directory does not tell all; anew when its last answer is older than what the directory tells. */
  async #askSlurm(looks: readonly Look[], refs: readonly SlurmRef[], signal: AbortSignal): Promise<ReadonlyMap<string, SlurmJob>> {
    const open = looks.flatMap((look, index) => (isSettled(look) ? [] : [{ look, id: refs[index]?.slurmId ?? "" }]));
    const known = await this.#table.find(open.map(({ id }) => id), signal, ANSWER_LASTS_MS); // biome-ignore format: one line
    const stale = open.filter(({ look, id }) => disagree(look, known.get(id))).map(({ id }) => id);
    return stale.length === 0 ? known : new Map([...known, ...(await this.#table.find(stale, signal))]);
  }

  async #conclude(look: Look, ref: SlurmRef, known: ReadonlyMap<string, SlurmJob>, signal: AbortSignal): Promise<Observation> {
    const job = ours(known.get(ref.slurmId), look.observation.jobId);
    const { observation, remedy } = whereabouts(look, job);
    // What never was on a node has written nothing there that could come late.
    const seconds = job?.nodeList === null ? 0 : (this.#settings.settleSeconds ?? DEFAULT_SETTLE_SECONDS);
    const settled = this.#over.hasSettled(ref.directory, remedy !== undefined, seconds);
    if (remedy !== undefined && settled) await this.#write(remedy, ref.directory, signal);
    return observation;
  }

  #write(remedy: Remedy, directory: string, signal: AbortSignal): Promise<void> {
    const attempt = remedy.attempt === null ? [] : [`${remedy.attempt}`];
    return this.#recent.unlessDone(`${remedy.kind} ${directory}`, REMEDY_AGAIN_AFTER_SECONDS, () =>
      remedy.kind === "finish"
        ? this.#site.supervise(directory, "finish", [...attempt, remedy.reason], signal)
        : this.#site.supervise(directory, "stop", ["0", remedy.reason, ...attempt], signal),
    );
  }

  /** Its directory is gone, so nothing that it does can come home any more. */
  async #cancelWithoutDirectory({ slurmId }: SlurmRef, signal: AbortSignal): Promise<void> {
    const result = await runSlurm(this.#site, ["scancel", slurmId], signal);
    if (result.code !== 0 && !cameTooLate(result)) throw unanswered("scancel", result);
  }

  /** Makes Slurm forget a job whose end has been written, or that will never begin; refuses while its script may run. */
  async #clear(jobId: string, ref: SlurmRef, look: Look | undefined, signal: AbortSignal): Promise<void> {
    const ended = look === undefined || look.standing.phase === "exited" || look.standing.phase === "missing";
    for (const giveUpAt = performance.now() + CLEAR_PATIENCE_SECONDS * 1000; ; await sleep(200, undefined, { signal })) {
      const job = ours((await this.#table.find([ref.slurmId], signal)).get(ref.slurmId), jobId);
      if (job === null || meaningOf(job).stage === "over") return;
      if (!ended)
        throw new Conflict(`Job ${jobId} is in Slurm as job ${ref.slurmId} (${job.state}), so it is not removed. Cancel it first.`);
      if (performance.now() > giveUpAt)
        throw new ComputeUnreachable(
          `Slurm has not cleared away job ${ref.slurmId} within ${CLEAR_PATIENCE_SECONDS} s: it is ${job.state}.`,
        );
      if (job.state === "COMPLETING") continue;
      const result = await runSlurm(this.#site, ["scancel", ref.slurmId], signal);
      if (result.code !== 0 && !cameTooLate(result))
        throw new ComputeUnreachable(`Slurm does not let go of job ${ref.slurmId}: "${complaintOf(result)}".`);
    }
  }
}

/** The script came to its own end: then it does not matter what Slurm thinks. */
const isSettled = ({ standing }: Look): boolean => standing.phase === "exited" && !BEGINS_AGAIN.has(standing.because ?? "");

/** Slurm said that a job waits whose directory shows that it has begun, or it said nothing; or it is over, which must be certain. */
const disagree = ({ standing }: Look, job: SlurmJob | undefined): boolean => {
  if (job === undefined || meaningOf(job).stage === "over") return true;
  return meaningOf(job).stage === "waits" && ["preparing", "running", "abandoned"].includes(standing.phase);
};

/** Accounting calls a job that never began `allocation`, whatever its name was. */
const ours = (job: SlurmJob | undefined, jobId: string): SlurmJob | null =>
  job !== undefined && [jobName(jobId), "allocation"].includes(job.name) ? job : null;

/** Since when jobs have been over for Slurm without an end in their directory. Forgetting costs a delay, no more. */
class OverSince {
  readonly #sinceMs = new Map<string, number>();

  hasSettled(directory: string, isOver: boolean, seconds: number): boolean {
    if (!isOver) {
      this.#sinceMs.delete(directory);
      return false;
    }
    const nowMs = performance.now();
    const since = this.#sinceMs.get(directory) ?? nowMs;
    this.#sinceMs.set(directory, since);
    return nowMs - since >= seconds * 1000;
  }
}
