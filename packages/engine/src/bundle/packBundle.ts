import type { BundleEntry, JobBundle } from "@switchyard/compute";
import { JOB_LAYOUT, type JobFile, NO_RUN_DATA, type RunData, SnapshotIncomplete, type TreeEntry } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { placedBelow } from "../data/jobData.ts";
import { type EngineSettings, limitsOf } from "../settings.ts";
import { SnapshotFolders } from "../snapshots/folders.ts";
import { requireTarget, type Target } from "../targets.ts";
import { jobFileOf } from "./jobFile.ts";
import { openSecrets } from "./runSecrets.ts";
import { secretsOf, serverVariables } from "./variables.ts";

/** A run packed for the road: what to run, its secrets, and its snapshot read when a driver asks for it. */
export async function packBundle(context: EngineContext, run: RunRecord): Promise<JobBundle> {
  const id = run.jobId ?? run.id;
  const variables = await serverVariables(context, run);
  const isOnCluster = context.clusters.of(run.workspace, run.target) !== undefined;
  // without its target nobody knows whether the run has to be kept apart
  const target = requireTarget(context.targets, run.workspace, run.target);
  const data = (await context.store.runData.get(run.id)) ?? NO_RUN_DATA;
  const nodes = isOnCluster ? await context.store.nodes.ofJob(id) : [];
  return {
    id,
    job: withinLifetime(jobFileOf(run, id, variables, context.settings.images, nodes, target, data), target, context.settings),
    secrets: { ...(await secretsOf(context, run)), ...openSecrets(context, run) },
    code: () => codeOf(context, run),
    checkpoints: () => checkpointsOf(context, run),
    data: () => dataOf(context, data),
  };
}

/** No job stays on a cluster's nodes for longer than the workspace allows (spec 09 §2, "Limits"). */
function withinLifetime(job: JobFile, { room }: Target, settings: EngineSettings): JobFile {
  if (room === undefined) return job;
  const maxSeconds = Math.min(job.limits.maxSeconds ?? Number.POSITIVE_INFINITY, limitsOf(settings).jobSeconds[room.vmPriority]);
  return { ...job, limits: { ...job.limits, maxSeconds } };
}

async function* codeOf(context: EngineContext, { id, snapshotId }: RunRecord): AsyncGenerator<BundleEntry> {
  if (snapshotId !== null) yield* entriesOfSnapshot(context, snapshotId, `run ${id}`);
}

/** A snapshot as a bundle carries it; `owner` is named when it is not here. */
export async function* entriesOfSnapshot(context: BlobSources, snapshotId: string, owner: string): AsyncGenerator<BundleEntry> {
  const snapshot = await context.store.snapshots.get(snapshotId);
  if (snapshot === undefined) throw new SnapshotIncomplete(`Snapshot ${snapshotId} of ${owner} is not known here.`);
  for await (const { path, entry } of new SnapshotFolders(context.artifacts).walk(snapshot.root)) yield entryOf(context, path, entry);
}

/** What the run reads from datastores, as it was when the run was submitted. */
async function* dataOf(context: EngineContext, { inputs }: RunData): AsyncGenerator<BundleEntry> {
  for (const { name, root } of inputs) {
    yield { kind: "folder", path: name, mode: 0o755 };
    for await (const { path, entry } of new SnapshotFolders(context.artifacts).walk(root)) {
      yield placedBelow(name, entryOf(context, path, entry));
    }
  }
}

/** What earlier attempts saved and brought home, so that the next one can go on from there. */
async function* checkpointsOf({ artifacts: { runFiles } }: EngineContext, run: RunRecord): AsyncGenerator<BundleEntry> {
  if (run.attempts.length === 0) return;
  const prefix = `${JOB_LAYOUT.checkpoints}/`;
  const folders = new Set<string>();
  for (const file of await runFiles.list(run.id, prefix)) {
    if (file.sha256 === null) continue;
    const path = file.path.slice(prefix.length);
    for (const folder of foldersAbove(path).filter((each) => !folders.has(each))) {
      folders.add(folder);
      yield { kind: "folder", path: folder, mode: 0o755 };
    }
    const { size, sha256 } = file;
    yield { kind: "file", path, mode: 0o644, size, sha256, read: () => runFiles.read(run.id, file.path), localPath: null };
  }
}

/** `a/b/c.pt` lies in `a` and `a/b`. */
function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

type BlobSources = Pick<EngineContext, "store" | "artifacts">;

/** An entry of a tree as a bundle carries it. */
export function entryOf({ artifacts: { blobs } }: BlobSources, path: string, entry: TreeEntry): BundleEntry {
  switch (entry.kind) {
    case "folder":
      return { kind: "folder", path, mode: entry.mode };
    case "link":
      return { kind: "link", path, target: entry.target };
    case "file":
      return {
        kind: "file",
        path,
        mode: entry.mode,
        size: entry.size,
        sha256: entry.sha256,
        read: () => blobs.read(entry.sha256),
        localPath: blobs.localPath(entry.sha256),
      };
  }
}
