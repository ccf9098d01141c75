import { AlreadyExists, NotFound } from "@switchyard/protocol";
import type { Database, Queries } from "../database/database.ts";
import { fromJson } from "../database/text.ts";
import { claimKey, type IdempotencyClaim } from "../idempotency/idempotency.ts";
import { fromServiceRow, type ServiceRecord, toServiceRow } from "./record.ts";
import { forgetModels, useModels } from "./uses.ts";

/** Web services by workspace and name. One that is being deleted has given its name and its models back. */
export class Services {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Keeps a new service, or finds the one that the same request made before. Throws AlreadyExists, and NotFound when a model that
   * it uses is not there.
   */
  async create(record: ServiceRecord, idempotency?: IdempotencyClaim): Promise<ServiceRecord> {
    return await this.#database.transact(async ({ db }) => {
      const earlier = idempotency && (await claimKey(db, idempotency, record.id));
      if (earlier !== undefined) return await requireById(db, fromJson<string>(earlier), record.name);
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("services")
        .values(toServiceRow(record))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows !== 1n) {
        throw new AlreadyExists(
          `There is a web service "${record.name}" in workspace "${record.workspace}" already. Choose another name, update it, or deploy with overwrite.`,
          { details: { name: record.name } },
        );
      }
      await useModels(db, record);
      return record;
    });
  }

  /** The service of this name that is not being deleted. */
  async get(workspace: string, name: string): Promise<ServiceRecord | undefined> {
    const row = await this.#database.db
      .selectFrom("services")
      .selectAll()
      .where("workspace", "=", workspace)
      .where("live_name", "=", name)
      .executeTakeFirst();
    return row && fromServiceRow(row);
  }

  /** Throws NotFound. */
  async require(workspace: string, name: string): Promise<ServiceRecord> {
    const found = await this.get(workspace, name);
    if (found !== undefined) return found;
    throw new NotFound(`There is no web service "${name}" in workspace "${workspace}".`, { details: { name } });
  }

  async byId(id: string): Promise<ServiceRecord | undefined> {
    return await findById(this.#database.db, id);
  }

  /** Those of a workspace that are not being deleted, by name. */
  async list(workspace: string): Promise<ServiceRecord[]> {
    const query = this.#database.db.selectFrom("services").selectAll().where("workspace", "=", workspace);
    return (await query.where("live_name", "is not", null).orderBy("name").execute()).map(fromServiceRow);
  }

  /** Those of all workspaces that have this name. */
  async named(name: string): Promise<ServiceRecord[]> {
    const query = this.#database.db.selectFrom("services").selectAll().where("live_name", "=", name);
    return (await query.orderBy("workspace").execute()).map(fromServiceRow);
  }

  /** All that one server looks after, those that are being deleted too. */
  async ofInstance(instance: string): Promise<ServiceRecord[]> {
    const query = this.#database.db.selectFrom("services").selectAll().where("instance", "=", instance);
    return (await query.orderBy("id").execute()).map(fromServiceRow);
  }

  /** Saves `next` unless someone saved after `was` was read. On `false`, load again and decide anew. */
  async replace(was: ServiceRecord, next: ServiceRecord): Promise<boolean> {
    return await this.#database.transact(async ({ db }) => {
      const { numUpdatedRows } = await db
        .updateTable("services")
        .set({ ...toServiceRow(next), version: was.version + 1 })
        .where("id", "=", was.id)
        .where("version", "=", was.version)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return false;
      if (next.deletedAt !== null) await forgetModels(db, was.id);
      else if (was.definition !== next.definition) {
        await forgetModels(db, was.id);
        await useModels(db, next);
      }
      return true;
    });
  }

  /** Forgets a service whose processes are gone, unless someone saved after `was` was read. */
  async remove(was: ServiceRecord): Promise<boolean> {
    return await this.#database.transact(async ({ db }) => {
      const gone = db.deleteFrom("services").where("id", "=", was.id).where("version", "=", was.version);
      if ((await gone.executeTakeFirst()).numDeletedRows !== 1n) return false;
      await forgetModels(db, was.id);
      return true;
    });
  }
}

async function findById(db: Queries, id: string): Promise<ServiceRecord | undefined> {
  const row = await db.selectFrom("services").selectAll().where("id", "=", id).executeTakeFirst();
  return row && fromServiceRow(row);
}

async function requireById(db: Queries, id: string, name: string): Promise<ServiceRecord> {
  const found = await findById(db, id);
  if (found !== undefined) return found;
  throw new NotFound(`The web service "${name}" that this request deployed before was deleted meanwhile.`, { details: { name } });
}
