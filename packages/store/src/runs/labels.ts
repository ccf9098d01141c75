import type { Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import { storable, storableName, storableOrNull } from "../database/text.ts";

/** Tags by name; a bare tag has the value null. */
export type Tags = Readonly<Record<string, string | null>>;
export type Properties = Readonly<Record<string, string>>;

/** Sets tags; a later value replaces an earlier one. */
export async function writeTags(db: Queries, runId: string, tags: Tags): Promise<void> {
  const byName = new Map(Object.entries(tags).map(([name, value]) => [storableName(name), storableOrNull(value)]));
  for (const group of inGroups([...byName])) {
    await db
      .insertInto("run_tags")
      .values(group.map(([name, value]) => ({ run_id: runId, name, value })))
      .onConflict((conflict) => conflict.columns(["run_id", "name"]).doUpdateSet((set) => ({ value: set.ref("excluded.value") })))
      .execute();
  }
}

export async function deleteTags(db: Queries, runId: string, names: readonly string[]): Promise<void> {
  for (const group of inGroups(names.map(storableName))) {
    await db.deleteFrom("run_tags").where("run_id", "=", runId).where("name", "in", group).execute();
  }
}

/** Adds properties; the first value of each stays. Returns the names that already had another value. */
export async function writeProperties(db: Queries, runId: string, properties: Properties): Promise<string[]> {
  const entries = Object.entries(properties).map(([name, value]) => [storableName(name), storable(value)] as const);
  const byName = new Map(entries.toReversed());
  const keptValues = new Map<string, string>();
  for (const group of inGroups([...byName])) {
    await db
      .insertInto("run_properties")
      .values(group.map(([name, value]) => ({ run_id: runId, name, value })))
      .onConflict((conflict) => conflict.columns(["run_id", "name"]).doNothing())
      .execute();
    const names = group.map(([name]) => name);
    const kept = db.selectFrom("run_properties").select(["name", "value"]).where("run_id", "=", runId).where("name", "in", names);
    for (const row of await kept.execute()) keptValues.set(row.name, row.value);
  }
  return entries.filter(([name, value]) => keptValues.get(name) !== value).map(([name]) => name);
}

export async function readTags(db: Queries, runIds: readonly string[]): Promise<Map<string, Tags>> {
  const rows = await db.selectFrom("run_tags").selectAll().where("run_id", "in", runIds).orderBy("name").execute();
  return byRun(rows);
}

export async function readProperties(db: Queries, runIds: readonly string[]): Promise<Map<string, Properties>> {
  const rows = await db.selectFrom("run_properties").selectAll().where("run_id", "in", runIds).orderBy("name").execute();
  return byRun(rows);
}

function byRun<V>(rows: readonly { run_id: string; name: string; value: V }[]): Map<string, Readonly<Record<string, V>>> {
  const grouped = Map.groupBy(rows, (row) => row.run_id);
  return new Map([...grouped].map(([runId, own]) => [runId, Object.fromEntries(own.map((row) => [row.name, row.value]))]));
}
