import type { VmPriority } from "@switchyard/protocol";
import { sql } from "kysely";
import type { Database, Queries } from "../database/database.ts";
import { fromJson, toJson } from "../database/text.ts";
import { fromNodeRow, type NodeRecord, toNodeRow } from "./record.ts";

/** Whether a cluster is changing its size, since when (ISO 8601), and to what. */
export interface ClusterAllocation {
  readonly state: "Steady" | "Resizing";
  readonly since: string;
  readonly target: number;
}

/** What is saved of a cluster at once: all of it or nothing. */
export interface NodeChanges {
  readonly added?: readonly NodeRecord[];
  readonly replaced?: readonly (readonly [was: NodeRecord, next: NodeRecord])[];
  readonly removed?: readonly NodeRecord[];
  /** runs that nodes are taken back from before they began: nobody may have saved them since */
  readonly takenFrom?: readonly { readonly id: string; readonly version: number }[];
  readonly allocation?: ClusterAllocation;
  /** the cores that all clusters of the workspace may have together, of the priority of the added nodes */
  readonly coreQuota?: number;
}

/** The nodes of managed clusters, and which server drives which cluster. */
export class Nodes {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Lets `holder` alone drive a cluster for `seconds` from now. False while somebody else does. */
  async claim(computeId: string, holder: string, seconds: number): Promise<boolean> {
    const { clock } = this.#database;
    const until = sql<number>`${clock} + ${sql.lit(Math.round(seconds * 1000))}`;
    const { numInsertedOrUpdatedRows } = await this.#database.db
      .insertInto("compute_clusters")
      .values({ compute_id: computeId, holder, held_until: until, allocation: null })
      .onConflict((conflict) =>
        conflict
          .column("compute_id")
          .doUpdateSet({ holder, held_until: until })
          .where((where) => where.or([where("compute_clusters.holder", "=", holder), where("compute_clusters.held_until", "<=", clock)])),
      )
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  }

  /** Lets others drive what this holder drives, for a graceful stop. */
  async release(holder: string): Promise<void> {
    await this.#database.db.updateTable("compute_clusters").set({ holder: null, held_until: 0 }).where("holder", "=", holder).execute();
  }

  /** The nodes of a cluster, oldest first. */
  async of(computeId: string): Promise<NodeRecord[]> {
    const rows = await this.#database.db
      .selectFrom("compute_nodes")
      .selectAll()
      .where("compute_id", "=", computeId)
      .orderBy("created_at")
      .orderBy("id")
      .execute();
    return rows.map(fromNodeRow);
  }

  /** The nodes that a job has, in their order. */
  async ofJob(jobId: string): Promise<NodeRecord[]> {
    const rows = await this.#database.db.selectFrom("compute_nodes").selectAll().where("job_id", "=", jobId).orderBy("place").execute();
    return rows.map(fromNodeRow);
  }

  async allocationOf(computeId: string): Promise<ClusterAllocation | null> {
    const row = await this.#database.db
      .selectFrom("compute_clusters")
      .select("allocation")
      .where("compute_id", "=", computeId)
      .executeTakeFirst();
    return row?.allocation ? fromJson<ClusterAllocation>(row.allocation) : null;
  }

  /** Cores of the nodes of one priority in a workspace, those of one cluster left out. */
  async coresHeld(workspace: string, vmPriority: VmPriority, exceptComputeId: string | null): Promise<number> {
    return await coresHeld(this.#database.db, workspace, vmPriority, exceptComputeId);
  }

  /**
   * Saves what was decided about a cluster. False when `holder` does not drive it any more, when somebody saved meanwhile,
   * or when the added nodes would exceed the quota: load again and decide anew.
   */
  async save(computeId: string, holder: string, changes: NodeChanges): Promise<boolean> {
    try {
      await this.#database.transact(async ({ db }) => {
        await requireHeld(db, this.#database, computeId, holder);
        const { added = [], replaced = [], removed = [], takenFrom = [], allocation, coreQuota } = changes;
        if (added.length > 0) await oneAtATime(db);
        for (const { id, version } of takenFrom) await takeFrom(db, id, version);
        for (const [was, next] of replaced) await replace(db, was, next);
        for (const node of removed) await remove(db, node);
        if (added.length > 0) await db.insertInto("compute_nodes").values(added.map(toNodeRow)).execute();
        if (coreQuota !== undefined) await requireQuota(db, added, coreQuota);
        if (allocation !== undefined) {
          const text = toJson(allocation);
          await db.updateTable("compute_clusters").set({ allocation: text }).where("compute_id", "=", computeId).execute();
        }
      });
      return true;
    } catch (error) {
      if (error === STALE) return false;
      throw error;
    }
  }

  /** Forgets a cluster whose nodes are gone. Throws when it has some. */
  async forget(computeId: string): Promise<void> {
    await this.#database.transact(async ({ db }) => {
      const left = await db.selectFrom("compute_nodes").select("id").where("compute_id", "=", computeId).executeTakeFirst();
      if (left !== undefined) throw new Error(`Cluster ${computeId} cannot be forgotten: it has node ${left.id}.`);
      await db.deleteFrom("compute_clusters").where("compute_id", "=", computeId).execute();
    });
  }
}

/** Undoes a transaction whose facts were out of date. */
const STALE = new Error("Somebody saved meanwhile.");

async function requireHeld(db: Queries, { clock }: Database, computeId: string, holder: string): Promise<void> {
  // written, so that nobody can take the cluster over before this is committed
  const { numUpdatedRows } = await db
    .updateTable("compute_clusters")
    .set({ holder })
    .where("compute_id", "=", computeId)
    .where("holder", "=", holder)
    .where("held_until", ">", clock)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw STALE;
}

/** Those who make nodes wait for each other: they share a quota. */
async function oneAtATime(db: Queries): Promise<void> {
  await db
    .updateTable("counters")
    .set((set) => ({ value: set("value", "+", 1) }))
    .where("name", "=", "nodes")
    .execute();
}

/** Whoever is about to start the run is told no, and looks again. */
async function takeFrom(db: Queries, runId: string, version: number): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable("runs")
    .set({ version: version + 1 })
    .where("id", "=", runId)
    .where("version", "=", version)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw STALE;
}

async function replace(db: Queries, was: NodeRecord, next: NodeRecord): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable("compute_nodes")
    .set({ ...toNodeRow(next), version: was.version + 1 })
    .where("id", "=", was.id)
    .where("version", "=", was.version)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw STALE;
}

async function remove(db: Queries, node: NodeRecord): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom("compute_nodes")
    .where("id", "=", node.id)
    .where("version", "=", node.version)
    .executeTakeFirst();
  if (numDeletedRows !== 1n) throw STALE;
}

async function requireQuota(db: Queries, added: readonly NodeRecord[], quota: number): Promise<void> {
  const [first] = added;
  if (first !== undefined && (await coresHeld(db, first.workspace, first.vmPriority, null)) > quota) throw STALE;
}

/** A preempted node is only shown: it is gone. */
async function coresHeld(db: Queries, workspace: string, vmPriority: VmPriority, exceptComputeId: string | null): Promise<number> {
  let query = db
    .selectFrom("compute_nodes")
    .select((select) => select.fn.sum<number | string | null>("cores").as("cores"))
    .where("workspace", "=", workspace)
    .where("vm_priority", "=", vmPriority)
    .where("state", "!=", "preempted");
  if (exceptComputeId !== null) query = query.where("compute_id", "!=", exceptComputeId);
  return Number((await query.executeTakeFirst())?.cores ?? 0);
}
