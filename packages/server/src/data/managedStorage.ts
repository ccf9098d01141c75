import type { BlobStorage, ByteRange } from "@switchyard/artifacts";
import { NotFound } from "@switchyard/protocol";
import type { Store, StoredFile } from "@switchyard/store";
import type { DatastoreStorage, RemoteFile } from "./storage.ts";

const PAGE = 2000;

/** A datastore that the server keeps itself: paths are rows, bytes are blobs. */
export class ManagedStorage implements DatastoreStorage {
  readonly #files: Store["datastoreFiles"];
  readonly #blobs: BlobStorage;
  readonly #workspace: string;
  readonly #name: string;

  constructor(files: Store["datastoreFiles"], blobs: BlobStorage, workspace: string, name: string) {
    this.#files = files;
    this.#blobs = blobs;
    this.#workspace = workspace;
    this.#name = name;
  }

  addressOf(path: string): string {
    return `managed:${this.#workspace}/${this.#name}/${path}`;
  }

  async *list(prefix: string, after?: string): AsyncGenerator<RemoteFile> {
    let from = after;
    for (;;) {
      const page = await this.#files.list(this.#workspace, this.#name, { prefix, limit: PAGE, after: from });
      for (const file of page) yield toRemote(file);
      if (page.length < PAGE) return;
      from = page.at(-1)?.path;
    }
  }

  async stat(path: string): Promise<RemoteFile | null> {
    const file = await this.#files.get(this.#workspace, this.#name, path);
    return file === undefined ? null : toRemote(file);
  }

  async *read(path: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const file = await this.#files.get(this.#workspace, this.#name, path);
    if (file === undefined) throw new NotFound(`Datastore "${this.#name}" has no file "${path}".`);
    yield* this.#blobs.read(file.sha256, range);
  }
}

const toRemote = ({ path, size, sha256, modifiedAt }: StoredFile): RemoteFile => ({
  path,
  size,
  sha256,
  modified: modifiedAt,
  validator: sha256,
});
