/** Lets only so many act at a time; the others wait in line. */
export class Slots {
  #most: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
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

  /** From now on no more than this, because the other side said no. */
  narrowTo(most: number): void {
    this.#most = Math.max(1, Math.min(this.#most, most));
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
      if (this.#taken < this.#most) this.#waiting.shift()?.();
    };
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
