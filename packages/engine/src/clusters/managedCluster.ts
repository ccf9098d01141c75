import type { NodeProvider } from "@switchyard/compute";
import type { ScaleSettings, VmPriority } from "@switchyard/protocol";

/** A cluster whose nodes we make and give to runs ourselves. One that Slurm scales is none of these. */
export interface ManagedCluster {
  /** id of the compute target */
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  readonly scale: ScaleSettings;
  readonly vmSize: string;
  readonly vmPriority: VmPriority;
  /** makes its nodes; null where only another server can: the nodes are processes of that one's machine */
  readonly provider: NodeProvider | null;
  /** it is being deleted: its nodes go, and no run gets one */
  readonly isLeaving: boolean;
}

/** Says which clusters there are. They come and go while the server runs. */
export interface ClusterCatalog {
  list(): readonly ManagedCluster[];
  /** the cluster behind a compute target; undefined when that is something else */
  of(workspace: string, target: string): ManagedCluster | undefined;
}

export const noClusters: ClusterCatalog = { list: () => [], of: () => undefined };
