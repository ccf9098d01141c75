import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What is in a folder. The same object is given again while the folder is unchanged, so facts can be kept beside it. */
export interface Listing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly changedMs: number;
}

/** A folder that changed so recently may change again without a new time stamp: file systems count in milliseconds. */
const SETTLED_AFTER_MS = 2000;
const MOST_FOLDERS = 40_000;

/**
 * Reads folders, and reads one again only when its time of change has moved. It only saves work: thrown away, the next
 * look finds the same. Links are not followed and count as nothing, not even when the folder itself is one.
 */
export class FolderCache {
  readonly #listings = new Map<string, Listing>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Undefined when there is no such folder. Throws when it cannot be read. */
  list(folder: string): Listing | undefined {
    const stats = lstatSync(folder, { throwIfNoEntry: false });
    if (stats === undefined || !stats.isDirectory()) {
      this.#listings.delete(folder);
      return undefined;
    }
    // The inode's own time of change: unlike mtime, a script that unpacks an archive cannot set it.
    const changedMs = stats.ctimeMs;
    const known = this.#listings.get(folder);
    if (known?.changedMs === changedMs) return known;
    const listing = read(folder, changedMs);
    if (this.#isSettled(changedMs)) this.#keep(folder, listing);
    else this.#listings.delete(folder);
    return listing;
  }

  /** Reads this folder again at the next look, whatever its time of change says. */
  forget(folder: string): void {
    this.#listings.delete(folder);
  }

  #isSettled(changedMs: number): boolean {
    const age = this.#now() - changedMs;
    return age > SETTLED_AFTER_MS;
  }

  #keep(folder: string, listing: Listing): void {
    if (this.#listings.size >= MOST_FOLDERS) this.#listings.clear();
    this.#listings.set(folder, listing);
  }
}

function read(folder: string, changedMs: number): Listing {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { files: [], folders: [], changedMs };
    throw error;
  }
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of entries) {
    if (isFolder(folder, entry)) folders.push(entry.name);
    else if (isFile(folder, entry)) files.push(entry.name);
  }
  return { files, folders, changedMs };
}

// Some file systems do not tell the kind of an entry while listing: those are asked one by one.
const isUnknown = (entry: Dirent): boolean =>
  !entry.isFile() && !entry.isDirectory() && !entry.isSymbolicLink() && !entry.isSocket() && !entry.isFIFO();
const isFolder = (folder: string, entry: Dirent): boolean =>
  entry.isDirectory() || (isUnknown(entry) && lstatSync(join(folder, entry.name), { throwIfNoEntry: false })?.isDirectory() === true);
const isFile = (folder: string, entry: Dirent): boolean =>
  entry.isFile() || (isUnknown(entry) && lstatSync(join(folder, entry.name), { throwIfNoEntry: false })?.isFile() === true);
