import type { JsonObject } from "@switchyard/protocol";
import { sql } from "kysely";
import type { Database, Queries, Work } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import { fromJson, toJson } from "../database/text.ts";
import type { IdempotencyClaim } from "../idempotency/idempotency.ts";
import { createRun, type NewRun } from "../runs/create.ts";
import { type Properties, writeProperties } from "../runs/labels.ts";
import type { RunRecord } from "../runs/record.ts";
import { replaceRun } from "../runs/replace.ts";
import { addTimeline, type NewTimelineEntry } from "../runs/timeline.ts";
import { readSeriesOf, readValuesFrom, type TrialSeries } from "./observations.ts";
import { standingOfTrials, type TrialStanding } from "./standing.ts";

/** A sweep as its row says: the journal says all else. */
export interface SweepRecord {
  readonly runId: string;
  readonly workspace: string;
  /** how many entries its journal has */
  readonly entries: number;
  readonly isOpen: boolean;
}

/** An entry of a sweep's journal; `entry` is what the engine wrote. */
export interface StoredEntry {
  readonly number: number;
  readonly at: Date;
  readonly entry: JsonObject;
}

/** What becomes of the parent run together with new entries: all of it or nothing. */
export interface ParentChange {
  readonly was: RunRecord;
  readonly next: RunRecord;
  readonly timeline?: readonly NewTimelineEntry[];
  readonly properties?: Properties;
  /** properties that a sweep which goes on may say anew */
  readonly forget?: readonly string[];
}

/** What is appended to a journal. */
export interface SweepAppend {
  /** how many entries the writer has read: nobody may have appended since */
  readonly after: number;
  readonly entries: readonly JsonObject[];
  readonly at: Date;
  /** the server that drives the sweep; null: a person's wish, which everybody may append */
  readonly holder: string | null;
  /** whether the sweep has yet to come to its end; absent: as it was */
  readonly isOpen?: boolean;
  readonly parent?: ParentChange;
}

/** Sweeps and their journals. A journal only grows, and whoever appends to it has read all of it. */
export class Sweeps {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Creates the parent run and the sweep with the first entries of its journal. The same claim answers the first run again. */
  async create(run: NewRun, entries: readonly JsonObject[], idempotency?: IdempotencyClaim): Promise<RunRecord> {
    return await this.#database.transact(async (work) => {
      const record = await createRun(work, run, idempotency);
      if (record.id !== run.id) return record;
      const { id, workspace, createdAt } = run;
      const row = {
        run_id: id,
        workspace,
        entries: entries.length,
        is_open: 1,
        holder: null,
        held_until: 0,
        created_at: createdAt.getTime(),
      };
      const { numInsertedOrUpdatedRows } = await work.db
        .insertInto("sweeps")
        .values(row)
        .onConflict((conflict) => conflict.column("run_id").doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows === 1n) await insertEntries(work.db, id, 0, createdAt, entries);
      return record;
    });
  }

  async get(runId: string): Promise<SweepRecord | undefined> {
    const row = await this.#database.db.selectFrom("sweeps").selectAll().where("run_id", "=", runId).executeTakeFirst();
    return row && { runId, workspace: row.workspace, entries: row.entries, isOpen: row.is_open === 1 };
  }

  /** Sweeps that have yet to come to their end, oldest first. */
  async open(): Promise<string[]> {
    const rows = await this.#database.db.selectFrom("sweeps").select("run_id").where("is_open", "=", 1).orderBy("created_at").execute();
    return rows.map((row) => row.run_id);
  }

  /** Entries of a journal from `from` on, in order. */
  async entries(runId: string, from = 0, limit = Number.MAX_SAFE_INTEGER): Promise<StoredEntry[]> {
    const rows = await this.#database.db
      .selectFrom("sweep_entries")
      .selectAll()
      .where("run_id", "=", runId)
      .where("number", ">=", from)
      .orderBy("number")
      .limit(limit)
      .execute();
    return rows.map((row) => ({ number: row.number, at: new Date(row.at), entry: fromJson<JsonObject>(row.entry) }));
  }

  /** Lets `holder` alone drive a sweep for `seconds` from now. False while somebody else does, or when there is nothing to drive. */
  async claim(runId: string, holder: string, seconds: number): Promise<boolean> {
    const { clock } = this.#database;
    const { numUpdatedRows } = await this.#database.db
      .updateTable("sweeps")
      .set({ holder, held_until: sql<number>`${clock} + ${sql.lit(Math.round(seconds * 1000))}` })
      .where("run_id", "=", runId)
      .where("is_open", "=", 1)
      .where((where) => where.or([where("holder", "is", null), where("holder", "=", holder), where("held_until", "<=", clock)]))
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Lets others drive what this holder drives, for a graceful stop. */
  async release(holder: string): Promise<void> {
    await this.#database.db.updateTable("sweeps").set({ holder: null, held_until: 0 }).where("holder", "=", holder).execute();
  }

  /**
   * Appends entries. False when somebody appended since the writer read, when the holder does not drive the sweep any more, or when
   * the parent run was saved meanwhile: load again and decide anew.
   */
  async append(runId: string, change: SweepAppend): Promise<boolean> {
    try {
      await this.#database.transact(async (work) => {
        const workspace = await this.#grow(work.db, runId, change);
        await insertEntries(work.db, runId, change.after, change.at, change.entries);
        if (change.parent !== undefined) await changeParent(work, change.parent);
        const { after, entries } = change;
        work.announce({ kind: "sweep", workspace, runId, names: entries.map((_, index) => String(after + index)) });
      });
      return true;
    } catch (error) {
      if (error === STALE) return false;
      throw error;
    }
  }

  /** Where these trials stand, those that were not made yet left out. */
  async standing(runIds: readonly string[]): Promise<TrialStanding[]> {
    return await standingOfTrials(this.#database.db, runIds);
  }

  /** How often these runs logged a metric in each of their attempts, in the order of attempts. */
  async seriesOf(runIds: readonly string[], metric: string): Promise<Map<string, TrialSeries[]>> {
    return await readSeriesOf(this.#database.db, runIds, metric);
  }

  /** What a series holds from its `from`-th value on, as it was logged: NaN also stands for what is no number. */
  async valuesFrom(series: Pick<TrialSeries, "id" | "count">, from: number): Promise<number[]> {
    return await readValuesFrom(this.#database.db, series, from);
  }

  async #grow(db: Queries, runId: string, { after, entries, holder, isOpen }: SweepAppend): Promise<string> {
    let query = db
      .updateTable("sweeps")
      .set({ entries: after + entries.length, ...(isOpen === undefined ? {} : { is_open: isOpen ? 1 : 0 }) })
      .where("run_id", "=", runId)
      .where("entries", "=", after);
    if (holder !== null) query = query.where("holder", "=", holder).where("held_until", ">", this.#database.clock);
    const row = await query.returning("workspace").executeTakeFirst();
    if (row === undefined) throw STALE;
    return row.workspace;
  }
}

/** Undoes a transaction whose facts were out of date. */
const STALE = new Error("Somebody saved meanwhile.");

async function insertEntries(db: Queries, runId: string, first: number, at: Date, entries: readonly JsonObject[]): Promise<void> {
  const rows = entries.map((entry, index) => ({ run_id: runId, number: first + index, at: at.getTime(), entry: toJson(entry) }));
  for (const group of inGroups(rows)) await db.insertInto("sweep_entries").values(group).execute();
}

async function changeParent(work: Work, { was, next, timeline = [], properties = {}, forget = [] }: ParentChange): Promise<void> {
  if (!(await replaceRun(work, was, next))) throw STALE;
  await addTimeline(work.db, was.id, timeline);
  if (forget.length > 0) await work.db.deleteFrom("run_properties").where("run_id", "=", was.id).where("name", "in", forget).execute();
  if (Object.keys(properties).length > 0) await writeProperties(work.db, was.id, properties);
}
