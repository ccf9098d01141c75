import type { QueuedRun, ScaleFacts } from "./facts.ts";

/** Who comes first: priority, then time, then a name so that every server sees one order. */
export function compareQueued(a: QueuedRun, b: QueuedRun): number {
  return b.priority - a.priority || a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** The queue in order. A queue that is in order already, as the store gives it, is not sorted again. */
export function inLine(queue: readonly QueuedRun[]): readonly QueuedRun[] {
  for (let i = 1; i < queue.length; i += 1) {
    if (compareQueued(queue[i - 1] as QueuedRun, queue[i] as QueuedRun) > 0) return queue.toSorted(compareQueued);
  }
  return queue;
}

/** The largest number of nodes that a run of this cluster can ever get. */
export function mostNodes({ maxNodes, coresPerNode, coreQuota }: ScaleFacts): number {
  return Math.min(maxNodes, Math.floor(coreQuota / coresPerNode));
}
