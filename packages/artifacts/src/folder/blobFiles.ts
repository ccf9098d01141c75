import { existsSync, mkdirSync, renameSync } from "node:fs";
import { chmod, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ChecksumMismatch, failPoint } from "@switchyard/protocol";
import { isCode } from "./diskErrors.ts";

/**
 * The size of a blob, or null. One that is put again is young again, so that collecting garbage leaves it to whoever is about
 * to name it: by the time of its last change, not of its content, which belongs to the run's file that may share its bytes.
 */
export async function touch(path: string): Promise<number | null> {
  try {
    const { size, mode } = await stat(path);
    await chmod(path, mode & 0o7777);
    return size;
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  }
}

/** Whether a blob is there, which is then young again. */
export async function isThere(path: string): Promise<boolean> {
  return existsSync(path) && (await touch(path)) !== null;
}

/** Makes a flushed temporary file the blob at this path. */
export function moveInto(temporary: string, path: string): void {
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

/** The error for bytes that are not what they were announced as. */
export function mismatch(announced: string, found: string): ChecksumMismatch {
  return new ChecksumMismatch(
    `Bytes announced as SHA-256 ${announced} have ${found}: they were changed or cut on the way. Send them again.`,
  );
}
