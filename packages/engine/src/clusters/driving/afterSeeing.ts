import type { SeenNode } from "@switchyard/compute";
import type { NodeRecord } from "@switchyard/store";

/** What we now believe about a node, given what its provider saw; undefined: the provider has no trace of it. Does no I/O. */
export function afterSeeing(node: NodeRecord, seen: SeenNode | undefined, now: Date): NodeRecord {
  switch (node.state) {
    case "preparing":
      return seen === undefined ? node : afterPreparing(node, seen, now);
    case "idle":
      return afterIdle(node, seen, now);
    case "running":
      return afterRunning(node, seen, now);
    default:
      return node;
  }
}

function afterPreparing(node: NodeRecord, seen: SeenNode, now: Date): NodeRecord {
  const { phase, because, address, variables } = seen;
  if (phase === "ready") return { ...node, state: "idle", since: now, because: null, address, variables };
  if (phase === "preparing") return because === node.because ? node : { ...node, because };
  if (phase === "preempted" || phase === "leaving") return { ...node, state: "preempted", since: now, because };
  // It stays a while, so that what cannot be made is not made again and again.
  return { ...node, state: "unusable", since: now, because: because ?? "it ended before it was ready" };
}

/** An idle node has nothing to lose: when something is wrong with it, it goes. */
function afterIdle(node: NodeRecord, seen: SeenNode | undefined, now: Date): NodeRecord {
  if (seen?.phase === "ready") return node;
  if (seen?.phase === "preempted" || seen?.phase === "leaving") {
    return { ...node, state: "preempted", since: now, because: "it was wanted back" };
  }
  return { ...node, state: "leaving", since: now, because: seen?.because ?? "it is gone" };
}

/** A node that a job has keeps that job until all of it is home, whatever became of the node. */
function afterRunning(node: NodeRecord, seen: SeenNode | undefined, now: Date): NodeRecord {
  if (seen?.phase === "ready" || seen?.phase === "leaving") return node;
  if (seen?.phase === "preempted") return { ...node, state: "preempted", since: now, because: seen.because };
  return { ...node, state: "unusable", since: now, because: seen?.because ?? "it is gone without a trace" };
}
