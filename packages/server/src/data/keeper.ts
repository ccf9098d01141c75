import type { BlobStorage } from "@switchyard/artifacts";
import type { DataKeeper, Frozen, FrozenFile } from "@switchyard/engine";
import type { DataSource } from "@switchyard/protocol";
import type { Store } from "@switchyard/store";
import type { Datastores } from "./datastores.ts";
import type { Fetcher } from "./fetcher.ts";
import { type Found, findSourceFiles } from "./sourceFiles.ts";
import type { WebFiles } from "./webStorage.ts";

export interface KeeperParts {
  readonly store: Store;
  readonly blobs: BlobStorage;
  readonly datastores: Datastores;
  readonly web: WebFiles;
  readonly fetcher: Fetcher;
}

/** Reads and writes datastores and the web for runs. */
export class Keeper implements DataKeeper {
  readonly #parts: KeeperParts;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** The files as they are now; nothing is brought here. */
  find(workspace: string, sources: readonly DataSource[]): Promise<Found> {
    return findSourceFiles(this.#parts.datastores, this.#parts.web, workspace, sources);
  }

  async freeze(workspace: string, sources: readonly DataSource[]): Promise<Frozen> {
    const { files, isFile } = await this.find(workspace, sources);
    const fetched = await this.#parts.fetcher.fetch(files);
    return { files: fetched.map(({ path, sha256, size }) => ({ path, sha256, size })), isFile };
  }

  async deliver(
    workspace: string,
    datastore: string,
    files: readonly FrozenFile[],
    overwrite: boolean,
  ): Promise<{ readonly skipped: readonly string[] }> {
    const { store, blobs, datastores } = this.#parts;
    const record = await datastores.record(workspace, datastore);
    if (record.kind === "managed") return await store.datastoreFiles.add(workspace, record.name, files, overwrite ? "replace" : "skip");
    const storage = await datastores.open(record);
    const skipped: string[] = [];
    for (const { path, sha256, size } of files) {
      if (!overwrite && (await storage.stat(path)) !== null) skipped.push(path);
      else await storage.write?.(path, { size, read: () => blobs.read(sha256) });
    }
    return { skipped };
  }

  require(workspace: string, name: string | null, use: "read" | "write"): Promise<string> {
    return this.#parts.datastores.require(workspace, name, use);
  }
}
