import type { ClusterFacts, NodeFact } from "./facts.ts";

/** The nodes of a cluster by what they are good for. */
export interface Census {
  /** most recently used first: given out in this order, the others get old enough to go */
  readonly idle: readonly NodeFact[];
  /** longest preparing first */
  readonly preparing: readonly NodeFact[];
  readonly running: readonly NodeFact[];
  readonly unusable: readonly NodeFact[];
  readonly leaving: number;
  /** nodes that exist or are about to: a preempted one is gone */
  readonly existing: number;
  /** nodes that the most and the quota still let be made */
  readonly creatable: number;
  /** nodes that queued runs can have without any run ending */
  readonly room: number;
}

/** Counts the nodes. */
export function takeCensus({ nodes, scale }: ClusterFacts): Census {
  const of = (state: NodeFact["state"]) => nodes.filter((node) => node.state === state);
  const idle = of("idle").sort((a, b) => b.since.getTime() - a.since.getTime() || compareIds(a, b));
  const preparing = of("preparing").sort((a, b) => a.since.getTime() - b.since.getTime() || compareIds(a, b));
  const running = of("running");
  const unusable = of("unusable");
  const leaving = of("leaving").length;
  const existing = idle.length + preparing.length + running.length + unusable.length + leaving;
  const byQuota = Math.floor(scale.coresAllowed / scale.coresPerNode);
  const creatable = Math.max(0, Math.min(scale.maxNodes, byQuota) - existing);
  // What leaves or is broken makes room soon, but not now.
  const soon = idle.length + preparing.length + leaving + unusable.length + creatable;
  const room = Math.max(0, Math.min(scale.maxNodes - running.length, soon));
  return { idle, preparing, running, unusable, leaving, existing, creatable, room };
}

export function compareIds(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
