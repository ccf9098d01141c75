import type { VmPriority } from "@switchyard/protocol";
import { findVmSize, JobRejected } from "@switchyard/protocol";
import type { ComputeRecord } from "@switchyard/store";

/** What the clusters of a workspace may use together (spec 09 §2, "Limits"). */
export interface ClusterLimits {
  /** virtual cores of all clusters and compute instances, by priority */
  readonly cores: Readonly<Record<VmPriority, number>>;
  /** nodes of one cluster whose nodes can reach each other */
  readonly nodesPerCluster: number;
  /** nodes of one run */
  readonly nodesPerRun: number;
  readonly targetsPerWorkspace: number;
  /** the longest a run may take, by priority */
  readonly jobSeconds: Readonly<Record<VmPriority, number>>;
}

const DAY = 24 * 3600;

export const DEFAULT_LIMITS: ClusterLimits = {
  cores: { dedicated: 300, lowpriority: 3000 },
  nodesPerCluster: 100,
  nodesPerRun: 100,
  targetsPerWorkspace: 500,
  jobSeconds: { dedicated: 21 * DAY, lowpriority: 7 * DAY },
};

/** Cores that one node of this size counts. A size that was forgotten since counts one, so that nothing divides by nothing. */
export const coresOf = (vmSize: string): number => findVmSize(vmSize)?.vCPUs ?? 1;

/** Cores that the compute instances among these targets hold, stopped ones too (spec 09 §7); one that could not be made holds none. */
export function coresOfInstances(computes: readonly ComputeRecord[]): number {
  const instances = computes.filter(({ type, provisioningState }) => type === "computeinstance" && provisioningState !== "Failed");
  return instances.reduce((sum, { settings }) => sum + coresOf(String(settings.vmSize)), 0);
}

/** A cluster that a run is sent to. */
export interface ClusterRoom {
  readonly name: string;
  readonly maxNodes: number;
  readonly vmSize: string;
  readonly vmPriority: VmPriority;
}

/** Refuses a run that could never start on this cluster, with the reason and the way out. */
export function requireRoom(cluster: ClusterRoom, nodes: number, limits: ClusterLimits): void {
  const { name, maxNodes, vmSize, vmPriority } = cluster;
  if (nodes > limits.nodesPerRun) {
    throw new JobRejected(`A run may have ${limits.nodesPerRun} nodes at most; this one asks for ${nodes}. Ask for fewer (nodeCount).`);
  }
  if (nodes > maxNodes) {
    const way = `Ask for fewer (nodeCount), or raise the most: \`switchyard computetarget update -n ${name} --max-nodes ${nodes}\`.`;
    throw new JobRejected(
      `"${name}" may have ${maxNodes} ${maxNodes === 1 ? "node" : "nodes"} at most; this run asks for ${nodes}. ${way}`,
    );
  }
  const cores = coresOf(vmSize) * nodes;
  if (cores > limits.cores[vmPriority]) {
    throw new JobRejected(
      `${nodes} nodes of ${vmSize} have ${cores} cores; the workspace's quota of ${vmPriority} cores is ${limits.cores[vmPriority]}. Ask for fewer nodes, or for a larger quota.`,
    );
  }
}

/** Refuses a run that wants to take longer than any may on such nodes. */
export function requireLifetime(
  { maxRunDurationSeconds: asked }: { readonly maxRunDurationSeconds: number | null },
  vmPriority: VmPriority,
  { jobSeconds }: ClusterLimits,
): void {
  const most = jobSeconds[vmPriority];
  if (asked === null || asked <= most) return;
  throw new JobRejected(
    `A run may take ${most} seconds at most on ${vmPriority} nodes; this one asks for ${asked} (maxRunDurationSeconds). Ask for less, or save checkpoints and submit it again.`,
  );
}
