import type { NodeState, ScaleSettings, VmPriority } from "@switchyard/protocol";

/** How a cluster may grow, and what one of its nodes costs of the quota. */
export interface ScaleFacts extends ScaleSettings {
  readonly vmPriority: VmPriority;
  readonly coresPerNode: number;
  /** cores that this cluster may have in all, its own nodes included: the quota less what other clusters hold */
  readonly coresAllowed: number;
  /** the whole quota, for what can never start */
  readonly coreQuota: number;
}

/** One node as it was last written down. */
export interface NodeFact {
  readonly id: string;
  readonly state: NodeState;
  /** in this state since */
  readonly since: Date;
  /** the run that has it; null for none */
  readonly runId: string | null;
}

/** A run that waits for nodes. */
export interface QueuedRun {
  readonly id: string;
  readonly nodes: number;
  /** higher goes first; 0 unless somebody asked */
  readonly priority: number;
  readonly createdAt: Date;
  readonly submitter: string | null;
  /** the longest it may have its nodes, its grace included; null when nothing limits it */
  readonly limitSeconds: number | null;
}

/** A run that has nodes. Which ones, the nodes say. */
export interface RunningRun {
  readonly id: string;
  readonly startedAt: Date;
  readonly limitSeconds: number | null;
}

/** Everything that decides about a cluster. */
export interface ClusterFacts {
  readonly scale: ScaleFacts;
  readonly nodes: readonly NodeFact[];
  readonly queue: readonly QueuedRun[];
  readonly running: readonly RunningRun[];
  /** how long a node may prepare before it counts as broken */
  readonly prepareTimeoutSeconds: number;
  /** how long a broken node stays, so that one that cannot be made is not made again at once */
  readonly unusableSeconds: number;
}

/** What is to be done with a cluster. Done in this order it never has too many nodes. */
export interface ClusterPlan {
  /** queued runs that get nodes now: each all it wants */
  readonly assign: readonly Assignment[];
  /** idle or broken nodes that are let go */
  readonly release: readonly LettingGo<"idle_too_long" | "above_max" | "unusable">[];
  /** nodes that are not ready and need not become it */
  readonly giveUp: readonly LettingGo<"not_needed" | "took_too_long">[];
  /** how many nodes to make */
  readonly create: number;
  /** how many nodes the cluster should have */
  readonly target: number;
}

export interface Assignment {
  readonly runId: string;
  readonly nodeIds: readonly string[];
}

export interface LettingGo<Because extends string> {
  readonly nodeId: string;
  readonly because: Because;
}

/** True when nothing is to be done. */
export function isNothing(plan: ClusterPlan): boolean {
  return plan.assign.length === 0 && plan.release.length === 0 && plan.giveUp.length === 0 && plan.create === 0;
}
