import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ComputeUnreachable, JOB_LAYOUT, NotFound } from "@switchyard/protocol";
import { explainDiskError } from "../bundle/diskErrors.ts";
import { stageLocally } from "../bundle/stageLocally.ts";
import { ToolkitMaker, type ToolkitSource } from "../bundle/toolkit.ts";
import type { Health, JobBundle, OutputFile } from "../contract.ts";
import { FolderCache } from "../site/folderCache.ts";
import type { Look, WatchedDirectory } from "../site/look.ts";
import { observeJobs } from "../site/observeJobs.ts";
import { ProcessTable } from "../site/processes.ts";
import type { CommandResult, Site, SiteIdentity, SupervisorCommand } from "../site/site.ts";
import { jobDirectory, type SiteFolders, siteFolders, siteOfJob } from "../site/siteFolders.ts";
import { listenToBells } from "./bells.ts";
import { checkMachine } from "./health.ts";
import { type HostIdentity, readHostIdentity } from "./host.ts";
import { listOutputs, readOutput } from "./outputs.ts";
import { removeJob, sweepStaging } from "./removeJob.ts";
import { runCommand } from "./runCommand.ts";
import { supervise } from "./supervisor.ts";

export interface LocalSiteOptions extends ToolkitSource {
  /** where job directories lie; made when it is not there */
  readonly siteRoot: string;
  /** default: this machine */
  readonly host?: HostIdentity;
}

/** This machine as a place for jobs. */
export class LocalSite implements Site {
  readonly #site: SiteFolders;
  readonly #toolkits: ToolkitMaker;
  readonly #identity: SiteIdentity;
  readonly #reader = { folders: new FolderCache(), processes: new ProcessTable() };
  #swept = false;

  constructor({ siteRoot, host, ...source }: LocalSiteOptions) {
    this.#site = siteFolders(siteRoot);
    this.#toolkits = new ToolkitMaker(source);
    this.#identity = { ...(host ?? readHostIdentity()), bootId: this.#reader.processes.bootId };
  }

  async identify(): Promise<SiteIdentity> {
    return this.#identity;
  }

  async check(): Promise<Health> {
    try {
      this.#makeSite();
    } catch (error) {
      return { ok: false, because: `The folder for jobs, ${this.#site.root}, cannot be made: ${(error as Error).message}.` };
    }
    return checkMachine(this.#site.root);
  }

  async stage(bundle: JobBundle, signal: AbortSignal): Promise<string> {
    this.#makeSite();
    return stageLocally(bundle, this.#site, await this.#toolkits.on(this.#site), signal);
  }

  async directoryOf(jobId: string): Promise<string> {
    return jobDirectory(this.#site, jobId);
  }

  async look(jobs: readonly WatchedDirectory[], budgetBytes: number, signal: AbortSignal): Promise<readonly Look[]> {
    for (const { directory, jobId } of jobs) requireSite(directory, jobId);
    const looks = await observeJobs(jobs, budgetBytes, { ...this.#reader, node: this.#identity.name }, signal);
    return looks.map((look, index) =>
      look.standing.phase === "unclaimed" ? { ...look, complaint: readComplaint(jobs[index]?.directory ?? "") } : look,
    );
  }

  supervise(directory: string, command: SupervisorCommand, words: readonly string[]): Promise<void> {
    return supervise(directory, command, words);
  }

  async manifest(directory: string, signal: AbortSignal): Promise<readonly OutputFile[]> {
    return listOutputs(requireDirectory(directory), signal);
  }

  async *read(directory: string, path: string, from: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    yield* readOutput(requireDirectory(directory), path, from, signal);
  }

  async remove(directory: string): Promise<void> {
    requireSite(directory, directory);
    await removeJob(directory, this.#reader);
  }

  run(argv: readonly string[], signal: AbortSignal, input?: string): Promise<CommandResult> {
    return runCommand(argv, signal, input);
  }

  listen(wake: (jobId: string) => void): () => void {
    return listenToBells(this.#site.bells, wake);
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

/** Throws ComputeUnreachable when the folder of all jobs is not there, for then nothing can be said about any. */
function requireSite(directory: string, jobId: string): void {
  const { jobs } = siteOfJob(directory);
  if (existsSync(jobs)) return;
  throw new ComputeUnreachable(
    `Job ${jobId} cannot be looked at: ${jobs} cannot be reached. Mount its disk or restore its permissions; the job is not lost.`,
  );
}

function requireDirectory(directory: string): string {
  requireSite(directory, directory);
  if (!existsSync(directory)) throw new NotFound(`The job has left no directory: ${directory} does not exist.`);
  return directory;
}

/** The last words of a supervisor that could not even claim its attempt. */
function readComplaint(directory: string): string | null {
  try {
    const text = readFileSync(join(directory, JOB_LAYOUT.own, "launch.log"), "utf8");
    return text.trim().split("\n").at(-1) || null;
  } catch {
    return null;
  }
}
