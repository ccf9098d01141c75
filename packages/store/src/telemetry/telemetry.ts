import type { Database } from "../database/database.ts";
import type { TakenCursor, TelemetryBatch } from "./batch.ts";
import { Stale } from "./stale.ts";
import { takeBatch } from "./take.ts";

/** What comes home from runs while they run: each byte is taken once, whoever races for it. */
export class Telemetry {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** How far each file was taken, by `<attempt>/<file>`. A file that is not in it is at 0. */
  async cursors(runId: string): Promise<Map<`${number}/${string}`, TakenCursor>> {
    const rows = await this.#database.db.selectFrom("run_cursors").selectAll().where("run_id", "=", runId).execute();
    return new Map(rows.map((row) => [`${row.attempt}/${row.file}`, { offset: row.offset, linesSkipped: row.lines_skipped }]));
  }

  /** The cursors of many runs in one query, by run. */
  async cursorsOf(runIds: readonly string[]): Promise<Map<string, Map<`${number}/${string}`, TakenCursor>>> {
    const found = new Map(runIds.map((runId) => [runId, new Map<`${number}/${string}`, TakenCursor>()]));
    if (runIds.length === 0) return found;
    const rows = await this.#database.db.selectFrom("run_cursors").selectAll().where("run_id", "in", runIds).execute();
    for (const row of rows)
      found.get(row.run_id)?.set(`${row.attempt}/${row.file}`, { offset: row.offset, linesSkipped: row.lines_skipped });
    return found;
  }

  /**
   * Stores everything a batch brings and moves its cursors, in one transaction. `stale`: a cursor is not where the batch
   * says it was, or the record changed meanwhile; then nothing was stored: look again.
   */
  async take(batch: TelemetryBatch): Promise<"taken" | "stale"> {
    try {
      await this.#database.transact((work) => takeBatch(work, batch));
      return "taken";
    } catch (error) {
      if (error instanceof Stale) return "stale";
      throw error;
    }
  }
}
