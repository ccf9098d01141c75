import { failPoint, type JsonObject, type Page, type RunStatus, type RunsQuery, type TimelineEntry } from "@switchyard/protocol";
import { sql } from "kysely";
import type { Database, Work } from "../database/database.ts";
import type { IdempotencyClaim } from "../idempotency/idempotency.ts";
import { createRun, findRun, type NewRun } from "./create.ts";
import { deleteTags, type Properties, type Tags, writeProperties, writeTags } from "./labels.ts";
import { listRuns } from "./list/list.ts";
import { runMissing } from "./missing.ts";
import type { RunRecord } from "./record.ts";
import { replaceRun } from "./replace.ts";
import { fromRow, RECORD_COLUMNS } from "./row.ts";
import { definitionsOf, type RunStanding, standingOn } from "./standing.ts";
import { addTimeline, type NewTimelineEntry, readTimeline } from "./timeline.ts";
import { type RunView, viewsOf } from "./view.ts";

/** The runs: what a person asked for, and what became of it. */
export class Runs {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Creates a run with its number, labels, timeline and change event in one transaction. The same idempotency claim
   * answers the first run again. Throws AlreadyExists, IdempotencyMismatch.
   */
  async create(run: NewRun, idempotency?: IdempotencyClaim): Promise<RunRecord> {
    const record = await this.#database.transact((work) => createRun(work, run, idempotency));
    failPoint("submit.after-commit");
    return record;
  }

  async get(id: string): Promise<RunRecord | undefined> {
    return await findRun(this.#database.db, id);
  }

  /**
   * Saves what `next` changes of `was`, unless someone saved after `was` was read. On `false`, load again and decide
   * anew. What is saved has the version `was.version + 1`.
   */
  async replace(was: RunRecord, next: RunRecord, timeline: readonly NewTimelineEntry[] = []): Promise<boolean> {
    return await this.#database.transact(async (work) => {
      if (!(await replaceRun(work, was, next))) return false;
      await addTimeline(work.db, was.id, timeline);
      return true;
    });
  }

  async view(id: string): Promise<RunView | undefined> {
    return (await this.views([id]))[0];
  }

  /** In the order asked for; ids without a run are left out. */
  async views(ids: readonly string[]): Promise<RunView[]> {
    if (ids.length === 0) return [];
    const rows = await this.#database.db.selectFrom("runs").select(RECORD_COLUMNS).where("id", "in", ids).execute();
    const views = await viewsOf(this.#database.db, rows.map(fromRow));
    const byId = new Map(views.map((view) => [view.record.id, view]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  /** A page of a workspace's runs. Pages follow each other by key: a run made meanwhile shifts nothing. */
  async list(workspace: string, query: RunsQuery): Promise<Page<RunView>> {
    const { ids, next } = await listRuns(this.#database, workspace, query);
    return { items: await this.views(ids), next };
  }

  /** Children of a run in the order they were made; with `recursive`, all its descendants. */
  async children(id: string, recursive = false): Promise<RunRecord[]> {
    const { db } = this.#database;
    const columns = RECORD_COLUMNS.map((name) => `runs.${name}` as const);
    if (!recursive) {
      const rows = await db.selectFrom("runs").select(columns).where("parent_id", "=", id).orderBy("created_at").orderBy("id").execute();
      return rows.map(fromRow);
    }
    const rows = await db
      .withRecursive("family(id)", (with_) =>
        with_
          .selectFrom("runs")
          .select("runs.id")
          .where("parent_id", "=", id)
          .union(with_.selectFrom("runs").innerJoin("family", "family.id", "runs.parent_id").select("runs.id")),
      )
      .selectFrom("family")
      .innerJoin("runs", "runs.id", "family.id")
      .select(columns)
      .orderBy("runs.created_at")
      .orderBy("runs.id")
      .execute();
    return rows.map(fromRow);
  }

  /** When something last came of a run or its descendants: a value, an event, a child's start or end. */
  async lastSignOf({ id, createdAt }: RunRecord): Promise<Date> {
    const family = sql`(select id from runs where id = ${id} or root_id = ${id})`;
    const { rows } = await sql<{ at: number | null }>`
      select max(at) as at from (
        select max(newest_time) as at from metric_series where run_id in ${family}
        union all select max(at) from run_timeline where run_id in ${family}
        union all select max(coalesce(ended_at, started_at, created_at)) from runs where id in ${family}
      ) as signs`.execute(this.#database.db);
    return new Date(rows[0]?.at ?? createdAt);
  }

  async timeline(id: string): Promise<TimelineEntry[]> {
    return await readTimeline(this.#database.db, id);
  }

  async addTimeline(id: string, entries: readonly NewTimelineEntry[]): Promise<void> {
    await addTimeline(this.#database.db, id, entries);
  }

  /** Ids of the runs on a compute target that are not over, oldest first. */
  async openOn(workspace: string, target: string, limit: number): Promise<string[]> {
    const rows = await this.#database.db
      .selectFrom("runs")
      .select("id")
      .where("attention", "=", "open")
      .where("workspace", "=", workspace)
      .where("target", "=", target)
      .orderBy("created_at")
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id);
  }

  /** Where the runs on a compute target stand that are not over, and those with the given ids, over or not; oldest first. */
  async standingOn(workspace: string, target: string, alsoIds: readonly string[]): Promise<RunStanding[]> {
    return await standingOn(this.#database.db, workspace, target, alsoIds);
  }

  /** The run configurations of these runs. */
  async definitionsOf(ids: readonly string[]): Promise<ReadonlyMap<string, JsonObject>> {
    return await definitionsOf(this.#database.db, ids);
  }

  /** How many runs there are by the status people see; statuses that no run has are left out. */
  async countByStatus(): Promise<Partial<Record<RunStatus, number>>> {
    const rows = await this.#database.db
      .selectFrom("runs")
      .select((select) => ["status", select.fn.countAll<number>().as("runs")])
      .groupBy("status")
      .execute();
    return Object.fromEntries(rows.map((row) => [row.status, Number(row.runs)]));
  }

  /**
   * What the owner has to look after: its runs that are not ended, oldest first, then those that ended at or before
   * `endedBefore` and whose directory is still on the compute (they have a handle and no `removedAt`).
   */
  async due(owner: string, endedBefore: Date, limit: number): Promise<RunRecord[]> {
    const mine = this.#database.db.selectFrom("runs").select(RECORD_COLUMNS).where("owner", "=", owner);
    const open = await mine.where("attention", "=", "open").orderBy("created_at").limit(limit).execute();
    if (open.length === limit) return open.map(fromRow);
    const removable = await mine
      .where("attention", "=", "removable")
      .where("ended_at", "<=", endedBefore.getTime())
      .orderBy("ended_at")
      .limit(limit - open.length)
      .execute();
    return [...open, ...removable].map(fromRow);
  }

  async setTags(id: string, tags: Tags): Promise<void> {
    await this.#labeled(id, ({ db }) => writeTags(db, id, tags));
  }

  async removeTags(id: string, names: readonly string[]): Promise<void> {
    await this.#labeled(id, ({ db }) => deleteTags(db, id, names));
  }

  /** Adds properties; the first value of each stays. Returns the names that already had another value. */
  async addProperties(id: string, properties: Properties): Promise<string[]> {
    return await this.#labeled(id, ({ db }) => writeProperties(db, id, properties));
  }

  /** Tells whoever follows the run that these files of it changed. */
  async announceFiles(id: string, names: readonly string[]): Promise<void> {
    await this.#database.transact(async ({ db, announce }) => {
      const { workspace } = await db.selectFrom("runs").select("workspace").where("id", "=", id).executeTakeFirstOrThrow(runMissing(id));
      announce({ kind: "files", workspace, runId: id, names });
    });
  }

  async #labeled<T>(id: string, change: (work: Work) => Promise<T>): Promise<T> {
    return await this.#database.transact(async (work) => {
      const { workspace } = await work.db
        .selectFrom("runs")
        .select("workspace")
        .where("id", "=", id)
        .executeTakeFirstOrThrow(runMissing(id));
      const result = await change(work);
      work.announce({ kind: "run", workspace, runId: id, names: [] });
      return result;
    });
  }
}
