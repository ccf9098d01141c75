const MOST_REMEMBERED = 10_000;

/**
 * Keeps an action that does no harm when repeated from being repeated at every look. Forgetting costs a process, no more:
 * that is why a driver may remember this.
 */
export class RecentActions {
  readonly #lastMs = new Map<string, number>();

  /** Does the action unless it was done within the last `seconds`. */
  async unlessDone(name: string, seconds: number, act: () => Promise<void>): Promise<void> {
    const nowMs = performance.now();
    const last = this.#lastMs.get(name);
    if (last !== undefined && nowMs - last < seconds * 1000) return;
    this.note(name);
    try {
      await act();
    } catch (error) {
      this.#lastMs.delete(name);
      throw error;
    }
  }

  note(name: string): void {
    if (this.#lastMs.size >= MOST_REMEMBERED) this.#lastMs.clear();
    this.#lastMs.set(name, performance.now());
  }
}
