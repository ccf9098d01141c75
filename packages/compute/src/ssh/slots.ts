/** So long a refusal counts: it may have come only because commands that we had let go of were still to end. */
const NARROW_FOR_MS = 60_000;

/** Lets only so many act at a time; the others wait in line. */
export class Slots {
  readonly #wanted: number;
  #most: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];
  #widening: NodeJS.Timeout | undefined;

  constructor(most: number) {
    this.#wanted = most;
    this.#most = most;
  }

  get taken(): number {
    return this.#taken;
  }

  get isFull(): boolean {
    return this.#taken >= this.#most;
  }

  get isCrowded(): boolean {
    return this.#waiting.length > 0;
  }

  /** For a while no more than this, because the other side said no. */
  narrowTo(most: number): void {
    this.#most = Math.max(1, Math.min(this.#most, most));
    clearTimeout(this.#widening);
    this.#widening = setTimeout(() => this.widen(), NARROW_FOR_MS).unref();
  }

  /** As many as at first again. */
  widen(): void {
    clearTimeout(this.#widening);
    this.#most = this.#wanted;
    this.#wake();
  }

  /** Waits for a slot and returns how to give it back. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    while (this.#taken >= this.#most) await this.#wait(signal);
    this.#taken += 1;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#taken -= 1;
      this.#wake();
    };
  }

  #wake(): void {
    for (let free = this.#most - this.#taken; free > 0; free--) this.#waiting.shift()?.();
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        signal.removeEventListener("abort", abort);
        resolve();
      };
      const abort = () => {
        const at = this.#waiting.indexOf(go);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.push(go);
    });
  }
}
