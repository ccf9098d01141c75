import type { ArtifactStorage } from "@switchyard/artifacts";
import { BadRequest, MAX_TREE_DEPTH, NotFound, SnapshotIncomplete, type TreeEntry, tree } from "@switchyard/protocol";

/** Reads the folders of snapshots out of their blobs. */
export class SnapshotFolders {
  readonly #artifacts: ArtifactStorage;

  constructor(artifacts: ArtifactStorage) {
    this.#artifacts = artifacts;
  }

  /** Entries of the folder with this SHA-256, checked. */
  async read(sha256: string): Promise<readonly TreeEntry[]> {
    const bytes = await this.#readBlob(sha256);
    const parsed = tree.safeParse(parseJson(bytes));
    if (!parsed.success) throw new BadRequest(`Blob ${sha256} is not a folder of a snapshot.`);
    const names = new Set(parsed.data.entries.map((entry) => entry.name));
    if (names.size !== parsed.data.entries.length) throw new BadRequest(`Folder ${sha256} of the snapshot names an entry twice.`);
    return parsed.data.entries;
  }

  /** Every entry below a root with its path, folders before what is in them. */
  async *walk(root: string, folder = "", depth = 0): AsyncGenerator<{ readonly path: string; readonly entry: TreeEntry }> {
    if (depth > MAX_TREE_DEPTH)
      throw new BadRequest(`The snapshot has folders nested deeper than ${MAX_TREE_DEPTH}, below "${folder.slice(0, 80)}…".`);
    for (const entry of await this.read(root)) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      yield { path, entry };
      if (entry.kind === "folder") yield* this.walk(entry.sha256, path, depth + 1);
    }
  }

  /** The entry at a path below a root; undefined when there is none. Links are not followed. */
  async find(root: string, path: string): Promise<TreeEntry | undefined> {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    let entry: TreeEntry | undefined = { kind: "folder", name: ".", mode: 0o755, sha256: root, size: 0, files: 0 };
    for (const part of parts) {
      if (entry?.kind !== "folder") return undefined;
      entry = (await this.read(entry.sha256)).find((each) => each.name === part);
    }
    return entry;
  }

  async #readBlob(sha256: string): Promise<Uint8Array> {
    try {
      return await this.#artifacts.blobs.readAll(sha256);
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      throw new SnapshotIncomplete(`Folder ${sha256} of the snapshot is not stored here; send the snapshot again.`, { cause: error });
    }
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null;
  }
}
