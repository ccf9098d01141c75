import { randomBytes } from "node:crypto";
import type { NodeRecord, RunStanding } from "@switchyard/store";
import { nextJobOf } from "../allocations.ts";
import type { ClusterPlan } from "../facts.ts";
import { coresOf } from "../limits.ts";
import type { ManagedCluster } from "../managedCluster.ts";
import type { NodeBook } from "./nodeBook.ts";

const WHY_LET_GO: Readonly<Record<ClusterPlan["release"][number]["because"] | ClusterPlan["giveUp"][number]["because"], string | null>> = {
  idle_too_long: "it was idle for long enough",
  above_max: "the cluster may not have so many nodes any more",
  unusable: null, // why it is unusable tells more
  not_needed: "no run needs it any more",
  took_too_long: "it was not ready in time",
};

/** Writes a plan into the book of nodes: what follows from it is what the nodes then say of themselves. */
export function applyPlan(book: NodeBook, plan: ClusterPlan, cluster: ManagedCluster, runs: readonly RunStanding[], now: Date): void {
  const nodes = new Map(book.nodes.map((node) => [node.id, node]));
  for (const { runId, nodeIds } of plan.assign) {
    const run = runs.find(({ id }) => id === runId);
    if (run === undefined) continue;
    for (const [place, id] of nodeIds.entries()) {
      const node = nodes.get(id) as NodeRecord;
      book.put({ ...node, state: "running", since: now, runId, jobId: nextJobOf(run), place, hold: "giving" });
    }
  }
  for (const { nodeId, because } of [...plan.release, ...plan.giveUp]) {
    const node = nodes.get(nodeId);
    if (node === undefined || node.runId !== null) continue; // broken, and still a job's until its data is home
    if (because === "took_too_long") book.put({ ...node, state: "unusable", since: now, because: node.because ?? WHY_LET_GO[because] });
    else book.put(leaving(node, WHY_LET_GO[because], now));
  }
  for (let made = 0; made < plan.create; made += 1) book.put(newNode(cluster, now));
}

/** Lets go of every node that no job has. */
export function letAllGo(book: NodeBook, now: Date): void {
  for (const node of book.nodes) {
    if (node.runId === null && node.state !== "leaving") book.put(leaving(node, "the cluster is being deleted", now));
  }
}

/** A preempted node is gone; it is only shown for a while. */
export function forgetPreempted(book: NodeBook, shownSeconds: number, now: Date): void {
  for (const node of book.nodes) {
    if (node.state !== "preempted" || node.runId !== null) continue;
    if (now.getTime() - node.since.getTime() >= shownSeconds * 1000) book.put(leaving(node, null, now));
  }
}

const leaving = (node: NodeRecord, because: string | null, now: Date): NodeRecord => ({
  ...node,
  state: "leaving",
  since: now,
  because: because ?? node.because,
});

/** Its id is part of names and paths, and unique among all clusters. */
function newNode({ id, workspace, name, vmPriority, vmSize }: ManagedCluster, now: Date): NodeRecord {
  return {
    id: `${name}-${randomBytes(5).toString("hex")}`,
    computeId: id,
    workspace,
    vmPriority,
    cores: coresOf(vmSize),
    state: "preparing",
    since: now,
    because: null,
    runId: null,
    jobId: null,
    place: null,
    hold: null,
    address: { privateIp: null, publicIp: null, sshPort: null },
    variables: {},
    createdAt: now,
    version: 1,
  };
}
