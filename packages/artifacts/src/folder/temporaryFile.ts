import { createHash, randomUUID } from "node:crypto";
import { closeSync, fdatasync, fsync, openSync } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Content, WholeFile } from "../contract.ts";

const flushAll = promisify(fsync);

/** Waits until the bytes of an open file are on the disk. */
export const flush: (file: number) => Promise<void> = promisify(fdatasync);

/** Writes content to a temporary file, flushed to the disk; on any error nothing of it stays. */
export async function writeTemporary(folder: string, content: Content): Promise<WholeFile & { path: string }> {
  const path = join(folder, randomUUID());
  const file = await open(path, "wx", 0o644);
  try {
    const written = await writeHashing(file, content);
    await file.sync();
    await file.close();
    return { path, ...written };
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(path).catch(() => {});
    throw error;
  }
}

/** Waits for all, so that nothing goes on behind the caller's back, then throws the first error. */
export async function allOrFirstError(promises: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(promises)).find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function writeHashing(file: FileHandle, content: Content): Promise<WholeFile> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const bytes of content) {
    hash.update(bytes);
    await writeFully(file, bytes, size);
    size += bytes.byteLength;
  }
  return { size, sha256: hash.digest("hex") };
}

/** A write may be short, above all on a disk that is nearly full: the rest is tried again so that the error shows. */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, position + done);
    done += bytesWritten;
  }
}

/** Flushes a folder's list of names, so that a rename in it survives a power loss. */
export async function syncFolder(path: string): Promise<void> {
  const folder = openSync(path, "r");
  try {
    await flushAll(folder);
  } finally {
    closeSync(folder);
  }
}
