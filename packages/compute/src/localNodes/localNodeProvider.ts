import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ComputeUnreachable, Conflict, failPoint, JobRejected } from "@switchyard/protocol";
import { explainDiskError } from "../bundle/diskErrors.ts";
import { TOOLKIT_LAYOUT, ToolkitMaker, type ToolkitSource } from "../bundle/toolkit.ts";
import type { Health } from "../contract.ts";
import { listenToBells } from "../local/bells.ts";
import { checkMachine } from "../local/health.ts";
import { supervise } from "../local/supervisor.ts";
import { requireNodeId } from "../nodes/nodeId.ts";
import type { NodeFeatures, NodeProvider, NodeRequest, SeenNode } from "../nodes/provider.ts";
import { FolderCache } from "../site/folderCache.ts";
import { lookAtJob } from "../site/lookAtJob.ts";
import { ProcessTable } from "../site/processes.ts";
import { RecentActions } from "../site/recentActions.ts";
import { jobDirectory, type SiteFolders, siteFolders } from "../site/siteFolders.ts";
import { plainSeconds } from "../site/words.ts";
import { endKeeper, launchKeeper, rouseKeeper } from "./keeper.ts";
import { readNodeClock } from "./nodeClock.ts";
import { NODE_LAYOUT, type NodeOnDisk, readNode } from "./nodeFolder.ts";

export interface LocalNodesOptions extends ToolkitSource {
  /** of this machine's site: nodes lie beside its jobs */
  readonly siteRoot: string;
}

const LAUNCH_AGAIN_AFTER_SECONDS = 5;
const ROUSE_AGAIN_AFTER_SECONDS = 2;
const STOP_AGAIN_AFTER_SECONDS = 5;

/**
 * Nodes of the embedded cluster: each a folder and a keeper process of this machine. Jobs on them are carried by this
 * machine's own driver; the nodes only say how many at once, where their temporary files lie, and when they must stop.
 */
export class LocalNodeProvider implements NodeProvider {
  readonly name = "local";
  readonly features: NodeFeatures = { isolation: "none", images: false };
  readonly #site: SiteFolders;
  readonly #nodes: string;
  readonly #toolkits: ToolkitMaker;
  readonly #reader = { folders: new FolderCache(), processes: new ProcessTable() };
  readonly #recent = new RecentActions();

  constructor({ siteRoot, ...source }: LocalNodesOptions) {
    this.#site = siteFolders(siteRoot);
    this.#nodes = join(this.#site.root, "nodes");
    this.#toolkits = new ToolkitMaker(source);
  }

  async check(): Promise<Health> {
    try {
      this.#makeFolders();
    } catch (error) {
      return { ok: false, because: `The folder for nodes, ${this.#nodes}, cannot be made: ${(error as Error).message}.` };
    }
    return checkMachine(this.#site.root);
  }

  async create(request: NodeRequest, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (request.image !== null) {
      throw new JobRejected(
        `Nodes of the local backend are processes of this machine; it cannot make one from the image "${request.image}". Leave the image out.`,
      );
    }
    this.#makeFolders();
    const folder = this.#folderOf(request.id);
    if (!existsSync(folder)) await this.#lay(folder, request);
    failPoint("node.after-laid");
    if (this.#read(folder)?.isUnclaimed) await this.#launch(folder);
  }

  async list(cluster: string | null, signal: AbortSignal): Promise<readonly SeenNode[]> {
    signal.throwIfAborted();
    const nodes = this.#names().flatMap((name) => this.#read(join(this.#nodes, name)) ?? []);
    const asked = nodes.filter((node) => cluster === null || node.cluster === cluster);
    await Promise.all(asked.map((node) => this.#helpOn(node)));
    return asked.map(({ id, cluster, phase, because, jobs, address, variables }) => ({
      id,
      cluster,
      phase,
      because,
      jobs,
      address,
      variables,
    }));
  }

  async renew(nodeIds: readonly string[], expirySeconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (const id of nodeIds) if (existsSync(this.#folderOf(id))) writeExpiry(this.#folderOf(id), expirySeconds);
  }

  async occupy(nodeId: string, jobId: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const folder = this.#folderOf(nodeId);
    const marker = join(folder, NODE_LAYOUT.jobs, basename(jobDirectory(this.#site, jobId)));
    try {
      writeWhole(marker, `${jobDirectory(this.#site, jobId)}\n`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw explainDiskError(error, this.#site.root);
    }
    // The keeper looks the other way round: one of us sees the other.
    const seen = this.#read(folder);
    if (seen?.phase === "ready") return;
    rmSync(marker, { force: true });
    throw new Conflict(`Node ${nodeId} can take no job: it is ${seen?.phase ?? "gone"}.`);
  }

  async vacate(nodeId: string, jobId: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const node = this.#read(this.#folderOf(nodeId));
    if (node === null || !node.jobs.includes(jobId)) return;
    for (const name of [NODE_LAYOUT.tmp, NODE_LAYOUT.scratch]) emptyFolder(join(node.folder, name));
    // before the marker goes: without a job the expiry counts
    writeExpiry(node.folder, node.request.expirySeconds);
    rmSync(join(node.folder, NODE_LAYOUT.jobs, jobId), { force: true });
  }

  async preempt(nodeId: string, graceSeconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const node = this.#read(this.#folderOf(nodeId));
    if (node === null || node.phase === "lost" || node.phase === "ended")
      throw new Conflict(`Node ${nodeId} is gone, so it cannot be preempted.`);
    if (node.phase === "preempted" || existsSync(join(node.folder, NODE_LAYOUT.notice))) return;
    writeWhole(join(node.folder, NODE_LAYOUT.notice), `${plainSeconds(graceSeconds)}\n`);
    rouseKeeper(node.folder, this.#reader.processes);
  }

  async delete(nodeId: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const folder = this.#folderOf(nodeId);
    if (!existsSync(folder)) return;
    const hasBegun = makeFolder(join(folder, NODE_LAYOUT.ending));
    const busy = this.#busyJobs(folder);
    if (busy.length > 0) {
      if (hasBegun) rmdirSync(join(folder, NODE_LAYOUT.ending));
      throw new Conflict(`Node ${nodeId} is not deleted: job ${busy.join(", ")} is on it. Stop the job first.`);
    }
    if (!existsSync(join(folder, NODE_LAYOUT.ended)) && !writeIfThere(join(folder, NODE_LAYOUT.ended), "deleted\n")) return;
    failPoint("node.before-keeper-ended");
    endKeeper(folder, this.#reader.processes);
    await this.#throwAway(folder);
  }

  listen(wake: (nodeId: string) => void): () => void {
    return listenToBells(join(this.#nodes, ".bells"), wake);
  }

  #folderOf(nodeId: string): string {
    return join(this.#nodes, requireNodeId(nodeId));
  }

  #read(folder: string): NodeOnDisk | null {
    return readNode(folder, this.#reader.processes);
  }

  /** Under another name first, so that half a node is never seen. */
  async #lay(folder: string, request: NodeRequest): Promise<void> {
    const staging = join(this.#site.staging, `node.${basename(folder)}.${randomBytes(6).toString("hex")}`);
    try {
      for (const name of [NODE_LAYOUT.jobs, NODE_LAYOUT.tmp, NODE_LAYOUT.scratch]) await mkdir(join(staging, name), { recursive: true });
      writeFileSync(join(staging, NODE_LAYOUT.request), `${JSON.stringify(request)}\n`);
      writeExpiry(staging, request.expirySeconds);
      await rename(staging, folder);
    } catch (error) {
      await rm(staging, { recursive: true, force: true }).catch(() => {}); // what happened first is what counts
      if (!existsSync(folder)) throw explainDiskError(error, this.#site.root); // else somebody else was faster
    }
  }

  async #launch(folder: string): Promise<void> {
    this.#recent.note(`launch ${folder}`);
    const toolkit = await this.#toolkits.on(this.#site);
    await launchKeeper(folder, join(toolkit.folder, TOOLKIT_LAYOUT.supervisor));
  }

  /** A keeper whose launch or notice was lost gets it again; jobs of a node that is gone are ended. */
  async #helpOn(node: NodeOnDisk): Promise<void> {
    const { folder, phase, isUnclaimed } = node;
    if (isUnclaimed) await this.#recent.unlessDone(`launch ${folder}`, LAUNCH_AGAIN_AFTER_SECONDS, () => this.#launch(folder));
    if (phase === "leaving" && !existsSync(join(folder, NODE_LAYOUT.ending)))
      await this.#recent.unlessDone(`rouse ${folder}`, ROUSE_AGAIN_AFTER_SECONDS, async () => rouseKeeper(folder, this.#reader.processes));
    if (phase !== "lost" && phase !== "preempted") return;
    endKeeper(folder, this.#reader.processes); // its `sleep`, if it was killed
    for (const jobId of node.jobs.filter((each) => this.#isUnderWay(each))) {
      const directory = jobDirectory(this.#site, jobId);
      const reason = phase === "lost" ? "node_lost" : "preempted";
      await this.#recent.unlessDone(`stop ${directory}`, STOP_AGAIN_AFTER_SECONDS, () => supervise(directory, "stop", ["0", reason]));
    }
  }

  /** Jobs that a deletion would harm: on a node that lives also those that are only about to come. */
  #busyJobs(folder: string): readonly string[] {
    const node = this.#read(folder);
    if (node === null) return [];
    const isGone = ["lost", "preempted", "ended", "failed"].includes(node.phase);
    return isGone ? node.jobs.filter((jobId) => this.#isUnderWay(jobId)) : node.jobs;
  }

  #isUnderWay(jobId: string): boolean {
    const { phase } = lookAtJob(jobDirectory(this.#site, jobId), this.#reader).standing;
    return phase !== "missing" && phase !== "exited";
  }

  #names(): string[] {
    try {
      return readdirSync(this.#nodes)
        .filter((name) => !name.startsWith("."))
        .sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT" && existsSync(this.#site.root)) return [];
      // without the site itself nothing can be said about any node
      throw new ComputeUnreachable(
        `The nodes in ${this.#nodes} cannot be looked at: ${(error as Error).message}. Mount the disk or restore its permissions.`,
        { cause: error },
      );
    }
  }

  /** Moved away first: half deleted, it would look like a node that is being made. */
  async #throwAway(folder: string): Promise<void> {
    const doomed = join(this.#site.staging, `node.${basename(folder)}.${randomBytes(6).toString("hex")}.removed`);
    try {
      await rename(folder, doomed);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // somebody else removes it
      throw error;
    }
    await rm(doomed, { recursive: true, force: true, maxRetries: 5 });
    await rm(join(this.#nodes, ".bells", basename(folder)), { force: true });
  }

  #makeFolders(): void {
    try {
      mkdirSync(this.#site.root, { recursive: true, mode: 0o700 });
      for (const folder of [this.#site.staging, this.#nodes, join(this.#nodes, ".bells")]) mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw explainDiskError(error, this.#site.root);
    }
  }
}

function writeExpiry(folder: string, seconds: number): void {
  writeWhole(join(folder, NODE_LAYOUT.expiry), `${readNodeClock() + Math.ceil(seconds * 100)} ${Math.max(1, Math.ceil(seconds))}\n`);
}

/** Beside its place first, under a name that nobody takes for a job's. */
function writeWhole(path: string, text: string): void {
  const half = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString("hex")}`);
  writeFileSync(half, text);
  renameSync(half, path);
}

/** False when its folder is gone: somebody else removes the node. */
function writeIfThere(path: string, text: string): boolean {
  try {
    writeWhole(path, text);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** True when it was not there before. */
function makeFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (["EEXIST", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

function emptyFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  mkdirSync(folder, { recursive: true });
}
