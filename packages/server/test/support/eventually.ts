import { setTimeout as delay } from "node:timers/promises";

/** Longer where what is waited for takes long by itself. */
const PATIENCE_MS = 100_000;

/** Asks until there is an answer other than false or undefined; says so when there is none in time. */
export async function eventually<T>(ask: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<Exclude<T, false | undefined>> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer as Exclude<T, false | undefined>;
    if (performance.now() > giveUpAt) throw new Error(`Waited ${patienceMs / 1000} s in vain.`);
    await delay(20);
  }
}
