import { sql } from "kysely";
import type { Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import type { ModelVersionRow } from "../database/schema/models.ts";
import { labelKey, readModelLabels } from "./labels.ts";
import { fromVersionRow, type ModelVersionRecord } from "./record.ts";
import { readAliases } from "./rows.ts";

export type VersionRow = ModelVersionRow & { name: string };

/** Of each model and stage the newest version. */
export async function newestOfEachStage(db: Queries, modelIds: readonly string[]): Promise<ModelVersionRecord[]> {
  const rows: VersionRow[] = [];
  for (const group of inGroups(modelIds)) {
    const found = await sql<VersionRow>`select v.*, m.name from model_versions as v join models as m on m.id = v.model_id
      where v.model_id in (${sql.join(group)}) and v.version = (select max(other.version) from model_versions as other
        where other.model_id = v.model_id and other.stage = v.stage)
      order by m.name, v.stage`.execute(db);
    rows.push(...found.rows);
  }
  return await wholeVersions(db, rows);
}

/** Rows with their labels and aliases. */
export async function wholeVersions(db: Queries, rows: readonly VersionRow[]): Promise<ModelVersionRecord[]> {
  const ids = rows.map((row) => row.model_id);
  const versions = rows.map((row) => row.version);
  const tags = await readModelLabels(db, "model_tags", ids, versions);
  const properties = await readModelLabels(db, "model_properties", ids, versions);
  const aliases = await readAliases(db, ids);
  return rows.map((row) => {
    const key = labelKey(row.model_id, row.version);
    const own = (aliases.get(row.model_id) ?? []).filter(({ version }) => version === row.version);
    return {
      ...fromVersionRow(row),
      tags: tags.get(key) ?? {},
      properties: properties.get(key) ?? {},
      aliases: own.map(({ alias }) => alias),
    };
  });
}
