import type { Health } from "@switchyard/compute";
import { COMPUTE_KINDS, type ComputeKindName, type ComputeTarget, type JsonObject } from "@switchyard/protocol";
import type { ComputeRecord } from "@switchyard/store";
import { driverNameOf } from "./registry.ts";

/** Address of a resource in the form of v1, where a person gave none. */
export interface ResourceScope {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
}

/** A target as people see it; `health` is null where nobody asked. */
export function presentCompute(
  record: ComputeRecord,
  status: JsonObject | null,
  health: Health | null,
  scope: ResourceScope,
): ComputeTarget {
  const kind = COMPUTE_KINDS[record.type as ComputeKindName];
  return {
    name: record.name,
    id: record.id,
    type: record.type,
    computeType: kind.word,
    attached: record.attached,
    driver: driverNameOf(record),
    location: record.location,
    description: record.description,
    tags: { ...record.tags },
    createdUtc: record.createdAt.toISOString(),
    modifiedUtc: record.modifiedAt.toISOString(),
    createdBy: record.createdBy,
    provisioningState: record.provisioningState,
    provisioningErrors: [...record.provisioningErrors],
    clusterResourceId: `/subscriptions/${scope.subscriptionId}/resourceGroups/${scope.resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${record.workspace}/computes/${record.name}`,
    settings: record.settings,
    status,
    ...healthFields(health),
    capabilities: { ...kind.capabilities },
  };
}

/** The target that every workspace has and nobody made. */
export function presentLocal(health: Health | null): ComputeTarget {
  const kind = COMPUTE_KINDS.local;
  return {
    name: "local",
    id: "local",
    type: "local",
    computeType: kind.word,
    attached: false,
    driver: "local",
    location: null,
    description: "the machine that submits",
    tags: {},
    createdUtc: null,
    modifiedUtc: null,
    createdBy: null,
    provisioningState: health === null || health.ok ? "Succeeded" : "Failed",
    provisioningErrors: health === null || health.ok ? [] : [{ code: "unhealthy", message: health.because }],
    clusterResourceId: null,
    settings: {},
    status: null,
    ...healthFields(health),
    capabilities: { ...kind.capabilities },
  };
}

function healthFields(health: Health | null): Pick<ComputeTarget, "healthy" | "reason"> {
  if (health === null) return { healthy: null, reason: null };
  return health.ok ? { healthy: true, reason: health.note ?? null } : { healthy: false, reason: health.because };
}
