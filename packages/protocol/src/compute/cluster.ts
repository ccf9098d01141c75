import { z } from "zod";
import { instant } from "../run/run.ts";
import type { ClusterSettings } from "./settings.ts";
import { type ComputeNode, provisioningError } from "./target.ts";

/** Where a node of a cluster is in its life (spec 09 §2). */
export type NodeState = ComputeNode["nodeState"];

export type VmPriority = ClusterSettings["vmPriority"];

/** What the management API of the v1 era calls the two priorities. */
export const VM_PRIORITY_WORDS: Readonly<Record<VmPriority, "Dedicated" | "LowPriority">> = {
  dedicated: "Dedicated",
  lowpriority: "LowPriority",
};

/** How far a cluster may grow and shrink by itself. */
export type ScaleSettings = Pick<ClusterSettings, "minNodes" | "maxNodes" | "idleSecondsBeforeScaledown">;

/** What is wrong with a cluster's bounds; null when nothing is. */
export function scaleProblem({ minNodes, maxNodes }: Pick<ScaleSettings, "minNodes" | "maxNodes">): string | null {
  if (minNodes <= maxNodes) return null;
  return `The fewest nodes (min_nodes: ${minNodes}) are more than the most (max_nodes: ${maxNodes}). Raise max_nodes or lower min_nodes.`;
}

export const nodeStateCounts = z.object({
  preparingNodeCount: z.int(),
  runningNodeCount: z.int(),
  idleNodeCount: z.int(),
  unusableNodeCount: z.int(),
  leavingNodeCount: z.int(),
  preemptedNodeCount: z.int(),
});
export type NodeStateCounts = z.infer<typeof nodeStateCounts>;

/** `AmlCompute.get_status().serialize()` (spec 09 §2). */
export const clusterStatus = z.object({
  currentNodeCount: z.int(),
  /** while Resizing the goal of that resize, while Steady the goal of the last one */
  targetNodeCount: z.int(),
  nodeStateCounts,
  allocationState: z.enum(["Steady", "Resizing"]),
  allocationStateTransitionTime: instant,
  errors: z.array(provisioningError).nullable(),
  creationTime: instant,
  modifiedTime: instant,
  provisioningState: z.string(),
  provisioningStateTransitionTime: instant.nullable(),
  scaleSettings: z.object({
    minNodeCount: z.int(),
    maxNodeCount: z.int(),
    /** ISO 8601: `PT120S` */
    nodeIdleTimeBeforeScaleDown: z.string(),
  }),
  vmPriority: z.enum(["Dedicated", "LowPriority"]),
  vmSize: z.string(),
});
export type ClusterStatus = z.infer<typeof clusterStatus>;

/** The same as Batch AI of 2018 said it: states in lower case, one of two kinds of scale settings. */
export const batchAiStatus = z.object({
  currentNodeCount: z.int(),
  targetNodeCount: z.int(),
  nodeStateCounts,
  allocationState: z.enum(["steady", "resizing"]),
  allocationStateTransitionTime: instant,
  errors: z.array(provisioningError).nullable(),
  creationTime: instant,
  provisioningState: z.string(),
  provisioningStateTransitionTime: instant.nullable(),
  scaleSettings: z.object({
    autoScale: z.object({ minimumNodeCount: z.int(), maximumNodeCount: z.int(), initialNodeCount: z.int() }).nullable(),
    manual: z.object({ targetNodeCount: z.int(), nodeDeallocationOption: z.string() }).nullable(),
  }),
  vmPriority: z.enum(["dedicated", "lowpriority"]),
  vmSize: z.string(),
});
export type BatchAiStatus = z.infer<typeof batchAiStatus>;
