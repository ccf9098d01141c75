import { NotFound, type SweepEntry } from "@switchyard/protocol";
import type { Store, StoredEntry } from "@switchyard/store";
import { applyEntry } from "./applyEntry.ts";
import { emptyState, type SweepState } from "./state.ts";

/** Told of every entry, with the state after it. */
type Told = (entry: SweepEntry, state: SweepState, at: Date) => void;

/** Reads the entries that a state lacks and takes them in. */
export async function catchUp(store: Store, runId: string, state: SweepState, told?: Told): Promise<void> {
  applyStored(state, await store.sweeps.entries(runId, state.length), told);
}

/** Takes stored entries into a state. */
export function applyStored(state: SweepState, entries: readonly StoredEntry[], told?: Told): void {
  for (const { entry, at } of entries) {
    applyEntry(state, entry as unknown as SweepEntry, at);
    told?.(entry as unknown as SweepEntry, state, at);
  }
}

/** A sweep as its journal says now. NotFound when the run is no sweep. */
export async function loadSweep(store: Store, runId: string): Promise<SweepState> {
  const state = emptyState();
  await catchUp(store, runId, state);
  if (state.length > 0) return state;
  const run = await store.runs.get(runId);
  if (run === undefined) throw new NotFound(`There is no run "${runId}".`);
  const parent = run.parentId === null ? "" : ` Its parent is ${run.parentId}.`;
  throw new NotFound(`Run ${runId} is no sweep (it is of type ${run.type}).${parent}`);
}
