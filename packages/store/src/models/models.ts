import { AlreadyExists } from "@switchyard/protocol";
import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import type { ModelRow } from "../database/schema/models.ts";
import { storable, storableOrNull } from "../database/text.ts";
import { refuseDeployed } from "../services/uses.ts";
import { type ModelCondition, type ModelOrder, type ModelPage, modelConditionOf, modelOrderOf } from "./find.ts";
import { deleteModelTags, labelKey, readModelLabels, WHOLE_MODEL, writeModelTags } from "./labels.ts";
import { fromModelRow, type ModelRecord, type ModelVersionRecord } from "./record.ts";
import { ensureModel, findModel, noVersion, readAliases, requireModel } from "./rows.ts";
import { newestOfEachStage } from "./whole.ts";

/** Models as names: what belongs to all versions of one. */
export class Models {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes a model without versions. Throws AlreadyExists. */
  async create(
    workspace: string,
    name: string,
    about: { description: string | null; tags: Readonly<Record<string, string>> },
  ): Promise<void> {
    await this.#database.transact(async ({ db }) => {
      const { id, created } = await ensureModel(db, workspace, name, Date.now(), about.description);
      if (!created) throw new AlreadyExists(`There is a model "${name}" in workspace "${workspace}" already.`, { details: { name } });
      await writeModelTags(db, { modelId: id, version: WHOLE_MODEL }, about.tags);
    });
  }

  async get(workspace: string, name: string): Promise<ModelRecord | undefined> {
    const row = await findModel(this.#database.db, workspace, name);
    return row && (await this.#whole([row]))[0];
  }

  /** A page of models that fit, by name unless ordered otherwise, and whether there are more. */
  async find(
    workspace: string,
    conditions: readonly ModelCondition[],
    orders: readonly ModelOrder[],
    page: ModelPage,
  ): Promise<{ items: ModelRecord[]; more: boolean }> {
    const { kind, db } = this.#database;
    const all = [sql`m.workspace = ${storable(workspace)}`, ...conditions.map((condition) => modelConditionOf(kind, "model", condition))];
    const { rows } = await sql<ModelRow>`select m.* from models as m where ${sql.join(all, sql` and `)}
      order by ${modelOrderOf("model", orders)} limit ${page.limit + 1} offset ${page.offset}`.execute(db);
    return { items: await this.#whole(rows.slice(0, page.limit)), more: rows.length > page.limit };
  }

  /** Gives a model another name. Throws NotFound, AlreadyExists. */
  async rename(workspace: string, name: string, newName: string): Promise<void> {
    await this.#database.transact(async ({ db }) => {
      const { id } = await requireModel(db, workspace, name);
      if (name !== newName && (await findModel(db, workspace, newName)) !== undefined) {
        throw new AlreadyExists(`There is a model "${newName}" in workspace "${workspace}" already.`, { details: { name: newName } });
      }
      const now = Date.now();
      await db.updateTable("models").set({ name: newName, updated_at: now }).where("id", "=", id).execute();
      await db.updateTable("model_versions").set({ updated_at: now }).where("model_id", "=", id).execute();
    });
  }

  async describe(workspace: string, name: string, description: string | null): Promise<void> {
    await this.#database.transact(async ({ db }) => {
      const { id } = await requireModel(db, workspace, name);
      const changes = { description: storableOrNull(description), updated_at: Date.now() };
      await db.updateTable("models").set(changes).where("id", "=", id).execute();
    });
  }

  /** Forgets a model with all its versions. Throws NotFound, Conflict while one is deployed. */
  async remove(workspace: string, name: string): Promise<void> {
    await this.#database.transact(async ({ db }) => {
      const { id } = await requireModel(db, workspace, name);
      await refuseDeployed(db, id, name);
      for (const table of ["model_aliases", "model_files", "model_tags", "model_properties", "model_versions"] as const) {
        await db.deleteFrom(table).where("model_id", "=", id).execute();
      }
      await db.deleteFrom("models").where("id", "=", id).execute();
    });
  }

  async setTags(workspace: string, name: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.#database.transact(async ({ db }) => {
      const { id } = await requireModel(db, workspace, name);
      await writeModelTags(db, { modelId: id, version: WHOLE_MODEL }, tags);
    });
  }

  async removeTag(workspace: string, name: string, tag: string): Promise<void> {
    await this.#database.transact(async ({ db }) => {
      const { id } = await requireModel(db, workspace, name);
      await deleteModelTags(db, { modelId: id, version: WHOLE_MODEL }, [tag]);
    });
  }

  /** Lets an alias name this version; it names no other one any more. Throws NotFound. */
  async setAlias(workspace: string, name: string, alias: string, version: number): Promise<void> {
    await this.#database.transact(async ({ db }) => {
      const { id } = await requireModel(db, workspace, name);
      const known = db.selectFrom("model_versions").select("version").where("model_id", "=", id).where("version", "=", version);
      if ((await known.executeTakeFirst()) === undefined) throw noVersion(name, version);
      await db
        .insertInto("model_aliases")
        .values({ model_id: id, alias: storable(alias), version })
        .onConflict((conflict) => conflict.columns(["model_id", "alias"]).doUpdateSet({ version }))
        .execute();
    });
  }

  async removeAlias(workspace: string, name: string, alias: string): Promise<void> {
    const { id } = await requireModel(this.#database.db, workspace, name);
    await this.#database.db.deleteFrom("model_aliases").where("model_id", "=", id).where("alias", "=", storable(alias)).execute();
  }

  async #whole(rows: readonly ModelRow[]): Promise<ModelRecord[]> {
    const { db } = this.#database;
    const ids = rows.map((row) => row.id);
    const tags = await readModelLabels(db, "model_tags", ids, [WHOLE_MODEL]);
    const aliases = await readAliases(db, ids);
    const latest = Map.groupBy(await newestOfEachStage(db, ids), (version: ModelVersionRecord) => version.modelId);
    return rows.map((row) => ({
      ...fromModelRow(row),
      tags: tags.get(labelKey(row.id, WHOLE_MODEL)) ?? {},
      aliases: Object.fromEntries((aliases.get(row.id) ?? []).map(({ alias, version }) => [alias, version])),
      latest: latest.get(row.id) ?? [],
    }));
  }
}
