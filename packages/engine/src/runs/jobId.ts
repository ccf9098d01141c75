import { createHash } from "node:crypto";

/** Longer names would not fit into one part of a path on common file systems. */
const LONGEST = 128;

/**
 * The id of the job that carries a run, the same however often it is asked for. `~` is no letter of run ids, so jobs of
 * different runs never share an id.
 */
export function jobIdOf(runId: string, launch: number): string {
  const base = runId.length <= LONGEST ? runId : `${runId.slice(0, 100)}~${createHash("sha256").update(runId).digest("hex").slice(0, 16)}`;
  return launch <= 1 ? base : `${base}~${launch}`;
}
