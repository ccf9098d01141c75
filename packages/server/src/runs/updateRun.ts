import { Conflict, type operations } from "@switchyard/protocol";
import type { RunView, Store } from "@switchyard/store";
import type { z } from "zod";

const TRIES = 50;

type Update = z.output<(typeof operations.updateRun)["body"]>;

/** Changes what people say about a run. Properties never change: another value for one is a Conflict, and then nothing is written. */
export async function updateRun(store: Store, { record, properties }: RunView, update: Update): Promise<void> {
  const { id } = record;
  const added = update.properties ?? {};
  refuseChanged(
    id,
    Object.keys(added).filter((name) => name in properties && properties[name] !== added[name]),
  );
  if (Object.keys(added).length > 0) refuseChanged(id, await store.runs.addProperties(id, added));
  if (update.removeTags?.length) await store.runs.removeTags(id, update.removeTags);
  if (Object.keys(update.tags ?? {}).length > 0) await store.runs.setTags(id, update.tags ?? {});
  if (update.displayName !== undefined || update.description !== undefined) await describe(store, id, update);
}

function refuseChanged(id: string, names: readonly string[]): void {
  if (names.length === 0) return;
  throw new Conflict(`Run ${id} already has another value for ${names.join(", ")}: properties never change. Use a tag for what does.`, {
    details: { properties: names },
  });
}

/** The reconciler saves the same row; whoever comes second loads again. */
async function describe(store: Store, id: string, { displayName, description }: Update): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const was = await store.runs.get(id);
    if (was === undefined) return;
    const next = { ...was, ...(displayName !== undefined && { displayName }), ...(description !== undefined && { description }) };
    if (await store.runs.replace(was, next)) return;
  }
  throw new Conflict(`Run ${id} changes too quickly to be described now. Try again.`);
}
