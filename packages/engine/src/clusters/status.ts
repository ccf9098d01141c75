import {
  type BatchAiStatus,
  type ClusterStatus,
  type ComputeNode,
  type NodeState,
  type NodeStateCounts,
  type ProvisioningError,
  type ScaleSettings,
  VM_PRIORITY_WORDS,
  type VmPriority,
} from "@switchyard/protocol";

/** What a node shows of itself. */
export interface NodeView {
  readonly id: string;
  readonly state: NodeState;
  readonly runId: string | null;
  readonly publicIp: string | null;
  readonly privateIp: string | null;
  readonly port: number | null;
}

/** Whether a cluster is changing its size, since when, and to what: kept with the cluster. */
export interface Allocation {
  readonly state: "Steady" | "Resizing";
  readonly since: Date;
  readonly target: number;
}

/** What a cluster shows of itself. */
export interface ClusterView {
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  readonly provisioningState: string;
  readonly provisioningStateSince: Date | null;
  readonly allocation: Allocation;
  readonly errors: readonly ProvisioningError[];
  readonly scale: ScaleSettings;
  readonly vmPriority: VmPriority;
  readonly vmSize: string;
}

/** The allocation after a plan with this target was written down. The target of a resize stays that of the last one once it is over. */
export function nextAllocation(was: Allocation, nodes: readonly { readonly state: NodeState }[], target: number, now: Date): Allocation {
  const counts = countStates(nodes);
  const isChanging = counts.preparingNodeCount > 0 || counts.leavingNodeCount > 0;
  const state = isChanging ? "Resizing" : "Steady";
  const goal = isChanging ? target : currentCount(counts);
  if (state === was.state && goal === was.target) return was;
  return { state, since: state === was.state ? was.since : now, target: goal };
}

/** The status object of spec 09 §2. */
export function clusterStatusOf(cluster: ClusterView, nodeStateCounts: NodeStateCounts): ClusterStatus {
  const { allocation, scale } = cluster;
  return {
    currentNodeCount: currentCount(nodeStateCounts),
    targetNodeCount: allocation.target,
    nodeStateCounts,
    allocationState: allocation.state,
    allocationStateTransitionTime: allocation.since.toISOString(),
    errors: cluster.errors.length === 0 ? null : [...cluster.errors],
    creationTime: cluster.createdAt.toISOString(),
    modifiedTime: cluster.modifiedAt.toISOString(),
    provisioningState: cluster.provisioningState,
    provisioningStateTransitionTime: cluster.provisioningStateSince?.toISOString() ?? null,
    scaleSettings: {
      minNodeCount: scale.minNodes,
      maxNodeCount: scale.maxNodes,
      nodeIdleTimeBeforeScaleDown: `PT${scale.idleSecondsBeforeScaledown}S`,
    },
    vmPriority: VM_PRIORITY_WORDS[cluster.vmPriority],
    vmSize: cluster.vmSize,
  };
}

/** The shape that Batch AI gave it in 2018. A cluster whose fewest and most nodes are the same is scaled by hand. */
export function batchAiStatusOf(cluster: ClusterView, nodeStateCounts: NodeStateCounts): BatchAiStatus {
  const { modifiedTime: _, scaleSettings, ...status } = clusterStatusOf(cluster, nodeStateCounts);
  const { minNodeCount, maxNodeCount } = scaleSettings;
  const isFixed = minNodeCount === maxNodeCount;
  return {
    ...status,
    allocationState: status.allocationState === "Steady" ? "steady" : "resizing",
    provisioningState: status.provisioningState.toLowerCase(),
    vmPriority: cluster.vmPriority,
    scaleSettings: {
      autoScale: isFixed ? null : { minimumNodeCount: minNodeCount, maximumNodeCount: maxNodeCount, initialNodeCount: minNodeCount },
      manual: isFixed ? { targetNodeCount: maxNodeCount, nodeDeallocationOption: "requeue" } : null,
    },
  };
}

/** One node as `list_nodes` shows it. */
export function clusterNodeOf({ id, state, runId, publicIp, privateIp, port }: NodeView): ComputeNode {
  return { nodeId: id, nodeState: state, port, publicIpAddress: publicIp, privateIpAddress: privateIp, runId };
}

/** How many nodes there are in each state. */
export function countStates(nodes: readonly { readonly state: NodeState }[]): NodeStateCounts {
  const of = (state: NodeState) => nodes.filter((node) => node.state === state).length;
  return {
    preparingNodeCount: of("preparing"),
    runningNodeCount: of("running"),
    idleNodeCount: of("idle"),
    unusableNodeCount: of("unusable"),
    leavingNodeCount: of("leaving"),
    preemptedNodeCount: of("preempted"),
  };
}

/** Nodes that exist: a preempted one is shown, but gone. */
function currentCount(counts: NodeStateCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0) - counts.preemptedNodeCount;
}
