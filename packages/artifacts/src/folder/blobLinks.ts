import { randomUUID } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { copyFile, link, mkdir, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isThere } from "./blobFiles.ts";
import { isCode } from "./diskErrors.ts";
import { statOrNull } from "./listFiles.ts";
import { syncFolder } from "./temporaryFile.ts";

/** Disks that know no second name for a file, or not across two of them, or no further one. */
const CANNOT_LINK = ["EXDEV", "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"] as const;

/**
 * Gives a run's file a second name, the blob's. False when it is not the file that `isMeant` tells, or when the disk cannot.
 * The name that it has in between lies in `temp`, so that nobody sees it as a blob before it was looked at.
 */
export async function linkAsBlob(file: string, blob: string, temp: string, isMeant: (seen: BigIntStats) => boolean): Promise<boolean> {
  if (await isThere(blob)) return true;
  const between = join(temp, randomUUID());
  try {
    await link(file, between);
  } catch (error) {
    if (isCode(error, "ENOENT", ...CANNOT_LINK)) return false;
    throw error;
  }
  const seen = await statOrNull(between);
  if (seen === null || !isMeant(seen)) {
    await unlink(between).catch(() => {}); // it may have looked old to whoever clears up
    return false;
  }
  await giveToBlobs(between, blob);
  return true;
}

/** Makes a file the blob at this path. */
export async function giveToBlobs(file: string, blob: string): Promise<void> {
  await mkdir(dirname(blob), { recursive: true });
  await rename(file, blob);
  // between two names of one file a rename does nothing and leaves both
  await unlink(file).catch((error: unknown) => {
    if (!isCode(error, "ENOENT")) throw error;
  });
  await syncFolder(dirname(blob));
}

/** Before a file is written at some place: when it is a blob as well, it becomes a file of its own. */
export async function partFromBlob(file: string, temp: string): Promise<void> {
  const seen = await statOrNull(file);
  if (seen === null || !seen.isFile() || seen.nlink === 1n) return;
  const copy = join(temp, randomUUID());
  await copyFile(file, copy);
  await rename(copy, file);
}
