import type { NodeRecord, RunStanding } from "@switchyard/store";
import { nextJobOf } from "../allocations.ts";

/** Nodes that runs give back. */
export interface GivingBack {
  readonly nodes: readonly NodeRecord[];
  /** runs that have not begun, and must not with the nodes they have: one of them is gone */
  readonly from: readonly RunStanding[];
}

/** Which nodes their runs need no more: the data of the job is home, or it never began and never will with these nodes. */
export function givenBack(nodes: readonly NodeRecord[], runs: ReadonlyMap<string, RunStanding>): GivingBack {
  const broken = brokenBeforeStart(nodes, runs);
  const back = nodes.filter((node) => {
    if (node.runId === null || node.hold === "freeing") return false;
    return !isNeeded(node, runs.get(node.runId)) || broken.has(node.runId);
  });
  return { nodes: back, from: [...broken.values()] };
}

function isNeeded({ jobId }: NodeRecord, run: RunStanding | undefined): boolean {
  if (run === undefined || jobId === null) return false;
  if (run.toBeStopped.includes(jobId)) return true; // it was given up, and may still be running there
  if (run.state === "ended") return false;
  return run.jobId === jobId || waitsToBegin(run, jobId);
}

const waitsToBegin = (run: RunStanding, jobId: string): boolean => run.state === "queued" && run.jobId === null && nextJobOf(run) === jobId;

/** A run gets all its nodes or none. One that has begun learns of a lost node from its provider, which stops its job. */
function brokenBeforeStart(nodes: readonly NodeRecord[], runs: ReadonlyMap<string, RunStanding>): ReadonlyMap<string, RunStanding> {
  const broken = new Map<string, RunStanding>();
  for (const { runId, jobId, state, hold } of nodes) {
    if (runId === null || jobId === null || state === "running" || hold === "freeing") continue;
    const run = runs.get(runId);
    if (run !== undefined && waitsToBegin(run, jobId)) broken.set(runId, run);
  }
  return broken;
}

/** A node whose provider took it back from its job. One that broke under the job goes. */
export function afterVacating(node: NodeRecord, now: Date): NodeRecord {
  const free = { ...node, runId: null, jobId: null, place: null, hold: null, since: now };
  if (node.state === "running") return { ...free, state: "idle" };
  return node.state === "unusable" ? { ...free, state: "leaving" } : free;
}
