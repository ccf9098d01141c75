/** One timer that rings at the earliest of the times it was set to, and then has to be set again. */
export class Alarm {
  readonly #ring: () => void;
  readonly #off: AbortSignal;
  #timer: NodeJS.Timeout | undefined;
  #at = Number.POSITIVE_INFINITY;

  /** It never rings again once `off` is aborted. */
  constructor(ring: () => void, off: AbortSignal) {
    this.#ring = ring;
    this.#off = off;
    off.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  /** Rings in `ms` at the latest. */
  in(ms: number): void {
    if (this.#off.aborted) return;
    const at = performance.now() + ms;
    if (at >= this.#at - 1) return; // sooner anyway
    clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = setTimeout(() => {
      this.#at = Number.POSITIVE_INFINITY;
      this.#ring();
    }, ms);
  }
}
