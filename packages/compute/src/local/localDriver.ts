import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ComputeUnreachable, failPoint, JOB_LAYOUT, NotFound } from "@switchyard/protocol";
import { explainDiskError } from "../bundle/diskErrors.ts";
import { stageLocally } from "../bundle/stageLocally.ts";
import { ToolkitMaker, type ToolkitSource } from "../bundle/toolkit.ts";
import type { ComputeDriver, DriverFeatures, Health, JobBundle, JobHandle, Observation, OutputFile, WatchedJob } from "../contract.ts";
import { FolderCache } from "../site/folderCache.ts";
import { lookAtJob } from "../site/lookAtJob.ts";
import { type Look, observeJobs, type WatchedDirectory } from "../site/observeJobs.ts";
import { ProcessTable } from "../site/processes.ts";
import { type SiteFolders, siteFolders } from "../site/siteFolders.ts";
import { listenToBells } from "./bells.ts";
import { checkMachine } from "./health.ts";
import { type HostIdentity, readHostIdentity } from "./host.ts";
import { directoryOf, LOCAL_DRIVER, localHandle, requireSite } from "./localHandle.ts";
import { listOutputs, readOutput } from "./outputs.ts";
import { RecentActions } from "./recentActions.ts";
import { removeJob, sweepStaging } from "./removeJob.ts";
import { finishAttempt, launchJob, stopJob } from "./supervisor.ts";

export const LOCAL_FEATURES: DriverFeatures = { liveLogs: true, requeues: false, multiNode: false, gpu: "maybe", sharesDisk: true };

export interface LocalDriverOptions extends ToolkitSource {
  /** where job directories lie; made when it is not there */
  readonly siteRoot: string;
  /** default: this machine */
  readonly host?: HostIdentity;
}

const LAUNCH_AGAIN_AFTER_SECONDS = 5;
const FINISH_AGAIN_AFTER_SECONDS = 5;

/** Runs jobs on this machine, each in a directory of its own under a supervisor that outlives this process. */
export class LocalDriver implements ComputeDriver {
  readonly name = LOCAL_DRIVER;
  readonly features = LOCAL_FEATURES;
  readonly #site: SiteFolders;
  readonly #toolkits: ToolkitMaker;
  readonly #host: HostIdentity;
  readonly #reader = { folders: new FolderCache(), processes: new ProcessTable() };
  readonly #recent = new RecentActions();
  #swept = false;

  constructor({ siteRoot, host, ...source }: LocalDriverOptions) {
    this.#site = siteFolders(siteRoot);
    this.#toolkits = new ToolkitMaker(source);
    this.#host = host ?? readHostIdentity();
  }

  async check(_signal: AbortSignal): Promise<Health> {
    try {
      this.#makeSite();
    } catch (error) {
      return { ok: false, because: `The folder for jobs, ${this.#site.root}, cannot be made: ${(error as Error).message}.` };
    }
    return checkMachine(this.#site.root);
  }

  async start(bundle: JobBundle, signal: AbortSignal): Promise<JobHandle> {
    this.#makeSite();
    const directory = await stageLocally(bundle, this.#site, await this.#toolkits.on(this.#site), signal);
    const { phase } = lookAtJob(directory, this.#reader).standing;
    if (phase === "unclaimed") {
      this.#recent.note(`launch ${directory}`);
      await launchJob(directory);
    }
    failPoint("start.after-launch");
    return localHandle(bundle.id, directory, this.#host, this.#reader.processes.bootId);
  }

  async observe(jobs: readonly WatchedJob[], budgetBytes: number, signal: AbortSignal): Promise<Observation[]> {
    signal.throwIfAborted();
    const watched = jobs.map(({ handle, cursors }) => this.#find(handle, cursors));
    const reachable = watched.filter((each): each is WatchedDirectory => !(each instanceof ComputeUnreachable));
    const unreachable = watched.find((each) => each instanceof ComputeUnreachable);
    if (reachable.length === 0 && unreachable !== undefined) throw unreachable;
    const looks = await observeJobs(reachable, budgetBytes, { ...this.#reader, node: this.#host.name }, signal);
    const observations = await Promise.all(looks.map((look, index) => this.#helpOn(look, reachable[index]?.directory ?? "")));
    let next = 0;
    return watched.map((each, index) =>
      each instanceof ComputeUnreachable ? untold(jobs[index]?.handle.jobId ?? "", each) : (observations[next++] as Observation),
    );
  }

  async manifest(handle: JobHandle, signal: AbortSignal): Promise<readonly OutputFile[]> {
    return listOutputs(this.#require(handle), signal);
  }

  async *read(handle: JobHandle, path: string, from: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    yield* readOutput(this.#require(handle), path, from, signal);
  }

  async cancel(handle: JobHandle, graceSeconds: number, _signal: AbortSignal): Promise<void> {
    const directory = directoryOf(handle, this.#host);
    requireSite(directory, handle.jobId);
    const { phase } = lookAtJob(directory, this.#reader).standing;
    if (phase === "missing" || phase === "exited") return;
    await this.#recent.unlessDone(`stop ${graceSeconds} ${directory}`, 1, () => stopJob(directory, graceSeconds));
  }

  async remove(handle: JobHandle, _signal: AbortSignal): Promise<void> {
    const directory = directoryOf(handle, this.#host);
    requireSite(directory, handle.jobId);
    await removeJob(directory, this.#reader);
  }

  listen(wake: (jobId: string) => void): () => void {
    return listenToBells(this.#site.bells, wake);
  }

  #find(handle: JobHandle, cursors: WatchedJob["cursors"]): WatchedDirectory | ComputeUnreachable {
    try {
      const directory = directoryOf(handle, this.#host);
      requireSite(directory, handle.jobId);
      return { jobId: handle.jobId, directory, cursors };
    } catch (error) {
      if (error instanceof ComputeUnreachable) return error;
      throw error;
    }
  }

  #require(handle: JobHandle): string {
    const directory = directoryOf(handle, this.#host);
    requireSite(directory, handle.jobId);
    if (!existsSync(directory)) throw new NotFound(`Job ${handle.jobId} has left no directory: ${directory} does not exist.`);
    return directory;
  }

  /** A job that nobody claimed is launched once more; one whose supervisor died gets another to write down its end. */
  async #helpOn({ standing, observation }: Look, directory: string): Promise<Observation> {
    if (standing.phase === "abandoned") {
      await this.#recent.unlessDone(`finish ${directory}`, FINISH_AGAIN_AFTER_SECONDS, () => finishAttempt(directory, standing.attempt));
    }
    if (standing.phase !== "unclaimed") return observation;
    await this.#recent.unlessDone(`launch ${directory}`, LAUNCH_AGAIN_AFTER_SECONDS, () => launchJob(directory));
    const complaint = readComplaint(directory);
    return complaint === null ? observation : { ...observation, phase: "waiting", because: complaint };
  }

  #makeSite(): void {
    try {
      mkdirSync(this.#site.root, { recursive: true, mode: 0o700 });
      for (const folder of [this.#site.jobs, this.#site.staging, this.#site.bells]) mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw explainDiskError(error, this.#site.root);
    }
    if (this.#swept) return;
    this.#swept = true;
    void sweepStaging(this.#site);
  }
}

/** Among jobs that can be looked at, one that cannot is as it was. */
const untold = (jobId: string, error: Error): Observation => ({ jobId, attempt: 0, grown: [], phase: "waiting", because: error.message });

/** The last words of a supervisor that could not even claim its attempt. */
function readComplaint(directory: string): string | null {
  try {
    return (
      readFileSync(join(directory, JOB_LAYOUT.own, "launch.log"), "utf8")
        .trim()
        .split("\n")
        .at(-1) || null
    );
  } catch {
    return null;
  }
}
