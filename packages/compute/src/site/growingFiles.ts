import { closeSync, fstatSync, lstatSync, readSync } from "node:fs";
import { join } from "node:path";
import { ATTEMPT_LAYOUT, type EndedEvent, type FileName, isGrowing } from "@switchyard/protocol";
import type { Cursor } from "../contract.ts";
import type { AttemptOnDisk } from "./attempts.ts";
import type { Grown } from "./budget.ts";
import type { FolderCache } from "./folderCache.ts";
import { openInside } from "./openInside.ts";

/** Files of one attempt that are looked at: a script that makes more log files than this has the rest left out. */
const MOST_FILES = 10_000;
const DEEPEST_FOLDER = 32;

/** A file that has more than its cursor says, and the folder of its attempt. */
export type GrownOnDisk = Grown & { readonly folder: string };

/** Which files of these attempts have grown beyond the cursors, earlier attempts first. */
export function findGrown(attempts: readonly AttemptOnDisk[], cursors: readonly Cursor[], folders: FolderCache): GrownOnDisk[] {
  const offsets = new Map(cursors.map((cursor) => [`${cursor.attempt}/${cursor.file}`, cursor.offset]));
  const grown: GrownOnDisk[] = [];
  for (const attempt of attempts) {
    for (const file of listGrowing(attempt, folders)) {
      const offset = offsets.get(`${attempt.number}/${file}`) ?? 0;
      if (isTaken(attempt, file, offset)) continue;
      const bytes = sizeOf(attempt, file) - offset;
      if (bytes > 0) grown.push({ attempt: attempt.number, file, offset, bytes, folder: attempt.folder });
    }
  }
  return grown;
}

/** Once an attempt has ended, a file taken up to its final size need not even be asked for its size. */
function isTaken(attempt: AttemptOnDisk, file: FileName, offset: number): boolean {
  const final = finalSize(attempt.ended, file);
  return final !== undefined && offset >= final;
}

function finalSize(ended: EndedEvent | null, file: FileName): number | undefined {
  const final = ended?.files[file];
  return final === undefined || final < 0 ? undefined : final; // the events file lists itself as -1
}

/** How much of a file counts: what a process that escaped writes after the end belongs to nobody. */
export const countedSize = (ended: EndedEvent | null, file: FileName, size: number): number =>
  Math.min(size, finalSize(ended, file) ?? size);

function sizeOf(attempt: AttemptOnDisk, file: FileName): number {
  const stats = lstatSync(join(attempt.folder, file), { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) return 0;
  return countedSize(attempt.ended, file, stats.size);
}

/** Events first, since they tell what the rest means; then the files of all folders below the attempt's. */
function listGrowing(attempt: AttemptOnDisk, folders: FolderCache): FileName[] {
  const files: FileName[] = attempt.listing.files.includes(ATTEMPT_LAYOUT.events) ? [ATTEMPT_LAYOUT.events] : [];
  for (const folder of attempt.listing.folders) listBelow(attempt.folder, folder, folders, 1, files);
  return files;
}

function listBelow(root: string, below: string, folders: FolderCache, depth: number, into: FileName[]): void {
  const listing = folders.list(join(root, below));
  for (const name of listing?.files ?? []) {
    if (into.length >= MOST_FILES) return;
    const file = `${below}/${name}`;
    if (isGrowing(file)) into.push(file);
  }
  if (depth >= DEEPEST_FOLDER) return;
  for (const name of listing?.folders ?? []) listBelow(root, `${below}/${name}`, folders, depth + 1, into);
}

/** Reads `bytes` of a file below `folder` from `offset`; fewer when it has fewer by now, none when it is no plain file there any more. */
export function readPiece(folder: string, file: FileName, offset: number, bytes: number): Uint8Array {
  const descriptor = openInside(folder, file);
  if (descriptor === null) return new Uint8Array(0);
  try {
    if (!fstatSync(descriptor).isFile()) return new Uint8Array(0);
    const piece = new Uint8Array(bytes);
    let length = 0;
    while (length < bytes) {
      const read = readSync(descriptor, piece, length, bytes - length, offset + length);
      if (read === 0) break;
      length += read;
    }
    return piece.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}
