import type { Health } from "../contract.ts";

/**
 * Makes and unmakes the nodes of managed clusters: processes of this machine, pods, machines of a cloud. It remembers
 * nothing between calls: what is known about a node lies where the node is. It decides nothing either: which nodes there
 * are to be, and who gets them, the engine says. Throws ComputeUnreachable whenever it cannot tell.
 */
export interface NodeProvider {
  readonly name: string;
  readonly features: NodeFeatures;
  /** Says whether nodes can be made now and, if not, why, in words for a person. */
  check(signal: AbortSignal): Promise<Health>;
  /**
   * Begins to make a node; `list` says when it is ready. Called twice with one id, leaves the one that is there. Throws
   * JobRejected when such a node can never be made.
   */
  create(node: NodeRequest, signal: AbortSignal): Promise<void>;
  /**
   * Every node that exists, or of which a trace is left: of one cluster, or of all. A node that is gone for good with its
   * trace is not in the list. Jobs of a node that is gone are ended, if they are not.
   */
  list(cluster: string | null, signal: AbortSignal): Promise<readonly SeenNode[]>;
  /** Puts the expiry of nodes off to `expirySeconds` from now. A node that is gone is not an error. */
  renew(nodeIds: readonly string[], expirySeconds: number, signal: AbortSignal): Promise<void>;
  /**
   * Gives a node to a job: from now on it does not expire. A second time, or for a job that has it already, does no harm.
   * Throws NodeGone when the node is gone, or going.
   */
  occupy(nodeId: string, jobId: string, signal: AbortSignal): Promise<void>;
  /** Takes a node from a job whose data is home, and renews its expiry. What the job left on the node is removed. */
  vacate(nodeId: string, jobId: string, signal: AbortSignal): Promise<void>;
  /**
   * What happens when the owner of the machines wants a node back: its jobs are told to stop with the reason `preempted`,
   * have `graceSeconds` to save what they can, and then the node is gone. Does not wait for that.
   */
  preempt(nodeId: string, graceSeconds: number, signal: AbortSignal): Promise<void>;
  /** Removes a node with its trace. One that is gone is not an error. Throws Conflict while a job runs on it. */
  delete(nodeId: string, signal: AbortSignal): Promise<void>;
  /** Calls `wake` with a node's id soon after something happened to it; only a hint. Returns how to stop. */
  listen?(wake: (nodeId: string) => void): () => void;
}

/** What some providers lack is a value here. */
export interface NodeFeatures {
  /** what keeps the runs of different people apart: `none` when all nodes belong to one account of one machine */
  readonly isolation: "none" | "nodes";
  /** a node may be made from a container image */
  readonly images: boolean;
}

/** A node to be made. */
export interface NodeRequest {
  /** letters, digits, `-` and `_`: unique among all clusters, and part of names and paths */
  readonly id: string;
  readonly cluster: string;
  readonly vmSize: string;
  readonly vmPriority: "dedicated" | "lowpriority";
  /**
   * The node ends by itself when nobody renewed its expiry for so long while it was idle. Time in which a job has it does
   * not count: what the job left is on the node until its data is home.
   */
  readonly expirySeconds: number;
  /** what the node is made from, where a provider knows images; null: the provider's own */
  readonly image: string | null;
}

/**
 * Where a node stands. `ended`: it expired, or was deleted and a trace is left. `lost`: it died without a word. `failed`:
 * it could not be made.
 */
export type NodePhase = "preparing" | "ready" | "leaving" | "preempted" | "ended" | "lost" | "failed";

/** A node as its provider sees it. */
export interface SeenNode {
  readonly id: string;
  readonly cluster: string;
  readonly phase: NodePhase;
  /** why it is not ready, in words; null when there is nothing to say */
  readonly because: string | null;
  /** jobs that it was given to and not taken from */
  readonly jobs: readonly string[];
  readonly address: NodeAddress;
  /** for the processes of a job on this node alone */
  readonly variables: Readonly<Record<string, string>>;
}

/** How processes of a run, and people, reach a node. */
export interface NodeAddress {
  readonly privateIp: string | null;
  readonly publicIp: string | null;
  /** of its SSH log-in; null where a node has none */
  readonly sshPort: number | null;
}
