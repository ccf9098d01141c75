import type { EnvironmentDefinition, RegisteredEnvironment } from "@switchyard/protocol";
import type { Database, Queries } from "../database/database.ts";
import type { EnvironmentRow } from "../database/schema/workspaces.ts";
import { fromJson, toJson } from "../database/text.ts";

/** Environments by name and version ("1", "2", …). */
export class Environments {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Registers a definition under its name: the newest version when that has the same definition, else the next one. */
  async register(workspace: string, definition: EnvironmentDefinition, hash: string): Promise<RegisteredEnvironment> {
    const { version: _, ...unversioned } = definition;
    const text = toJson(inOneOrder(unversioned));
    for (;;) {
      const row = await this.#database.transact(({ db }) => registerOnce(db, workspace, definition.name, hash, text));
      if (row) return toRegistered(row);
    }
  }

  /** Without `version` the newest one. */
  async get(workspace: string, name: string, version?: string): Promise<RegisteredEnvironment | undefined> {
    const row = version === undefined ? await newest(this.#database.db, workspace, name) : await this.#one(workspace, name, version);
    return row && toRegistered(row);
  }

  /** The newest version of each, by name. */
  async list(workspace: string): Promise<RegisteredEnvironment[]> {
    const rows = await this.#database.db
      .selectFrom("environments as e")
      .selectAll()
      .where("workspace", "=", workspace)
      .where((where) => {
        const versions = where
          .selectFrom("environments as o")
          .select((select) => select.fn.max("o.version").as("newest"))
          .whereRef("o.workspace", "=", "e.workspace")
          .whereRef("o.name", "=", "e.name");
        return where("e.version", "=", versions);
      })
      .orderBy("name")
      .execute();
    return rows.map(toRegistered);
  }

  /** All versions, newest first. */
  async versions(workspace: string, name: string): Promise<RegisteredEnvironment[]> {
    const rows = await ofName(this.#database.db, workspace, name).orderBy("version", "desc").execute();
    return rows.map(toRegistered);
  }

  /** Every build name (hash) that some version has: what pruning may not forget. */
  async hashes(): Promise<string[]> {
    const rows = await this.#database.db.selectFrom("environments").select("hash").distinct().execute();
    return rows.map((row) => row.hash);
  }

  async #one(workspace: string, name: string, version: string): Promise<EnvironmentRow | undefined> {
    if (!/^[1-9][0-9]{0,8}$/.test(version)) return undefined;
    return await ofName(this.#database.db, workspace, name).where("version", "=", Number(version)).executeTakeFirst();
  }
}

function ofName(db: Queries, workspace: string, name: string) {
  return db.selectFrom("environments").selectAll().where("workspace", "=", workspace).where("name", "=", name);
}

const newest = (db: Queries, workspace: string, name: string) =>
  ofName(db, workspace, name).orderBy("version", "desc").limit(1).executeTakeFirst();

/** Undefined when another one registered the next version first. */
async function registerOnce(db: Queries, workspace: string, name: string, hash: string, definition: string) {
  const last = await newest(db, workspace, name);
  if (last?.definition === definition && last.hash === hash) return last;
  const row: EnvironmentRow = { workspace, name, version: (last?.version ?? 0) + 1, hash, created_at: Date.now(), definition };
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("environments")
    .values(row)
    .onConflict((conflict) => conflict.columns(["workspace", "name", "version"]).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n ? row : undefined;
}

function toRegistered(row: EnvironmentRow): RegisteredEnvironment {
  const version = String(row.version);
  const definition = { ...fromJson<EnvironmentDefinition>(row.definition), version };
  return { name: row.name, version, hash: row.hash, createdUtc: new Date(row.created_at).toISOString(), definition };
}

/** The same value with the keys of every object sorted: the order of keys does not make another definition. */
function inOneOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOneOrder);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, inOneOrder(inner)]));
}
