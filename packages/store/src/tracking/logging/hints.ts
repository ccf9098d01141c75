import { sql } from "kysely";
import type { Queries } from "../../database/database.ts";
import { CHANGE_CHANNEL } from "../../events/changes.ts";

/** Readers of changes wait as long before they look again. */
const PAUSE_MILLISECONDS = 20;

/**
 * When other servers are told that there are changes: at once after a pause, else at its end. A hint for every commit would wake all
 * servers, this one among them, hundreds of times a second; whoever misses one finds the changes when he next looks by himself.
 */
export class Hints {
  readonly #db: Queries;
  #toldAt = Number.NEGATIVE_INFINITY;
  #untold: number | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Queries) {
    this.#db = db;
  }

  /** Whether the transaction that is about to begin shall tell. */
  isDue(): boolean {
    return performance.now() - this.#toldAt >= PAUSE_MILLISECONDS;
  }

  committed(lastChangeId: number, told: boolean): void {
    if (told) {
      this.#toldAt = performance.now();
      this.#untold = null;
      return;
    }
    this.#untold = lastChangeId;
    this.#timer ??= setTimeout(() => void this.#tellLate(), PAUSE_MILLISECONDS);
  }

  /** Tells what is left to tell. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#tellLate();
  }

  async #tellLate(): Promise<void> {
    this.#timer = undefined;
    const last = this.#untold;
    this.#untold = null;
    if (last === null) return;
    this.#toldAt = performance.now();
    await sql`select pg_notify(${CHANGE_CHANNEL}, ${String(last)})`.execute(this.#db).catch(() => {}); // a hint: see above
  }
}
