import { BadRequest, type ComputeChanges, type JsonObject } from "@switchyard/protocol";
import type { ComputeRecord } from "@switchyard/store";

const CLUSTERS: readonly string[] = ["amlcompute", "batchai"];

/** Settings with another managed identity, with none for null, and as they were for undefined. Only clusters have one. */
export function withIdentity(
  settings: JsonObject,
  { name, type }: Pick<ComputeRecord, "name" | "type">,
  identity: ComputeChanges["identity"],
): JsonObject {
  if (identity === undefined) return settings;
  if (!CLUSTERS.includes(type)) throw new BadRequest(`"${name}" is no cluster (${type}), so it has no managed identity.`);
  const { identity: _, ...others } = settings;
  return identity === null ? others : { ...others, identity };
}
