import type { Store } from "@switchyard/store";
import type { Logger } from "pino";

const EVERY_MS = 3600_000;
const KEEP_CHANGES = 200_000;
const KEEP_KEYS_MS = 7 * 24 * 3600_000;

/** Forgets, once an hour, what only matters for a while: old changes and old idempotency keys. Returns how to stop. */
export function keepHouse(store: Store, log: Logger): () => void {
  const tidy = async () => {
    try {
      await store.events.prune(KEEP_CHANGES);
      await store.idempotency.prune(new Date(Date.now() - KEEP_KEYS_MS));
    } catch (error) {
      log.warn({ err: error }, "old changes and keys could not be forgotten; trying again in an hour");
    }
  };
  const timer = setInterval(() => void tidy(), EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
