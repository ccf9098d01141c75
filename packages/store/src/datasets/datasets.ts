import { createHash, randomUUID } from "node:crypto";
import {
  AlreadyExists,
  type DatasetDefinition,
  type DatasetState,
  type Page,
  type RegisteredDataset,
  type SavedDataset,
} from "@switchyard/protocol";
import type { Database, Queries } from "../database/database.ts";
import type { DatasetRow, DatasetVersionRow } from "../database/schema/data.ts";
import { fromJson, storableOrNull, toJson } from "../database/text.ts";

export type DatasetTags = Readonly<Record<string, string | null>>;

export interface DatasetRegistration {
  readonly description?: string | null | undefined;
  readonly tags?: DatasetTags | null | undefined;
  readonly createNewVersion: boolean;
}

export interface DatasetChanges {
  readonly state?: DatasetState | undefined;
  readonly deprecatedBy?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly tags?: DatasetTags | undefined;
  readonly removeTags?: readonly string[] | undefined;
}

/** Datasets: every definition has an id, and some have a name with versions 1, 2, 3, … */
export class Datasets {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Gives a definition an id. The same definition has the same id. */
  async save(workspace: string, definition: DatasetDefinition): Promise<SavedDataset> {
    return toSaved(await this.#database.transact(({ db }) => saveOnce(db, workspace, definition)));
  }

  async get(workspace: string, id: string): Promise<SavedDataset | undefined> {
    const row = await this.#database.db
      .selectFrom("datasets")
      .selectAll()
      .where("workspace", "=", workspace)
      .where("id", "=", id)
      .executeTakeFirst();
    return row && toSaved(row);
  }

  /**
   * Registers a definition under a name. A name that has this definition as its newest version keeps that version; with
   * another one it gets the next version, or throws AlreadyExists unless `createNewVersion`.
   */
  async register(
    workspace: string,
    name: string,
    definition: DatasetDefinition,
    { description, tags, createNewVersion }: DatasetRegistration,
  ): Promise<RegisteredDataset> {
    for (;;) {
      const done = await this.#database.transact(async ({ db }) => {
        const { id } = await saveOnce(db, workspace, definition);
        const last = await newest(db, workspace, name);
        if (last !== undefined && last.dataset_id !== id && !createNewVersion) throw nameTaken(workspace, name, last.version);
        if (last?.dataset_id === id) {
          await change(db, last, { ...(description == null ? {} : { description }), ...(tags == null ? {} : { tags }) });
          return true;
        }
        const row: DatasetVersionRow = {
          workspace,
          name,
          version: (last?.version ?? 0) + 1,
          dataset_id: id,
          description: storableOrNull(description ?? null),
          tags: toJson(tags ?? {}),
          state: last?.state ?? "active",
          deprecated_by: last?.deprecated_by ?? null,
          registered_at: Date.now(),
        };
        const { numInsertedOrUpdatedRows } = await db
          .insertInto("dataset_versions")
          .values(row)
          .onConflict((conflict) => conflict.columns(["workspace", "name", "version"]).doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows === 1n; // else another one registered that version first
      });
      const registered = done ? await this.named(workspace, name) : undefined;
      if (registered !== undefined) return registered;
    }
  }

  /** A version of a registered dataset; without `version` the newest. */
  async named(workspace: string, name: string, version?: number): Promise<RegisteredDataset | undefined> {
    const { db } = this.#database;
    const row = version === undefined ? await newest(db, workspace, name) : await oneVersion(db, workspace, name, version);
    return row && (await withDefinitions(db, [row]))[0];
  }

  /** The newest version that has this dataset. */
  async registrationOf(workspace: string, id: string): Promise<RegisteredDataset | undefined> {
    const { db } = this.#database;
    const row = await db
      .selectFrom("dataset_versions")
      .selectAll()
      .where("workspace", "=", workspace)
      .where("dataset_id", "=", id)
      .orderBy("registered_at", "desc")
      .orderBy("version", "desc")
      .limit(1)
      .executeTakeFirst();
    return row && (await withDefinitions(db, [row]))[0];
  }

  /** Newest first. */
  async versions(workspace: string, name: string): Promise<RegisteredDataset[]> {
    const { db } = this.#database;
    return await withDefinitions(db, await ofName(db, workspace, name).orderBy("version", "desc").execute());
  }

  /** The newest version of each, by name; `after` is the last name of the page before. */
  async list(
    workspace: string,
    page: { readonly limit: number; readonly after?: string | undefined; readonly archived?: boolean },
  ): Promise<Page<RegisteredDataset>> {
    const { db } = this.#database;
    let query = db
      .selectFrom("dataset_versions as v")
      .selectAll()
      .where("workspace", "=", workspace)
      .where((where) => {
        const versions = where
          .selectFrom("dataset_versions as o")
          .select((select) => select.fn.max("o.version").as("newest"))
          .whereRef("o.workspace", "=", "v.workspace")
          .whereRef("o.name", "=", "v.name");
        return where("v.version", "=", versions);
      })
      .orderBy("name")
      .limit(page.limit + 1);
    if (page.after !== undefined) query = query.where("name", ">", page.after);
    if (page.archived !== true) query = query.where("state", "!=", "archived");
    const rows = await query.execute();
    const items = await withDefinitions(db, rows.slice(0, page.limit));
    return { items, next: rows.length > page.limit ? (items.at(-1)?.name ?? null) : null };
  }

  /** Changes the state of a name, and what one version says; undefined when there is none such. */
  async update(
    workspace: string,
    name: string,
    version: number | undefined,
    changes: DatasetChanges,
  ): Promise<RegisteredDataset | undefined> {
    const changed = await this.#database.transact(async ({ db }) => {
      const row = version === undefined ? await newest(db, workspace, name) : await oneVersion(db, workspace, name, version);
      if (row === undefined) return undefined;
      await change(db, row, changes);
      if (changes.state !== undefined) {
        const deprecated_by = changes.state === "deprecated" ? (changes.deprecatedBy ?? null) : null;
        const state = { state: changes.state, deprecated_by };
        await db.updateTable("dataset_versions").set(state).where("workspace", "=", workspace).where("name", "=", name).execute();
      }
      return row.version;
    });
    return changed === undefined ? undefined : await this.named(workspace, name, changed);
  }

  /** Forgets a name with all its versions; false when there is none. The datasets keep their ids. */
  async unregister(workspace: string, name: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.db
      .deleteFrom("dataset_versions")
      .where("workspace", "=", workspace)
      .where("name", "=", name)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }
}

async function saveOnce(db: Queries, workspace: string, definition: DatasetDefinition): Promise<DatasetRow> {
  const text = toJson(inOneOrder(definition));
  const definition_hash = createHash("sha256").update(text).digest("hex");
  await db
    .insertInto("datasets")
    .values({ id: randomUUID(), workspace, definition_hash, definition: text, created_at: Date.now() })
    .onConflict((conflict) => conflict.columns(["workspace", "definition_hash"]).doNothing())
    .execute();
  return await db
    .selectFrom("datasets")
    .selectAll()
    .where("workspace", "=", workspace)
    .where("definition_hash", "=", definition_hash)
    .executeTakeFirstOrThrow();
}

async function change(db: Queries, row: DatasetVersionRow, { description, tags, removeTags = [] }: DatasetChanges): Promise<void> {
  if (description === undefined && tags === undefined && removeTags.length === 0) return;
  const next = { ...fromJson<Record<string, string | null>>(row.tags), ...tags };
  for (const tag of removeTags) delete next[tag];
  await db
    .updateTable("dataset_versions")
    .set({ tags: toJson(next), ...(description === undefined ? {} : { description: storableOrNull(description) }) })
    .where("workspace", "=", row.workspace)
    .where("name", "=", row.name)
    .where("version", "=", row.version)
    .execute();
}

function ofName(db: Queries, workspace: string, name: string) {
  return db.selectFrom("dataset_versions").selectAll().where("workspace", "=", workspace).where("name", "=", name);
}

const newest = (db: Queries, workspace: string, name: string) =>
  ofName(db, workspace, name).orderBy("version", "desc").limit(1).executeTakeFirst();

const oneVersion = (db: Queries, workspace: string, name: string, version: number) =>
  ofName(db, workspace, name).where("version", "=", version).executeTakeFirst();

async function withDefinitions(db: Queries, rows: readonly DatasetVersionRow[]): Promise<RegisteredDataset[]> {
  if (rows.length === 0) return [];
  const ids = [...new Set(rows.map((row) => row.dataset_id))];
  const saved = await db.selectFrom("datasets").selectAll().where("id", "in", ids).execute();
  const byId = new Map(saved.map((row) => [row.id, toSaved(row)]));
  const names = [...new Set(rows.map((row) => row.name))];
  const latest = await db
    .selectFrom("dataset_versions")
    .select((select) => ["name", select.fn.max("version").as("version")])
    .where("workspace", "=", rows[0]?.workspace ?? "")
    .where("name", "in", names)
    .groupBy("name")
    .execute();
  const latestOf = new Map(latest.map((row) => [row.name, Number(row.version)]));
  return rows.flatMap((row) => {
    const dataset = byId.get(row.dataset_id);
    if (dataset === undefined) return [];
    return {
      ...dataset,
      name: row.name,
      version: row.version,
      latestVersion: latestOf.get(row.name) ?? row.version,
      description: row.description,
      tags: fromJson<Record<string, string | null>>(row.tags),
      state: row.state as DatasetState,
      deprecatedBy: row.deprecated_by,
      registeredUtc: new Date(row.registered_at).toISOString(),
    };
  });
}

const toSaved = (row: DatasetRow): SavedDataset => ({
  datasetId: row.id,
  definition: fromJson<DatasetDefinition>(row.definition),
  createdUtc: new Date(row.created_at).toISOString(),
});

function nameTaken(workspace: string, name: string, version: number): AlreadyExists {
  return new AlreadyExists(
    `There is a dataset "${name}" (version ${version}) in workspace "${workspace}" already, and it is another one. Register with create_new_version=True, or choose another name.`,
    { details: { name, version } },
  );
}

/** The same value with the keys of every object sorted: the order of keys does not make another definition. */
function inOneOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOneOrder);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, inOneOrder(inner)]));
}
