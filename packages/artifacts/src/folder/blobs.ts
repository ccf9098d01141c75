import { createHash, hash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { opendir, readFile, stat, unlink, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BadRequest, ChecksumMismatch, failPoint, NotFound } from "@switchyard/protocol";
import type { BlobStat, BlobStorage, ByteRange, Content, SmallBlob } from "../contract.ts";
import { explain, isCode } from "./diskErrors.ts";
import { readRange } from "./readRange.ts";
import { allOrFirstError, syncFolder, writeTemporaries, writeTemporary } from "./temporaryFile.ts";

const SHA256 = /^[0-9a-f]{64}$/;
/** Small blobs that are flushed together; also how many files are open at once. */
const WRITTEN_AT_ONCE = 128;
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

  async putMany(blobs: readonly SmallBlob[]): Promise<number> {
    for (const { sha256, bytes } of blobs) {
      const found = hashOf(bytes);
      if (found !== sha256) throw mismatch(sha256, found);
    }
    const wanted = [...new Map(blobs.map((blob) => [blob.sha256, blob])).values()];
    let stored = 0;
    try {
      for (let at = 0; at < wanted.length; at += WRITTEN_AT_ONCE) stored += await this.#putGroup(wanted.slice(at, at + WRITTEN_AT_ONCE));
    } catch (error) {
      throw explain(error, this.#root, `storing ${blobs.length} blobs`);
    }
    return stored;
  }

  async #putGroup(group: readonly SmallBlob[]): Promise<number> {
    const there = await Promise.all(group.map(({ sha256 }) => isThere(this.#path(sha256))));
    const fresh = group.filter((_, index) => !there[index]);
    const temporaries = await writeTemporaries(
      this.#temp,
      fresh.map((blob) => blob.bytes),
    );
    const paths = fresh.map((blob) => this.#path(blob.sha256));
    try {
      paths.forEach((path, index) => {
        moveInto(temporaries[index] as string, path);
      });
    } catch (error) {
      for (const temporary of temporaries) rmSync(temporary, { force: true });
      throw error;
    }
    await allOrFirstError([...new Set(paths.map(dirname))].map(syncFolder));
    return fresh.length;
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
        if (seen !== null) yield { sha256, size: seen.size, modified: seen.mtime };
      }
    }
  }

  async remove(sha256: string): Promise<void> {
    await unlink(this.#path(sha256)).catch((error: unknown) => {
      if (!isCode(error, "ENOENT")) throw explain(error, this.#root, `removing blob ${sha256}`);
    });
  }

  #path(sha256: string): string {
    if (!SHA256.test(sha256)) throw new BadRequest(`${JSON.stringify(sha256.slice(0, 80))} is not a SHA-256: 64 digits 0-9a-f.`);
    return join(this.#blobs, sha256.slice(0, 2), sha256.slice(2));
  }
}

/** A blob that is put again is young again, so that collecting garbage leaves it to whoever is about to name it. */
async function isThere(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const now = new Date();
  try {
    await utimes(path, now, now);
    return true;
  } catch (error) {
    if (isCode(error, "ENOENT")) return false;
    throw error;
  }
}

function moveInto(temporary: string, path: string): void {
  failPoint("blob.before-rename");
  renameMakingFolder(temporary, path);
  failPoint("blob.after-rename");
}

function renameMakingFolder(temporary: string, path: string): void {
  try {
    renameSync(temporary, path);
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
    mkdirSync(dirname(path), { recursive: true });
    renameSync(temporary, path);
  }
}

function hashOf(bytes: SmallBlob["bytes"]): string {
  if (bytes instanceof Uint8Array) return hash("sha256", bytes, "hex");
  const sum = createHash("sha256");
  for (const piece of bytes) sum.update(piece);
  return sum.digest("hex");
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
const mismatch = (announced: string, found: string) =>
  new ChecksumMismatch(`Bytes announced as SHA-256 ${announced} have ${found}: they were changed or cut on the way. Send them again.`);
