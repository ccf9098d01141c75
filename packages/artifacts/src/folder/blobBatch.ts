import { createHash, randomUUID } from "node:crypto";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ArrivingBlob } from "../contract.ts";
import { isThere, mismatch, moveInto } from "./blobFiles.ts";
import { allOrFirstError, flush, syncFolder } from "./temporaryFile.ts";

/** Files that are flushed together; also how many are open at once. Making one while another is flushed waits for the disk. */
const OPEN_AT_ONCE = 128;
/** Blobs that get their names together: the more, the fewer times each of the 256 folders is flushed. */
const NAMED_AT_ONCE = 2000;

/**
 * Small blobs on their way to the disk. Each piece is hashed and written as it arrives, because bytes that wait in memory
 * outlive the cheap kind of garbage collection. Writing is synchronous: the thread pool costs more than the write itself.
 */
export class BlobBatch {
  /** how many were new so far */
  stored = 0;
  readonly #temp: string;
  readonly #pathOf: (sha256: string) => string;
  /** temporary files by the path that each is to get */
  readonly #files = new Map<string, string>();
  #open: number[] = [];

  constructor(temp: string, pathOf: (sha256: string) => string) {
    this.#temp = temp;
    this.#pathOf = pathOf;
  }

  async add({ sha256, content }: ArrivingBlob): Promise<void> {
    const path = this.#pathOf(sha256);
    const file = this.#files.has(path) || (await isThere(path)) ? null : this.#create(path);
    const sum = createHash("sha256");
    for await (const bytes of content) {
      sum.update(bytes);
      if (file !== null) writeWhole(file, bytes);
    }
    const found = sum.digest("hex");
    if (found !== sha256) throw mismatch(sha256, found);
    if (this.#open.length >= OPEN_AT_ONCE) await this.#flush();
    if (this.#files.size >= NAMED_AT_ONCE) await this.store();
  }

  /** Gives all that was added its name, for good. */
  async store(): Promise<void> {
    await this.#flush();
    const folders = new Set<string>();
    for (const [path, temporary] of this.#files) {
      moveInto(temporary, path);
      this.#files.delete(path);
      this.stored += 1;
      folders.add(dirname(path));
    }
    await allOrFirstError([...folders].map(syncFolder));
  }

  /** Leaves nothing of what has no name yet. */
  discard(): void {
    for (const file of this.#open.splice(0)) closeSync(file);
    for (const temporary of this.#files.values()) rmSync(temporary, { force: true });
  }

  #create(path: string): number {
    const temporary = join(this.#temp, randomUUID());
    const file = openSync(temporary, "wx", 0o644);
    this.#open.push(file);
    this.#files.set(path, temporary);
    return file;
  }

  async #flush(): Promise<void> {
    const files = this.#open;
    this.#open = [];
    try {
      await allOrFirstError(files.map((file) => flush(file)));
    } finally {
      files.forEach(closeSync);
    }
  }
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.byteLength; ) done += writeSync(file, bytes, done);
}
