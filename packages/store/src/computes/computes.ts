import { AlreadyExists, Conflict } from "@switchyard/protocol";
import type { Database, Queries, Work } from "../database/database.ts";
import { type ComputeRecord, fromComputeRow, toComputeRow } from "./record.ts";

/** Compute targets by workspace and name; names are compared without regard to case. */
export class Computes {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Keeps a new target. Throws AlreadyExists when its name is taken, Conflict when what it attaches is attached already;
   * both name the target that is in the way.
   */
  async create(record: ComputeRecord): Promise<void> {
    await this.#database.transact(async (work) => {
      const { numInsertedOrUpdatedRows } = await work.db
        .insertInto("computes")
        .values(toComputeRow(record))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows !== 1n) throw await whyTaken(work.db, record);
      tell(work, record);
    });
  }

  async get(workspace: string, name: string): Promise<ComputeRecord | undefined> {
    const row = await byName(this.#database.db, workspace, name);
    return row && fromComputeRow(row);
  }

  /** Of one workspace, or of all; by name. */
  async list(workspace?: string): Promise<ComputeRecord[]> {
    let query = this.#database.db.selectFrom("computes").selectAll();
    if (workspace !== undefined) query = query.where("workspace", "=", workspace);
    return (await query.orderBy("workspace").orderBy("name_key").execute()).map(fromComputeRow);
  }

  /** Saves `next` unless someone saved after `was` was read. On `false`, load again and decide anew. */
  async replace(was: ComputeRecord, next: ComputeRecord): Promise<boolean> {
    return await this.#database.transact(async (work) => {
      const { numUpdatedRows } = await work.db
        .updateTable("computes")
        .set({ ...toComputeRow(next), version: was.version + 1 })
        .where("id", "=", was.id)
        .where("version", "=", was.version)
        .executeTakeFirst();
      if (numUpdatedRows === 1n) tell(work, next);
      return numUpdatedRows === 1n;
    });
  }

  /** Forgets a target unless someone saved after `was` was read. */
  async remove(was: ComputeRecord): Promise<boolean> {
    return await this.#database.transact(async (work) => {
      const { numDeletedRows } = await work.db
        .deleteFrom("computes")
        .where("id", "=", was.id)
        .where("version", "=", was.version)
        .executeTakeFirst();
      if (numDeletedRows === 1n) tell(work, was);
      return numDeletedRows === 1n;
    });
  }
}

function byName(db: Queries, workspace: string, name: string) {
  return db
    .selectFrom("computes")
    .selectAll()
    .where("workspace", "=", workspace)
    .where("name_key", "=", name.toLowerCase())
    .executeTakeFirst();
}

async function whyTaken(db: Queries, { workspace, name, resource }: ComputeRecord): Promise<Error> {
  const named = await byName(db, workspace, name);
  if (named !== undefined) {
    const way = named.attached === 1 ? "detach" : "delete";
    return new AlreadyExists(
      `There is a compute target "${named.name}" (${named.type}) in workspace "${workspace}" already. Choose another name, or ${way} that one first.`,
      { details: { name: named.name, type: named.type } },
    );
  }
  const other = await db
    .selectFrom("computes")
    .selectAll()
    .where("workspace", "=", workspace)
    .where("resource", "=", resource)
    .executeTakeFirst();
  return new Conflict(
    `${resource} is already attached to workspace "${workspace}" as "${other?.name}". One machine under two names would break the earlier one: use that name, or detach it first.`,
    { details: { name: other?.name, resource } },
  );
}

function tell({ announce }: Work, { workspace, name }: ComputeRecord): void {
  announce({ kind: "compute", workspace, runId: "", names: [name] });
}
