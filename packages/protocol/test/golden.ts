import { readFileSync } from "node:fs";

/** The examples that the Python tests read too. */
export function golden(name: string): Buffer {
  return readFileSync(new URL(`../golden/${name}`, import.meta.url));
}

/** Whole lines of a golden file: what follows the last line end is still being written. */
export function wholeLines(bytes: Buffer): { lines: string[]; bytes: number } {
  const end = bytes.lastIndexOf(0x0a) + 1;
  return { lines: bytes.subarray(0, end).toString("utf8").split("\n").slice(0, -1), bytes: end };
}
