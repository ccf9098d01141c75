import type { ComputeNode } from "@switchyard/protocol";

/** Where one node of a managed cluster stands (spec 09 §2). */
export type NodeState = ComputeNode["nodeState"];
export const NODE_STATES = ["idle", "running", "preparing", "leaving", "preempted", "unusable"] as const satisfies readonly NodeState[];

/**
 * A backend of managed clusters that queues runs and scales its nodes by itself, like Slurm: we only ask how it is.
 * (Where the nodes are ours to make there is a NodeProvider.)
 */
export interface ClusterBackend {
  /** How many nodes there are now, by state. Throws ComputeUnreachable when it cannot tell. */
  status(signal: AbortSignal): Promise<BackendStatus>;
  /** The nodes that there are now, by name. */
  nodes(signal: AbortSignal): Promise<readonly BackendNode[]>;
}

export interface BackendStatus {
  readonly counts: Readonly<Record<NodeState, number>>;
  /** nodes that could be powered up when they are needed; they are in no count */
  readonly poweredDown: number;
  /** true while nodes come or go */
  readonly resizing: boolean;
  /** what keeps nodes from working, in words for a person */
  readonly errors: readonly string[];
}

export interface BackendNode {
  readonly name: string;
  readonly state: NodeState;
  /** how the node is reached; null when the backend does not say */
  readonly address: string | null;
  /** why it is unusable, in the words of whoever took it out of service */
  readonly because: string | null;
  /** ids of our jobs that it carries now */
  readonly jobIds: readonly string[];
}
