import { AlreadyExists, BUILT_IN_DATASTORES, type DatastoreKind, type JsonObject } from "@switchyard/protocol";
import type { Database, Queries } from "../database/database.ts";
import type { DatastoreRow } from "../database/schema/data.ts";
import { fromJson, storable, toJson } from "../database/text.ts";

/** Storage that a workspace knows by a name. */
export interface DatastoreRecord {
  readonly workspace: string;
  readonly name: string;
  readonly kind: DatastoreKind;
  readonly settings: JsonObject;
  /** encrypted; only the server can read it */
  readonly secret: string | null;
  readonly createdBy: string | null;
  /** null for those that every workspace has */
  readonly createdAt: Date | null;
}

/** Datastores by workspace and name, without regard to case. Those that every workspace has are no rows. */
export class Datastores {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps a record. Throws AlreadyExists when the name is taken, unless `overwrite`, which replaces it whole. */
  async register(record: DatastoreRecord, overwrite: boolean): Promise<void> {
    const row = toRow(record);
    const kept = await this.#database.db
      .insertInto("datastores")
      .values(row)
      .onConflict((conflict) => {
        const taken = conflict.columns(["workspace", "name_key"]);
        return overwrite ? taken.doUpdateSet(row) : taken.doNothing();
      })
      .executeTakeFirstOrThrow();
    if (kept.numInsertedOrUpdatedRows === 1n) return;
    throw new AlreadyExists(
      `There is a datastore "${record.name}" in workspace "${record.workspace}" already. Choose another name, or say that it is to be overwritten.`,
      { details: { name: record.name } },
    );
  }

  async get(workspace: string, name: string): Promise<DatastoreRecord | undefined> {
    const builtIn = builtInOf(workspace, name);
    if (builtIn !== undefined) return builtIn;
    const row = await this.#database.db
      .selectFrom("datastores")
      .selectAll()
      .where("workspace", "=", workspace)
      .where("name_key", "=", keyOf(name))
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** By name. */
  async list(workspace: string): Promise<DatastoreRecord[]> {
    const rows = await this.#database.db.selectFrom("datastores").selectAll().where("workspace", "=", workspace).execute();
    const builtIn = BUILT_IN_DATASTORES.flatMap((name) => builtInOf(workspace, name) ?? []);
    return [...builtIn, ...rows.map(fromRow)].sort((a, b) => (keyOf(a.name) < keyOf(b.name) ? -1 : 1));
  }

  /** Forgets a record; false when there is none. A default that goes leaves the workspace with its first one. */
  async unregister(workspace: string, name: string): Promise<boolean> {
    return await this.#database.transact(async ({ db }) => {
      const at = { workspace, name_key: keyOf(name) };
      await forgetDefault(db, at);
      const { numDeletedRows } = await db
        .deleteFrom("datastores")
        .where("workspace", "=", at.workspace)
        .where("name_key", "=", at.name_key)
        .executeTakeFirst();
      return numDeletedRows === 1n;
    });
  }

  /** The name of the workspace's default; one that is gone meanwhile does not count. */
  async defaultName(workspace: string): Promise<string> {
    const { db } = this.#database;
    const row = await db.selectFrom("default_datastores").select("name_key").where("workspace", "=", workspace).executeTakeFirst();
    const chosen = row && (await this.get(workspace, row.name_key));
    return chosen?.name ?? BUILT_IN_DATASTORES[0];
  }

  async setDefault(workspace: string, name: string): Promise<void> {
    const row = { workspace, name_key: keyOf(name) };
    await this.#database.db
      .insertInto("default_datastores")
      .values(row)
      .onConflict((conflict) => conflict.column("workspace").doUpdateSet(row))
      .execute();
  }
}

/** How names are compared. */
export const keyOf = (name: string): string => name.toLowerCase();

function builtInOf(workspace: string, name: string): DatastoreRecord | undefined {
  const found = BUILT_IN_DATASTORES.find((each) => each === keyOf(name));
  return found && { workspace, name: found, kind: "managed", settings: {}, secret: null, createdBy: null, createdAt: null };
}

async function forgetDefault(db: Queries, { workspace, name_key }: { workspace: string; name_key: string }): Promise<void> {
  await db.deleteFrom("default_datastores").where("workspace", "=", workspace).where("name_key", "=", name_key).execute();
}

function toRow(record: DatastoreRecord): DatastoreRow {
  return {
    workspace: record.workspace,
    name_key: keyOf(record.name),
    name: record.name,
    kind: record.kind,
    settings: toJson(record.settings),
    secret: record.secret,
    created_by: record.createdBy === null ? null : storable(record.createdBy),
    created_at: (record.createdAt ?? new Date()).getTime(),
  };
}

function fromRow(row: DatastoreRow): DatastoreRecord {
  return {
    workspace: row.workspace,
    name: row.name,
    kind: row.kind as DatastoreKind,
    settings: fromJson<JsonObject>(row.settings),
    secret: row.secret,
    createdBy: row.created_by,
    createdAt: new Date(row.created_at),
  };
}
