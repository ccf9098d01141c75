import type { Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import { storable, storableName } from "../database/text.ts";

/** The version under which the labels of a model as a whole are kept. */
export const WHOLE_MODEL = 0;

type Labels = Readonly<Record<string, string>>;
type Place = { readonly modelId: string; readonly version: number };

/** Sets tags; a later value replaces an earlier one. */
export async function writeModelTags(db: Queries, { modelId, version }: Place, tags: Labels): Promise<void> {
  const byName = new Map(Object.entries(tags).map(([name, value]) => [storableName(name), storable(value)]));
  for (const group of inGroups([...byName])) {
    await db
      .insertInto("model_tags")
      .values(group.map(([name, value]) => ({ model_id: modelId, version, name, value })))
      .onConflict((conflict) =>
        conflict.columns(["model_id", "version", "name"]).doUpdateSet((set) => ({ value: set.ref("excluded.value") })),
      )
      .execute();
  }
}

export async function deleteModelTags(db: Queries, { modelId, version }: Place, names: readonly string[]): Promise<void> {
  for (const group of inGroups(names.map(storableName))) {
    await db.deleteFrom("model_tags").where("model_id", "=", modelId).where("version", "=", version).where("name", "in", group).execute();
  }
}

/** Adds properties. Returns the names of those that have another value already; of those nothing is changed. */
export async function addModelProperties(db: Queries, { modelId, version }: Place, properties: Labels): Promise<string[]> {
  const byName = new Map(Object.entries(properties).map(([name, value]) => [storableName(name), storable(value)]));
  const different: string[] = [];
  for (const group of inGroups([...byName])) {
    const known = await db
      .selectFrom("model_properties")
      .select(["name", "value"])
      .where("model_id", "=", modelId)
      .where("version", "=", version)
      .where("name", "in", group.map(([name]) => name)) // biome-ignore format: short
      .execute();
    different.push(...known.filter(({ name, value }) => byName.get(name) !== value).map(({ name }) => name));
    await db
      .insertInto("model_properties")
      .values(group.map(([name, value]) => ({ model_id: modelId, version, name, value })))
      .onConflict((conflict) => conflict.columns(["model_id", "version", "name"]).doNothing())
      .execute();
  }
  return different;
}

/** Labels of these versions of these models: `<model id>/<version>` -> name -> value. */
export async function readModelLabels(
  db: Queries,
  table: "model_tags" | "model_properties",
  modelIds: readonly string[],
  versions: readonly number[],
): Promise<Map<string, Labels>> {
  const found = new Map<string, Record<string, string>>();
  for (const ids of inGroups([...new Set(modelIds)])) {
    for (const numbers of inGroups([...new Set(versions)])) {
      const query = db.selectFrom(table).selectAll().where("model_id", "in", ids).where("version", "in", numbers);
      for (const { model_id, version, name, value } of await query.orderBy("name").execute()) {
        const key = labelKey(model_id, version);
        const labels = found.get(key) ?? Object.create(null);
        labels[name] = value;
        found.set(key, labels);
      }
    }
  }
  return found;
}

export const labelKey = (modelId: string, version: number): string => `${modelId}/${version}`;
