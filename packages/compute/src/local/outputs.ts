import { constants, type Dirent, type Stats } from "node:fs";
import { lstat, open, readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Conflict, JOB_LAYOUT, jobFile, NotFound, PathEscape, RangeNotSatisfiable } from "@switchyard/protocol";
import type { OutputFile } from "../contract.ts";

/** What a script handed over by name comes home whatever the run says about its output folders. */
const HANDED_OVER = [JOB_LAYOUT.uploads, JOB_LAYOUT.children];

/** The folders that come home, relative to the job directory. */
async function collectedFolders(directory: string): Promise<string[]> {
  return [...new Set([...(await askedFor(directory)).filter(isInside), ...HANDED_OVER])];
}

/** Scripts can damage what lies beside their code: then the usual folders come home, for a run must not wait for ever. */
async function askedFor(directory: string): Promise<readonly string[]> {
  try {
    const text = await readFile(join(directory, JOB_LAYOUT.jobFile), "utf8");
    return jobFile.pick({ collect: true }).parse(JSON.parse(text)).collect;
  } catch {
    return [JOB_LAYOUT.outputs, JOB_LAYOUT.checkpoints];
  }
}

const isInside = (path: string): boolean =>
  !path.includes("\0") && path.split("/").every((part) => part !== "" && part !== "." && part !== "..") && !path.startsWith(JOB_LAYOUT.own);

/** Lists the files that a job leaves to be brought home, by path. */
export async function listOutputs(directory: string, signal: AbortSignal): Promise<OutputFile[]> {
  const outputs: OutputFile[] = [];
  for (const folder of await collectedFolders(directory)) await listBelow(directory, folder, outputs, signal);
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
  const skipped = whySkipped(stats);
  return { path, size: skipped === null ? stats.size : 0, modified: stats.mtime, skipped };
}

function whySkipped(stats: Stats): string | null {
  if (stats.isFile()) return null;
  if (stats.isSymbolicLink()) return "it is a symbolic link; only files are brought home";
  if (stats.isSocket()) return "it is a socket";
  if (stats.isFIFO()) return "it is a named pipe";
  return "it is a device";
}

const PIECE_BYTES = 256 * 1024;

/** Streams a file that `listOutputs` named, from a byte on, up to the size it has when it is opened. */
export async function* readOutput(directory: string, path: string, from: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
  await requireCollected(directory, path);
  const file = await openPlainFile(join(directory, path), path);
  try {
    const { size } = await file.stat();
    if (from > size)
      throw new RangeNotSatisfiable(`"${path}" has ${size} bytes, so it cannot be read from byte ${from}. It may have shrunk.`);
    let at = from;
    while (at < size) {
      signal.throwIfAborted();
      const { bytesRead, buffer } = await file.read(new Uint8Array(Math.min(PIECE_BYTES, size - at)), 0, undefined, at);
      if (bytesRead === 0)
        throw new Conflict(`"${path}" shrank from ${size} to ${at} bytes while it was read. Read it again from its start.`);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function openPlainFile(path: string, name: string) {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw new NotFound(`The job has no output "${name}".`, { cause: error });
    if (code !== "ELOOP" && code !== "ENXIO") throw error;
  }
  throw new PathEscape(`"${name}" is not a plain file, so it cannot be read.`);
}

/** The path must lie in a folder that comes home, in fact and not only in name: no folder above it may be a link. */
async function requireCollected(directory: string, path: string): Promise<void> {
  const folders = await collectedFolders(directory);
  if (!isInside(path) || !folders.some((folder) => path === folder || path.startsWith(`${folder}/`))) {
    throw new PathEscape(`"${path}" is not below a folder that is brought home (${folders.join(", ") || "there is none"}).`);
  }
  const parent = await realpath(join(directory, dirname(path))).catch(() => null);
  const expected = join(await realpath(directory), dirname(path));
  if (parent !== null && parent !== expected) throw new PathEscape(`"${path}" lies behind a symbolic link, so it is not read.`);
}
