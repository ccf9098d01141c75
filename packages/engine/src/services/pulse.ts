import type { Observation } from "@switchyard/compute";
import type { ServiceRecord } from "@switchyard/store";
import type { Clock } from "../clock.ts";

const EVERY_MS = 5000;
const TIMEOUT_MS = 3000;
/** Probes in a row without an answer: one alone may meet a script that is busy. */
const MOST_MISSES = 3;

/** Is it a service whose pulse says something? */
export function asksForLife({ state, port }: ServiceRecord, { phase }: Observation): boolean {
  return phase === "running" && port !== null && (state === "Healthy" || state === "Unhealthy");
}

/** Feels whether services answer: `GET /` on the loopback, every few seconds. Remembers only how often in a row one did not. */
export class Pulse {
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly at: number; readonly misses: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True: it answers; false: it has not for a while; null: nothing new is known. */
  async feel({ id, port }: ServiceRecord, signal: AbortSignal): Promise<boolean | null> {
    const now = this.#clock.monotonicMs();
    const { at, misses } = this.#known.get(id) ?? { at: Number.NEGATIVE_INFINITY, misses: 0 };
    if (now - at < EVERY_MS) return null;
    const answered = await answers(port as number, signal);
    const missed = answered ? 0 : misses + 1;
    this.#known.set(id, { at: now, misses: missed });
    return answered ? true : missed >= MOST_MISSES ? false : null;
  }

  forget(id: string): void {
    this.#known.delete(id);
  }
}

async function answers(port: number, signal: AbortSignal): Promise<boolean> {
  try {
    const late = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.any([signal, late]) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
