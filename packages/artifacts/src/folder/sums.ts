import type { BigIntStats } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { isCode } from "./diskErrors.ts";

/** What is known of a whole file: its SHA-256, and by size and time which content it belongs to. */
interface Sum {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  /** nanoseconds, as the file carries them */
  readonly modified: string;
  /** the file's number on its disk; absent in lines of earlier versions */
  readonly inode?: string;
}

/**
 * The SHA-256 of a run's whole files, one line each, written *before* the file gets its name. A line counts only while
 * the file has the size and time it tells of, so a process killed between line and name leaves no false sum behind.
 */
export class Sums {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  async add(path: string, sha256: string, seen: BigIntStats): Promise<void> {
    const sum: Sum = { path, sha256, size: Number(seen.size), modified: String(seen.mtimeNs), inode: String(seen.ino) };
    // begins with a new line, so that a line cut short by a full disk spoils only itself
    await appendFile(this.#file, `\n${JSON.stringify(sum)}`);
  }

  /**
   * Reads all sums at once; the answer tells the SHA-256 of a file as it was seen, or null. Clocks of disks tick a few milliseconds
   * apart, so that files written at once under one name may have the same size and time: then the inode tells which of them
   * it is. Else it is not looked at, because a copy of all files to another disk has others.
   */
  async load(): Promise<(path: string, seen: BigIntStats) => string | null> {
    const known = Map.groupBy(
      (await this.#text()).split("\n").flatMap((line) => parseSum(line) ?? []),
      (sum) => key(sum.path, sum.size, sum.modified),
    );
    return (path, seen) => {
      const sums = known.get(key(path, seen.size, seen.mtimeNs)) ?? [];
      const differ = sums.some(({ sha256 }) => sha256 !== sums[0]?.sha256);
      return sums.findLast(({ inode }) => !differ || inode === String(seen.ino))?.sha256 ?? null;
    };
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.#file, "utf8");
    } catch (error) {
      if (isCode(error, "ENOENT")) return "";
      throw error;
    }
  }
}

const key = (path: string, size: number | bigint, modified: string | bigint): string => `${size} ${modified} ${path}`;

function parseSum(line: string): Sum | null {
  if (line === "") return null;
  try {
    return JSON.parse(line) as Sum;
  } catch {
    return null;
  }
}
