import { Conflict, type ModelStage, NotFound } from "@switchyard/protocol";
import { sql } from "kysely";
import type { Database, Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import type { ModelVersionRow } from "../database/schema/models.ts";
import { storable, storableOrNull, toJson } from "../database/text.ts";
import { refuseDeployed } from "../services/uses.ts";
import { type ModelCondition, type ModelOrder, type ModelPage, modelConditionOf, modelOrderOf } from "./find.ts";
import { addModelProperties, deleteModelTags, writeModelTags } from "./labels.ts";
import type { ModelDetails, ModelVersionRecord, NewModelVersion, StoredModelFile } from "./record.ts";
import { ensureModel, findModel, noVersion, requireModel } from "./rows.ts";
import { type VersionRow, wholeVersions } from "./whole.ts";

/** What may change of a version; absent: stays. */
export interface ModelVersionChanges {
  readonly description?: string | null;
  readonly tags?: Readonly<Record<string, string>>;
  readonly removeTags?: readonly string[];
  /** only added to: a property that is there with another value is a Conflict, and nothing is changed */
  readonly properties?: Readonly<Record<string, string>>;
  readonly framework?: string;
  readonly frameworkVersion?: string;
  readonly details?: ModelDetails;
}

/** Versions of models, with their files. */
export class ModelVersions {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps the next version; the model is made when there is none, unless it has to exist (NotFound). */
  async register(made: NewModelVersion, options: { readonly modelExists?: boolean } = {}): Promise<ModelVersionRecord> {
    const version = await this.#database.transact(async ({ db }) => {
      const now = Date.now();
      const modelId = options.modelExists
        ? (await requireModel(db, made.workspace, made.name)).id
        : (await ensureModel(db, made.workspace, made.name, now)).id;
      const counted = await db
        .updateTable("models")
        .set((set) => ({ last_version: set("last_version", "+", 1), updated_at: now }))
        .where("id", "=", modelId)
        .returning("last_version")
        .executeTakeFirst();
      if (counted === undefined) throw new NotFound(`Model "${made.name}" was removed meanwhile.`); // by another server
      const place = { modelId, version: counted.last_version };
      await db
        .insertInto("model_versions")
        .values(toVersionRow(made, place, now))
        .execute();
      await writeModelTags(db, place, made.tags);
      await addModelProperties(db, place, made.properties);
      if (made.content !== null) await writeFiles(db, place, made.content);
      return place.version;
    });
    return await this.require(made.workspace, made.name, version);
  }

  async get(workspace: string, name: string, version: number): Promise<ModelVersionRecord | undefined> {
    return (await this.find(workspace, [...named(name), { field: "version", operator: "=", value: version }])).items[0];
  }

  /** Throws NotFound, which says whether it is the model or the version that is missing. */
  async require(workspace: string, name: string, version: number): Promise<ModelVersionRecord> {
    const found = await this.get(workspace, name, version);
    if (found !== undefined) return found;
    await requireModel(this.#database.db, workspace, name);
    throw noVersion(name, version);
  }

  async newest(workspace: string, name: string): Promise<ModelVersionRecord | undefined> {
    return (await this.find(workspace, [...named(name), { newest: true }])).items[0];
  }

  /** The version that an alias names. */
  async byAlias(workspace: string, name: string, alias: string): Promise<ModelVersionRecord | undefined> {
    const { db } = this.#database;
    const model = await findModel(db, workspace, name);
    if (model === undefined) return undefined;
    const found = db.selectFrom("model_aliases").select("version").where("model_id", "=", model.id).where("alias", "=", storable(alias));
    const row = await found.executeTakeFirst();
    return row && (await this.get(workspace, name, row.version));
  }

  /** A page of versions that fit, by name and then newest first unless ordered otherwise, and whether there are more. */
  async find(
    workspace: string,
    conditions: readonly ModelCondition[],
    orders: readonly ModelOrder[] = [],
    page: ModelPage = { limit: 1, offset: 0 },
  ): Promise<{ items: ModelVersionRecord[]; more: boolean }> {
    const { kind, db } = this.#database;
    const all = [sql`v.workspace = ${storable(workspace)}`, ...conditions.map((condition) => modelConditionOf(kind, "version", condition))];
    const { rows } = await sql<VersionRow>`select v.*, m.name from model_versions as v join models as m on m.id = v.model_id
      where ${sql.join(all, sql` and `)} order by ${modelOrderOf("version", orders)}
      limit ${page.limit + 1} offset ${page.offset}`.execute(db);
    return { items: await wholeVersions(db, rows.slice(0, page.limit)), more: rows.length > page.limit };
  }

  /** Throws NotFound, and Conflict when a property would change. */
  async update(workspace: string, name: string, version: number, changes: ModelVersionChanges): Promise<ModelVersionRecord> {
    await this.#database.transact(async ({ db }) => {
      const { id } = await requireModel(db, workspace, name);
      const place = { modelId: id, version };
      const { description, framework, frameworkVersion, details } = changes;
      const { numUpdatedRows } = await db
        .updateTable("model_versions")
        .set({
          updated_at: Date.now(),
          ...(description === undefined ? {} : { description: storableOrNull(description) }),
          ...(framework === undefined ? {} : { framework: storable(framework) }),
          ...(frameworkVersion === undefined ? {} : { framework_version: storable(frameworkVersion) }),
          ...(details === undefined ? {} : { details: toJson(details) }),
        })
        .where("model_id", "=", id)
        .where("version", "=", version)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw noVersion(name, version);
      await deleteModelTags(db, place, changes.removeTags ?? []);
      await writeModelTags(db, place, changes.tags ?? {});
      const different = await addModelProperties(db, place, changes.properties ?? {});
      if (different.length > 0) throw propertyStays(name, version, different);
    });
    return await this.require(workspace, name, version);
  }

  /** Tags alone, which do not count as a change of the version. */
  async setTags(workspace: string, name: string, version: number, tags: Readonly<Record<string, string>>): Promise<void> {
    const { modelId } = await this.require(workspace, name, version);
    await writeModelTags(this.#database.db, { modelId, version }, tags);
  }

  async removeTag(workspace: string, name: string, version: number, tag: string): Promise<void> {
    const { modelId } = await this.require(workspace, name, version);
    await deleteModelTags(this.#database.db, { modelId, version }, [tag]);
  }

  /** Moves a version to a stage; with `archiveOthers` all that are there go to `Archived`. */
  async moveTo(workspace: string, name: string, version: number, stage: ModelStage, archiveOthers: boolean): Promise<ModelVersionRecord> {
    await this.#database.transact(async ({ db }) => {
      const { id } = await requireModel(db, workspace, name);
      const now = Date.now();
      const ofModel = db.updateTable("model_versions").where("model_id", "=", id);
      if (archiveOthers) {
        const archived = { stage: "Archived", updated_at: now };
        await ofModel.set(archived).where("stage", "=", stage).where("version", "!=", version).execute();
      }
      const { numUpdatedRows } = await ofModel.set({ stage, updated_at: now }).where("version", "=", version).executeTakeFirst();
      if (numUpdatedRows === 0n) throw noVersion(name, version);
      await db.updateTable("models").set({ updated_at: now }).where("id", "=", id).execute();
    });
    return await this.require(workspace, name, version);
  }

  /** Forgets a version; its number is not given again, and aliases that named it are gone. Throws NotFound, Conflict while it is deployed. */
  async remove(workspace: string, name: string, version: number): Promise<void> {
    await this.#database.transact(async ({ db }) => {
      const { id } = await requireModel(db, workspace, name);
      await refuseDeployed(db, id, name, version);
      for (const table of ["model_aliases", "model_files", "model_tags", "model_properties"] as const) {
        await db.deleteFrom(table).where("model_id", "=", id).where("version", "=", version).execute();
      }
      const gone = db.deleteFrom("model_versions").where("model_id", "=", id).where("version", "=", version);
      if ((await gone.executeTakeFirst()).numDeletedRows === 0n) throw noVersion(name, version);
      await db.updateTable("models").set({ updated_at: Date.now() }).where("id", "=", id).execute();
    });
  }

  /** Files of a version by path. */
  async files({ modelId, version }: Pick<ModelVersionRecord, "modelId" | "version">): Promise<StoredModelFile[]> {
    const query = this.#database.db.selectFrom("model_files").select(["path", "sha256", "size"]);
    return await query.where("model_id", "=", modelId).where("version", "=", version).orderBy("path").execute();
  }

  /** Gives a version the files that it did not have when it was registered; one that has files keeps them. */
  async addFiles({ modelId, version }: ModelVersionRecord, path: string, content: readonly StoredModelFile[]): Promise<void> {
    await this.#database.transact(async ({ db }) => {
      const { numUpdatedRows } = await db
        .updateTable("model_versions")
        .set({ path: storable(path), files: content.length, bytes: sizeOf(content) })
        .where("model_id", "=", modelId)
        .where("version", "=", version)
        .where("path", "is", null)
        .executeTakeFirst();
      if (numUpdatedRows === 1n) await writeFiles(db, { modelId, version }, content);
    });
  }

  /** Every blob that some version needs. */
  async blobs(): Promise<string[]> {
    const rows = await this.#database.db.selectFrom("model_files").select("sha256").distinct().execute();
    return rows.map((row) => row.sha256);
  }
}

const named = (name: string): ModelCondition[] => [{ field: "name", operator: "=", value: name }];

async function writeFiles(db: Queries, place: { modelId: string; version: number }, content: readonly StoredModelFile[]): Promise<void> {
  const rows = content.map(({ path, sha256, size }) => ({ model_id: place.modelId, version: place.version, path, sha256, size }));
  for (const group of inGroups(rows)) await db.insertInto("model_files").values(group).execute();
}

const sizeOf = (content: readonly StoredModelFile[]): number => content.reduce((sum, { size }) => sum + size, 0);

function toVersionRow(made: NewModelVersion, place: { modelId: string; version: number }, now: number): ModelVersionRow {
  return {
    model_id: place.modelId,
    version: place.version,
    workspace: made.workspace,
    description: storableOrNull(made.description),
    framework: storableOrNull(made.framework),
    framework_version: storableOrNull(made.frameworkVersion),
    run_id: storableOrNull(made.runId),
    experiment: made.experiment,
    run_path: storableOrNull(made.runPath),
    source: storableOrNull(made.source),
    location: storableOrNull(made.location),
    run_link: storableOrNull(made.runLink),
    logged_model_id: storableOrNull(made.loggedModelId),
    stage: "None",
    path: storableOrNull(made.path),
    files: made.content === null ? null : made.content.length,
    bytes: made.content === null ? null : sizeOf(made.content),
    details: toJson(made.details),
    created_by: storableOrNull(made.createdBy),
    created_at: now,
    updated_at: now,
  };
}

function propertyStays(name: string, version: number, properties: readonly string[]): Conflict {
  const which = properties.map((property) => `"${property}"`).join(", ");
  return new Conflict(
    `Model ${name}:${version} has ${which} with another value already: properties are added and never changed. Use a tag, or register a new version.`,
    { details: { properties } },
  );
}
