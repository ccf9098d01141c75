import { IdempotencyMismatch, type JsonValue } from "@switchyard/protocol";
import type { IdempotencyClaim, Store } from "@switchyard/store";

/** Idempotency keys without a database. */
export function memoryKeys(): Store["idempotency"] {
  const kept = new Map<string, { hash: string; result: JsonValue }>();
  const recall = async ({ key, requestHash }: IdempotencyClaim) => {
    const found = kept.get(key);
    if (found !== undefined && found.hash !== requestHash) throw new IdempotencyMismatch("another request");
    return found?.result;
  };
  const remember = async (claim: IdempotencyClaim, result: JsonValue) => {
    const earlier = await recall(claim);
    if (earlier === undefined) kept.set(claim.key, { hash: claim.requestHash, result });
    return earlier ?? result;
  };
  return { recall, remember, prune: async () => 0 } as unknown as Store["idempotency"];
}
