import { batchAiStatusOf, type ClusterView, clusterStatusOf } from "@switchyard/engine";
import type { ClusterSettings, JsonObject, NodeStateCounts } from "@switchyard/protocol";
import type { ClusterAllocation, ComputeRecord } from "@switchyard/store";

/** The status object of a managed cluster, in the words of its type. */
export function statusOfCluster(
  record: ComputeRecord,
  counts: NodeStateCounts,
  allocation: ClusterAllocation | null,
  errors: ClusterView["errors"] = record.provisioningErrors,
): JsonObject {
  const { minNodes, maxNodes, idleSecondsBeforeScaledown, vmSize, vmPriority } = record.settings as unknown as ClusterSettings;
  const { state, since, target } = allocation ?? { state: "Steady" as const, since: record.createdAt.toISOString(), target: 0 };
  const view: ClusterView = {
    createdAt: record.createdAt,
    modifiedAt: record.modifiedAt,
    provisioningState: record.provisioningState,
    provisioningStateSince: record.provisioningAt,
    allocation: { state, since: new Date(since), target },
    errors,
    scale: { minNodes, maxNodes, idleSecondsBeforeScaledown },
    vmPriority,
    vmSize,
  };
  return (record.type === "batchai" ? batchAiStatusOf(view, counts) : clusterStatusOf(view, counts)) as unknown as JsonObject;
}
