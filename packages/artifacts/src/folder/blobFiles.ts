import { existsSync, mkdirSync, renameSync } from "node:fs";
import { utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { ChecksumMismatch, failPoint } from "@switchyard/protocol";
import { isCode } from "./diskErrors.ts";

/** A blob that is put again is young again, so that collecting garbage leaves it to whoever is about to name it. */
export async function isThere(path: string): Promise<boolean> {
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
