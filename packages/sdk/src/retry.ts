/** When to try again: soon at first, then ever more slowly, until `forSeconds` are spent. */
export interface RetryPolicy {
  /** how long a server may be away before its absence is an error: longer than a restart takes */
  readonly forSeconds: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { forSeconds: 10, firstDelayMs: 50, maxDelayMs: 1000 };

/** How long a server may be away before those who watch something give up: who watches a run of days outlives a reboot. */
export const WATCHING_AWAY_SECONDS = 300;

/** Doubling delays with some chance in them, so that many clients of a server that comes back do not come at once. */
export class Backoff {
  readonly #policy: RetryPolicy;
  /** when it was first found to be away: a question that waits long for its answer has spent nothing by waiting */
  #since: number | null = null;
  #tries = 0;

  constructor(policy: RetryPolicy) {
    this.#policy = policy;
  }

  /** Waits before the next try; false at once when the time is spent. Throws the signal's reason when it is aborted. */
  async wait(signal: AbortSignal | undefined, atLeastMs = 0): Promise<boolean> {
    const { forSeconds, firstDelayMs, maxDelayMs } = this.#policy;
    const delay = Math.max(atLeastMs, Math.min(maxDelayMs, firstDelayMs * 2 ** this.#tries++) * (0.5 + Math.random() / 2));
    const now = performance.now();
    this.#since ??= now;
    if (now - this.#since + delay > forSeconds * 1000) return false;
    await sleep(delay, signal);
    return true;
  }
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
