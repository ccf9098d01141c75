import { SnapshotFolders } from "@switchyard/engine";
import { BadRequest, Forbidden, NotFound, type Snapshot, type TreeEntry } from "@switchyard/protocol";
import type { Caller } from "../http/access.ts";
import { contentTypeOf } from "../http/contentType.ts";
import { framedBlobs } from "../http/framedBlobs.ts";
import type { Handlers } from "../http/handler.ts";
import { passingChunks } from "../http/passingChunks.ts";
import type { Parts } from "../parts.ts";
import { weighTree } from "../snapshots/weighTree.ts";

type Names = "missingBlobs" | "putBlob" | "putBlobs" | "createSnapshot" | "getSnapshot" | "listSnapshotFolder" | "readSnapshotFile";

/** Blobs, and the snapshots made of them. */
export function snapshotHandlers({ store, artifacts }: Parts): Pick<Handlers, Names> {
  const folders = new SnapshotFolders(artifacts);

  /** The snapshot, if the caller may see it: a run's own token sees those of the run and its descendants. */
  const find = async (workspace: string, snapshotId: string, caller: Caller): Promise<Snapshot> => {
    const snapshot = await store.snapshots.get(snapshotId, workspace);
    if (snapshot === undefined) throw new NotFound(`There is no snapshot "${snapshotId}" in workspace "${workspace}".`);
    if (caller.scope === "run" && !(await isOfRun(snapshotId, caller.runId ?? ""))) {
      throw new Forbidden(`Snapshot ${snapshotId} belongs neither to run ${caller.runId} nor to one of its descendants.`);
    }
    return snapshot;
  };
  const isOfRun = async (snapshotId: string, runId: string): Promise<boolean> =>
    (await store.runs.get(runId))?.snapshotId === snapshotId ||
    (await store.runs.children(runId, true)).some((child) => child.snapshotId === snapshotId);

  const entryAt = async ({ root, snapshotId }: Snapshot, path: string): Promise<TreeEntry> => {
    const entry = await folders.find(root, path);
    if (entry === undefined) throw new NotFound(`Snapshot ${snapshotId} has no "${path}".`);
    return entry;
  };

  return {
    async missingBlobs({ body }) {
      return { missing: await artifacts.blobs.missing(body.sha256) };
    },
    async putBlob({ params, body }) {
      await artifacts.blobs.put(params.sha256, passingChunks(body));
    },
    async putBlobs({ body }) {
      return { stored: await artifacts.blobs.putMany(framedBlobs(passingChunks(body))) };
    },
    async createSnapshot({ params, body }) {
      const { files, bytes } = await weighTree(folders, artifacts.blobs, body.root);
      return await store.snapshots.create(params.workspace, { root: body.root, files, bytes });
    },
    async getSnapshot({ params, caller }) {
      return await find(params.workspace, params.snapshotId, caller);
    },
    async listSnapshotFolder({ params, query, caller }) {
      const entry = await entryAt(await find(params.workspace, params.snapshotId, caller), query.folder);
      if (entry.kind !== "folder") throw new BadRequest(`"${query.folder}" is a ${entry.kind} of the snapshot, not a folder.`);
      return [...(await folders.read(entry.sha256))];
    },
    async readSnapshotFile({ params, caller }) {
      const entry = await entryAt(await find(params.workspace, params.snapshotId, caller), params.path);
      if (entry.kind !== "file") throw new BadRequest(`"${params.path}" is a ${entry.kind} of the snapshot, not a file.`);
      const { sha256, size } = entry;
      return { size, sha256, contentType: contentTypeOf(params.path), read: (range) => artifacts.blobs.read(sha256, range) };
    },
  };
}
