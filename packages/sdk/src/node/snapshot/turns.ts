/** Long synchronous work in slices: reading ten thousand files through the thread pool would take three times as long. */
const SLICE_MS = 15;

/** Lets timers and sockets have their turn when a slice of time is used up. */
export class Turns {
  #since = performance.now();

  async giveWay(): Promise<void> {
    if (performance.now() - this.#since < SLICE_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}
