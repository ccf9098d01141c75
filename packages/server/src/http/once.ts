import type { JsonValue } from "@switchyard/protocol";
import type { Store } from "@switchyard/store";
import type { IdempotencyKey } from "./handler.ts";

/** Answers a repeat of a request with the first result, also while the first is still under way. */
export function onceByKey(idempotency: Store["idempotency"]): (key: IdempotencyKey, act: () => Promise<unknown>) => Promise<unknown> {
  const underWay = new Map<string, Promise<unknown>>();
  return async (claim, act) => {
    await underWay.get(claim.key)?.catch(() => undefined);
    const earlier = await idempotency.recall(claim);
    if (earlier !== undefined) return earlier;
    const first = underWay.get(claim.key);
    if (first !== undefined) return await first;
    const result = act().then((made) => idempotency.remember(claim, made as JsonValue));
    underWay.set(claim.key, result);
    try {
      return await result;
    } finally {
      underWay.delete(claim.key);
    }
  };
}
