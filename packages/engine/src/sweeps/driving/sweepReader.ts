import type { Store } from "@switchyard/store";
import { catchUp, loadSweep } from "./loadSweep.ts";
import type { SweepState } from "./state.ts";

/** Sweeps that people look at again and again are not read from their beginning each time. */
const MOST_REMEMBERED = 20;

/** Reads sweeps for people: only what was added since they looked last. */
export class SweepReader {
  readonly #store: Store;
  readonly #known = new Map<string, Promise<SweepState>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The sweep as its journal says now. The state is not the caller's to change. NotFound when the run is no sweep. */
  async read(runId: string): Promise<SweepState> {
    const before = this.#known.get(runId);
    this.#known.delete(runId);
    const reading = this.#after(runId, before);
    this.#known.set(runId, reading);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
    try {
      return await reading;
    } catch (error) {
      if (this.#known.get(runId) === reading) this.#known.delete(runId);
      throw error;
    }
  }

  async #after(runId: string, before: Promise<SweepState> | undefined): Promise<SweepState> {
    const known = await before?.catch(() => undefined);
    if (known === undefined) return await loadSweep(this.#store, runId);
    await catchUp(this.#store, runId, known);
    return known;
  }
}
