import type { BundleEntry, JobBundle } from "@switchyard/compute";
import { SnapshotIncomplete, type TreeEntry } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { SnapshotFolders } from "../snapshots/folders.ts";
import { jobFileOf } from "./jobFile.ts";
import { secretsOf, serverVariables } from "./variables.ts";

/** A run packed for the road: what to run, its secrets, and its snapshot read when a driver asks for it. */
export async function packBundle(context: EngineContext, run: RunRecord): Promise<JobBundle> {
  const id = run.jobId ?? run.id;
  const variables = await serverVariables(context, run);
  return {
    id,
    job: jobFileOf(run, id, variables),
    secrets: await secretsOf(context, run),
    code: () => codeOf(context, run),
  };
}

async function* codeOf(context: EngineContext, run: RunRecord): AsyncGenerator<BundleEntry> {
  if (run.snapshotId === null) return;
  const snapshot = await context.store.snapshots.get(run.snapshotId);
  if (snapshot === undefined) throw new SnapshotIncomplete(`Snapshot ${run.snapshotId} of run ${run.id} is not known here.`);
  for await (const { path, entry } of new SnapshotFolders(context.artifacts).walk(snapshot.root)) yield entryOf(context, path, entry);
}

function entryOf({ artifacts: { blobs } }: EngineContext, path: string, entry: TreeEntry): BundleEntry {
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
