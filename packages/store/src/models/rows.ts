import { randomUUID } from "node:crypto";
import { NotFound } from "@switchyard/protocol";
import type { Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import type { ModelRow } from "../database/schema/models.ts";
import { storable, storableOrNull } from "../database/text.ts";

/** The model of this name, made when it is not there. */
export async function ensureModel(
  db: Queries,
  workspace: string,
  name: string,
  now: number,
  description: string | null = null,
): Promise<{ id: string; created: boolean }> {
  const id = randomUUID();
  const row: ModelRow = {
    ...{ id, workspace, name: storable(name), description: storableOrNull(description) },
    ...{ last_version: 0, created_at: now, updated_at: now },
  };
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("models")
    .values(row)
    .onConflict((conflict) => conflict.columns(["workspace", "name"]).doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 1n) return { id, created: true };
  return { id: (await requireModel(db, workspace, name)).id, created: false };
}

export async function findModel(db: Queries, workspace: string, name: string): Promise<ModelRow | undefined> {
  return await db
    .selectFrom("models")
    .selectAll()
    .where("workspace", "=", storable(workspace))
    .where("name", "=", storable(name))
    .executeTakeFirst();
}

export async function requireModel(db: Queries, workspace: string, name: string): Promise<ModelRow> {
  const row = await findModel(db, workspace, name);
  if (row !== undefined) return row;
  throw new NotFound(`There is no model "${name}" in workspace "${workspace}".`, { details: { name } });
}

export const noVersion = (name: string, version: number): NotFound =>
  new NotFound(`Model "${name}" has no version ${version}.`, { details: { name, version } });

/** Aliases by model. */
export async function readAliases(db: Queries, modelIds: readonly string[]): Promise<Map<string, { alias: string; version: number }[]>> {
  const found = new Map<string, { alias: string; version: number }[]>();
  for (const group of inGroups([...new Set(modelIds)])) {
    const rows = await db.selectFrom("model_aliases").selectAll().where("model_id", "in", group).orderBy("alias").execute();
    for (const row of rows) found.set(row.model_id, [...(found.get(row.model_id) ?? []), row]);
  }
  return found;
}
