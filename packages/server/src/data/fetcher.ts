import type { BlobStorage } from "@switchyard/artifacts";
import { Conflict } from "@switchyard/protocol";
import type { Store } from "@switchyard/store";
import type { SourceFile } from "./sourceFiles.ts";

const FILES_AT_ONCE = 4;

export interface FetchedFile extends SourceFile {
  readonly sha256: string;
  readonly size: number;
}

/** Brings files that lie elsewhere here, as blobs, unless what was brought before is still good. */
export class Fetcher {
  readonly #store: Store;
  readonly #blobs: BlobStorage;
  /** what is on its way: who wants the same file waits for it */
  readonly #underWay = new Map<string, Promise<{ sha256: string; size: number }>>();

  constructor(store: Store, blobs: BlobStorage) {
    this.#store = store;
    this.#blobs = blobs;
  }

  /** In the order asked for. */
  async fetch(files: readonly SourceFile[]): Promise<FetchedFile[]> {
    const fetched: FetchedFile[] = new Array(files.length);
    let next = 0;
    const work = async () => {
      while (next < files.length) {
        const index = next++;
        const file = files[index] as SourceFile;
        try {
          fetched[index] = { ...file, ...(await this.#one(file)) };
        } catch (error) {
          next = files.length; // the others under way are waited for, no further one begins
          throw error;
        }
      }
    };
    const workers = await Promise.allSettled(Array.from({ length: FILES_AT_ONCE }, work));
    const failed = workers.find((worker) => worker.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return fetched;
  }

  async #one(file: SourceFile): Promise<{ sha256: string; size: number }> {
    const { sha256, size } = file.file;
    if (sha256 !== null && size !== null) return { sha256, size };
    const key = `${file.address} ${file.file.validator}`;
    const going = this.#underWay.get(key) ?? this.#bring(file).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, going);
    return await going;
  }

  async #bring(file: SourceFile): Promise<{ sha256: string; size: number }> {
    const { validator, size } = file.file;
    const known = validator === null ? undefined : await this.#store.datastoreFiles.fetched(file.address, validator);
    if (known !== undefined && (await this.#blobs.keep(known.sha256)) === known.size) return known;
    const brought = await this.#blobs.add(file.read());
    if (size !== null && brought.size !== size) {
      throw new Conflict(
        `"${file.path}" had ${size} bytes and then ${brought.size}: it changes while it is read. Try again when nobody writes to it.`,
      );
    }
    if (validator !== null) await this.#store.datastoreFiles.noteFetched(file.address, validator, brought);
    return brought;
  }
}
