import type { Dirent, Stats } from "node:fs";
import { lstat, open, readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Conflict, JOB_LAYOUT, NotFound, PathEscape, RangeNotSatisfiable } from "@switchyard/protocol";
import type { OutputFile } from "../contract.ts";
import {
  behindLink,
  beyondEnd,
  collectedFolders,
  noPlainFile,
  noSuchOutput,
  requireCollected,
  shrank,
  whySkipped,
} from "../site/collected.ts";
import { liesAt, OPEN_PLAIN } from "../site/openInside.ts";

async function foldersOf(directory: string): Promise<readonly string[]> {
  return collectedFolders(await readFile(join(directory, JOB_LAYOUT.jobFile), "utf8").catch(() => null));
}

/** Lists the files that a job leaves to be brought home, by path. */
export async function listOutputs(directory: string, signal: AbortSignal): Promise<OutputFile[]> {
  const outputs: OutputFile[] = [];
  for (const folder of await foldersOf(directory)) await listBelow(directory, folder, outputs, signal);
  return outputs.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function listBelow(directory: string, folder: string, into: OutputFile[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let entries: Dirent[];
  try {
    const stats = await lstat(join(directory, folder));
    if (!stats.isDirectory()) return void into.push(entryOf(folder, stats));
    entries = await readdir(join(directory, folder), { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    return void into.push({ path: folder, size: 0, modified: new Date(0), skipped: `it cannot be read (${(error as Error).message})` });
  }
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) await listBelow(directory, path, into, signal);
    else {
      const stats = await lstat(join(directory, path)).catch(() => undefined);
      if (stats !== undefined) into.push(entryOf(path, stats));
      else if (entry.name.includes("\uFFFD")) into.push({ path, size: 0, modified: new Date(0), skipped: "its name is not UTF-8" });
    }
  }
}

function entryOf(path: string, stats: Stats): OutputFile {
  const skipped = whySkipped(stats.mode);
  return { path, size: skipped === null ? stats.size : 0, modified: stats.mtime, skipped };
}

const PIECE_BYTES = 256 * 1024;

/** Streams a file that `listOutputs` named, from a byte on, up to the size it has when it is opened. */
export async function* readOutput(directory: string, path: string, from: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
  await requireInside(directory, path);
  const file = await openPlainFile(join(directory, path), path);
  try {
    // the script may have put a link in the place of a folder meanwhile
    if (!liesAt(file.fd, join(await realpath(directory), path))) throw new PathEscape(behindLink(path));
    const { size } = await file.stat();
    if (from > size) throw new RangeNotSatisfiable(beyondEnd(path, from, size));
    let at = from;
    while (at < size) {
      signal.throwIfAborted();
      const { bytesRead, buffer } = await file.read(new Uint8Array(Math.min(PIECE_BYTES, size - at)), 0, undefined, at);
      if (bytesRead === 0) throw new Conflict(shrank(path, size, at));
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function openPlainFile(path: string, name: string) {
  try {
    const file = await open(path, OPEN_PLAIN);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw new NotFound(noSuchOutput(name), { cause: error });
    if (code !== "ELOOP" && code !== "ENXIO") throw error;
  }
  throw new PathEscape(noPlainFile(name));
}

/** The path must lie in a folder that comes home, in fact and not only in name: no folder above it may be a link. */
async function requireInside(directory: string, path: string): Promise<void> {
  requireCollected(path, await foldersOf(directory));
  const parent = await realpath(join(directory, dirname(path))).catch(() => null);
  const expected = join(await realpath(directory), dirname(path));
  if (parent !== null && parent !== expected) throw new PathEscape(behindLink(path));
}
