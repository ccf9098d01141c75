import { randomUUID } from "node:crypto";
import { Conflict, NotFound, type WorkspaceDetails } from "@switchyard/protocol";
import type { Database, Queries } from "../database/database.ts";
import { fromJson, toJson } from "../database/text.ts";
import { removeRowsOf } from "./remove.ts";

export interface WorkspaceRecord {
  readonly name: string;
  readonly id: string;
  readonly createdAt: Date;
  readonly details: WorkspaceDetails;
}

/** What a workspace is when nobody said anything of it. */
const PLAIN: WorkspaceDetails = {
  friendlyName: null,
  description: null,
  location: null,
  sku: "basic",
  imageBuildCompute: null,
  tags: {},
};

/** The top-level places that runs, environments and snapshots belong to. */
export class Workspaces {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes the workspace unless it exists; `created` says which. One that exists keeps its own details. */
  async ensure(name: string, details: Partial<WorkspaceDetails> = {}): Promise<WorkspaceRecord & { readonly created: boolean }> {
    const { numInsertedOrUpdatedRows } = await this.#database.db
      .insertInto("workspaces")
      .values({ name, id: randomUUID(), created_at: Date.now(), details: toJson(details) })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .executeTakeFirstOrThrow();
    const workspace = (await this.get(name)) as WorkspaceRecord;
    return { ...workspace, created: numInsertedOrUpdatedRows === 1n };
  }

  async get(name: string): Promise<WorkspaceRecord | undefined> {
    return find(this.#database.db, name);
  }

  async list(): Promise<WorkspaceRecord[]> {
    const rows = await this.#database.db.selectFrom("workspaces").selectAll().orderBy("name").execute();
    return rows.map(toRecord);
  }

  /** Changes the details to what `next` makes of them: again, when somebody else changed them meanwhile. */
  async update(name: string, next: (was: WorkspaceDetails) => WorkspaceDetails): Promise<WorkspaceRecord> {
    for (;;) {
      const row = await this.#database.db.selectFrom("workspaces").selectAll().where("name", "=", name).executeTakeFirst();
      if (row === undefined) throw missing(name);
      const details = next(toRecord(row).details);
      const { numUpdatedRows } = await this.#database.db
        .updateTable("workspaces")
        .set({ details: toJson(details) })
        .where("name", "=", name)
        .where("details", "=", row.details)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 1n) return { ...toRecord(row), details };
    }
  }

  /**
   * Removes a workspace; with `everything` also what is in it. What comes back are the names that files are kept under: of runs, and of
   * logged models without a run. Conflict while runs are on their way, while compute targets are there and, without `everything`, while
   * it holds runs, models or secrets.
   */
  async remove(name: string, everything: boolean): Promise<string[]> {
    return this.#database.transact(async ({ db }) => {
      if ((await find(db, name)) === undefined) throw missing(name);
      const runs = await db.selectFrom("runs").select(["id", "state"]).where("workspace", "=", name).execute();
      const active = runs.filter((run) => run.state !== "ended").length;
      if (active > 0) throw new Conflict(`Workspace "${name}" has ${active} runs on their way. Cancel them, or wait for their end.`);
      const targets = await db.selectFrom("computes").select("name").where("workspace", "=", name).execute();
      if (targets.length > 0) {
        const names = targets.map((target) => target.name).join(", ");
        throw new Conflict(`Workspace "${name}" has compute targets: ${names}. Delete or detach them first.`);
      }
      const services = await db.selectFrom("services").select("name").where("workspace", "=", name).execute();
      if (services.length > 0) {
        const names = services.map((service) => service.name).join(", ");
        throw new Conflict(`Workspace "${name}" has web services: ${names}. Delete them first.`);
      }
      const held = everything ? [] : await heldBy(db, name, runs.length);
      if (held.length > 0) {
        throw new Conflict(
          `Workspace "${name}" holds ${held.join(", ")}, which would be lost. Ask for everything in it to go, or keep it.`,
        );
      }
      const models = await db.selectFrom("logged_models").select("id").where("workspace", "=", name).execute();
      await removeRowsOf(db, name);
      await db.deleteFrom("workspaces").where("name", "=", name).execute();
      return [...runs, ...models].map(({ id }) => id);
    });
  }
}

/** What would be lost with a workspace, in words. */
async function heldBy(db: Queries, name: string, runs: number): Promise<string[]> {
  const held = runs > 0 ? [`${runs} runs`] : [];
  for (const table of ["models", "secrets"] as const) {
    const { count } = await db
      .selectFrom(table)
      .select((select) => select.fn.countAll<number>().as("count"))
      .where("workspace", "=", name)
      .executeTakeFirstOrThrow();
    if (Number(count) > 0) held.push(`${count} ${table}`);
  }
  return held;
}

const missing = (name: string) => new NotFound(`There is no workspace "${name}".`);

async function find(db: Queries, name: string): Promise<WorkspaceRecord | undefined> {
  const row = await db.selectFrom("workspaces").selectAll().where("name", "=", name).executeTakeFirst();
  return row && toRecord(row);
}

function toRecord(row: { name: string; id: string; created_at: number; details: string }): WorkspaceRecord {
  const details = fromJson<Partial<WorkspaceDetails>>(row.details);
  return { name: row.name, id: row.id, createdAt: new Date(row.created_at), details: { ...PLAIN, ...details } };
}
