import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { opendir, readFile, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BadRequest, ChecksumMismatch, NotFound } from "@switchyard/protocol";
import type { ArrivingBlob, BlobStat, BlobStorage, ByteRange, Content } from "../contract.ts";
import { BlobBatch } from "./blobBatch.ts";
import { isThere, mismatch, moveInto, touch } from "./blobFiles.ts";
import { giveToBlobs } from "./blobLinks.ts";
import { explain, isCode } from "./diskErrors.ts";
import { readRange } from "./readRange.ts";
import { syncFolder, writeTemporary } from "./temporaryFile.ts";

const SHA256 = /^[0-9a-f]{64}$/;
/** Up to here a blob shares the wait for the disk with others. */
const SMALL_BYTES = 1024 * 1024;
/** Longest the event loop is held while looking which blobs are there. */
const LOOK_MS = 5;

/** Blobs as files named by their SHA-256, the first two digits a folder: `blobs/ab/cdef…`. */
export class FolderBlobs implements BlobStorage {
  readonly #root: string;
  readonly #blobs: string;
  readonly #temp: string;

  constructor(places: { root: string; blobs: string; temp: string }) {
    this.#root = places.root;
    this.#blobs = places.blobs;
    this.#temp = places.temp;
  }

  async missing(sha256s: Iterable<string>): Promise<string[]> {
    const missing: string[] = [];
    let since = performance.now();
    for (const sha256 of new Set(sha256s)) {
      // asking synchronously is ten times faster than through the thread pool; in slices, so that others get their turn
      if (!existsSync(this.#path(sha256))) missing.push(sha256);
      if (performance.now() - since > LOOK_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        since = performance.now();
      }
    }
    return missing;
  }

  async put(sha256: string, content: Content): Promise<void> {
    const path = this.#path(sha256);
    if (await isThere(path)) return;
    try {
      const written = await writeTemporary(this.#temp, content);
      if (written.sha256 !== sha256) {
        await unlink(written.path);
        throw mismatch(sha256, written.sha256);
      }
      try {
        moveInto(written.path, path);
      } catch (error) {
        await unlink(written.path);
        throw error;
      }
      await syncFolder(dirname(path));
    } catch (error) {
      throw explain(error, this.#root, `storing blob ${sha256}`);
    }
  }

  async add(content: Content): Promise<{ readonly sha256: string; readonly size: number }> {
    try {
      const written = await writeTemporary(this.#temp, content);
      await giveToBlobs(written.path, this.#path(written.sha256));
      return { sha256: written.sha256, size: written.size };
    } catch (error) {
      throw explain(error, this.#root, "storing a blob");
    }
  }

  async putMany(blobs: AsyncIterable<ArrivingBlob> | Iterable<ArrivingBlob>): Promise<number> {
    const batch = new BlobBatch(this.#temp, (sha256) => this.#path(sha256));
    try {
      for await (const blob of blobs) {
        if (blob.size <= SMALL_BYTES) await batch.add(blob);
        else if (await this.#putBig(blob)) batch.stored += 1;
      }
      await batch.store();
      return batch.stored;
    } catch (error) {
      batch.discard();
      throw explain(error, this.#root, "storing blobs");
    }
  }

  async #putBig({ sha256, content }: ArrivingBlob): Promise<boolean> {
    const isNew = !existsSync(this.#path(sha256));
    await this.put(sha256, content);
    return isNew;
  }

  async *read(sha256: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
    try {
      yield* readRange(this.#path(sha256), range, `Blob ${sha256}`);
    } catch (error) {
      throw isCode(error, "ENOENT") ? noSuchBlob(sha256) : error;
    }
  }

  async readAll(sha256: string): Promise<Uint8Array> {
    const bytes = await readFile(this.#path(sha256)).catch((error: unknown) => {
      throw isCode(error, "ENOENT") ? noSuchBlob(sha256) : error;
    });
    const found = createHash("sha256").update(bytes).digest("hex");
    if (found !== sha256) {
      throw new ChecksumMismatch(
        `Blob ${sha256} is damaged in ${this.#root}: its bytes have SHA-256 ${found}. Remove it and submit its files again.`,
      );
    }
    return bytes;
  }

  async size(sha256: string): Promise<number | null> {
    return (await statOrNull(this.#path(sha256)))?.size ?? null;
  }

  async keep(sha256: string): Promise<number | null> {
    return await touch(this.#path(sha256));
  }

  localPath(sha256: string): string | null {
    const path = this.#path(sha256);
    return existsSync(path) ? path : null;
  }

  async *list(): AsyncGenerator<BlobStat> {
    for await (const shard of await opendir(this.#blobs)) {
      if (!shard.isDirectory()) continue;
      for await (const entry of await opendir(join(this.#blobs, shard.name))) {
        const sha256 = shard.name + entry.name;
        if (!entry.isFile() || !SHA256.test(sha256)) continue;
        const seen = await statOrNull(this.#path(sha256));
        if (seen !== null) yield { sha256, size: seen.size, modified: seen.ctime };
      }
    }
  }

  async remove(sha256: string): Promise<void> {
    await unlink(this.#path(sha256)).catch((error: unknown) => {
      if (!isCode(error, "ENOENT")) throw explain(error, this.#root, `removing blob ${sha256}`);
    });
  }

  /** Where the blob lies, or would. */
  placeOf(sha256: string): string {
    return this.#path(sha256);
  }

  #path(sha256: string): string {
    if (!SHA256.test(sha256)) throw new BadRequest(`${JSON.stringify(sha256.slice(0, 80))} is not a SHA-256: 64 digits 0-9a-f.`);
    return join(this.#blobs, sha256.slice(0, 2), sha256.slice(2));
  }
}

async function statOrNull(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  }
}

const noSuchBlob = (sha256: string) => new NotFound(`Blob ${sha256} is not stored.`);
