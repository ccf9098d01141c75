import type { ArtifactStorage } from "@switchyard/artifacts";
import { NotFound } from "@switchyard/protocol";
import { allOf } from "../bytes.ts";

const TAIL_BYTES = 16 * 1024;
const LONGEST_LINE = 2000;

/** The last lines of a file of a run, without empty ones at the end; none when there is no such file. */
export async function tailOf({ runFiles }: ArtifactStorage, runId: string, path: string, lines: number): Promise<string[]> {
  const stat = await runFiles.stat(runId, path);
  if (stat === null || stat.size === 0) return [];
  try {
    const start = Math.max(0, stat.size - TAIL_BYTES);
    const bytes = await allOf(runFiles.read(runId, path, { start }));
    const all = bytes.toString("utf8").split(/\r?\n/);
    if (start > 0) all.shift();
    while (all.at(-1)?.trim() === "") all.pop();
    return all.slice(-lines).map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
  } catch (error) {
    if (error instanceof NotFound) return [];
    throw error;
  }
}
