import type { Queries } from "../../database/database.ts";
import { inGroups } from "../../database/groups.ts";
import { storable, storableName } from "../../database/text.ts";
import type { Pair } from "../params.ts";

/** The tables of names and values of logged models. */
export const PAIRS = ["logged_model_tags", "logged_model_params"] as const;

/** Sets tags or params of a logged model; a later value replaces an earlier one. */
export async function writePairs(db: Queries, table: (typeof PAIRS)[number], modelId: string, pairs: readonly Pair[]): Promise<void> {
  const byName = new Map(pairs.map(({ name, value }) => [storableName(name), storable(value)]));
  for (const group of inGroups([...byName])) {
    await db
      .insertInto(table)
      .values(group.map(([name, value]) => ({ model_id: modelId, name, value })))
      .onConflict((conflict) => conflict.columns(["model_id", "name"]).doUpdateSet((set) => ({ value: set.ref("excluded.value") })))
      .execute();
  }
}
