import type { EngineContext } from "../context.ts";
import type { Watch } from "../reconciler/watch.ts";
import type { Harvest } from "./harvest.ts";

/** Deeper families are refused rather than followed. */
const MOST_GENERATIONS = 64;

/** Which of the runs that records are about are not below the journal's own run. */
export async function strangersAmong({ store }: EngineContext, watch: Pick<Watch, "id" | "descendants">, harvest: Harvest): Promise<Set<string>> {
  const strangers = new Set<string>();
  for (const { id, parentId } of harvest.children) {
    if (!watch.descendants.get(id) && (parentId === null || watch.descendants.get(parentId))) {
      if ((await store.runs.get(id)) === undefined) watch.descendants.set(id, true);
    }
  }
  for (const id of harvest.others) {
    let known = watch.descendants.get(id);
    if (known === undefined) {
      known = await isBelow(store, id, watch.id);
      watch.descendants.set(id, known);
    }
    if (!known) strangers.add(id);
  }
  return strangers;
}

async function isBelow(store: EngineContext["store"], id: string, ancestor: string): Promise<boolean> {
  let current: string | null = id;
  for (let generation = 0; current !== null && generation < MOST_GENERATIONS; generation += 1) {
    if (current === ancestor) return true;
    const run: { readonly parentId: string | null } | undefined = await store.runs.get(current);
    current = run?.parentId ?? null;
  }
  return false;
}
