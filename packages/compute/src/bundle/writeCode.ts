import { createHash } from "node:crypto";
import { chmodSync, constants, mkdirSync, symlinkSync } from "node:fs";
import { chmod, copyFile, open } from "node:fs/promises";
import { join } from "node:path";
import { ChecksumMismatch } from "@switchyard/protocol";
import type { BundleEntry } from "../contract.ts";
import { BundlePaths, checkLink } from "./bundlePaths.ts";

type FileEntry = Extract<BundleEntry, { kind: "file" }>;

/** So many files are copied at a time: enough to keep a disk busy, few enough to leave the thread pool to others. */
const FILES_AT_A_TIME = 4;

/** Writes the snapshot below `folder`, which exists and is empty. */
export async function writeCode(entries: AsyncIterable<BundleEntry>, folder: string, signal: AbortSignal): Promise<void> {
  const paths = new BundlePaths();
  const folderModes: [string, number][] = [];
  const copying = new Set<Promise<void>>();
  try {
    for await (const entry of entries) {
      signal.throwIfAborted();
      const path = join(folder, paths.take(entry.path, entry.kind));
      if (entry.kind === "folder") {
        mkdirSync(path);
        folderModes.push([path, entry.mode]);
      } else if (entry.kind === "link") {
        symlinkSync(checkLink(entry.path, entry.target), path);
      } else {
        const copy = writeFile(entry, path, signal).finally(() => copying.delete(copy));
        copy.catch(() => {}); // its failure is met below, whichever way is taken there
        copying.add(copy);
        if (copying.size >= FILES_AT_A_TIME) await Promise.race(copying);
      }
    }
    await Promise.all(copying);
  } finally {
    await Promise.allSettled(copying); // nothing may be written behind the back of whoever cleans up
  }
  // Last, and innermost first: a folder that may not be written must be filled by then.
  for (const [path, mode] of folderModes.reverse()) chmodSync(path, mode);
}

async function writeFile(entry: FileEntry, path: string, signal: AbortSignal): Promise<void> {
  if (entry.localPath === null || !(await copied(entry.localPath, path))) await stream(entry, path, signal);
  await chmod(path, entry.mode);
}

/** False when the file is not there any more. */
async function copied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

async function stream(entry: FileEntry, path: string, signal: AbortSignal): Promise<void> {
  const hash = createHash("sha256");
  const file = await open(path, "wx");
  try {
    for await (const bytes of entry.read()) {
      signal.throwIfAborted();
      hash.update(bytes);
      for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
    }
  } finally {
    await file.close();
  }
  if (hash.digest("hex") !== entry.sha256) {
    throw new ChecksumMismatch(
      `The bytes of "${entry.path}" are not those of the snapshot (SHA-256 ${entry.sha256}). Submit the run again.`,
    );
  }
}
