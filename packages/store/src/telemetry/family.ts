import type { Queries } from "../database/database.ts";
import { findRun } from "../runs/create.ts";
import { runMissing } from "../runs/missing.ts";
import type { RunRecord } from "../runs/record.ts";
import type { NewTimelineEntry } from "../runs/timeline.ts";

/** The run whose files are taken, and its descendants: the only runs that its files may speak about. */
export class Family {
  readonly head: RunRecord;
  readonly #db: Queries;
  readonly #members = new Map<string, boolean>();
  readonly #notes = new Map<string, string>();

  private constructor(db: Queries, head: RunRecord) {
    this.#db = db;
    this.head = head;
    this.#members.set(head.id, true);
  }

  static async load(db: Queries, runId: string): Promise<Family> {
    const head = await findRun(db, runId);
    if (!head) throw runMissing(runId)();
    return new Family(db, head);
  }

  get workspace(): string {
    return this.head.workspace;
  }

  /** Whether the run belongs to the family. What a script says about other runs is left out, and the timeline says so. */
  async admits(runId: string, what: string): Promise<boolean> {
    const member = await this.isMember(runId);
    if (!member) this.note("refused", `Left out ${what} that the script logged for run "${runId}", which is not a child of this run.`);
    return member;
  }

  async isMember(runId: string): Promise<boolean> {
    const path: string[] = [];
    let at: string | null = runId;
    while (at !== null && !this.#members.has(at)) {
      path.push(at);
      const row: { parent_id: string | null } | undefined = await this.#db
        .selectFrom("runs")
        .select("parent_id")
        .where("id", "=", at)
        .executeTakeFirst();
      at = row?.parent_id ?? null;
    }
    const member = at !== null && this.#members.get(at) === true;
    for (const id of path) this.#members.set(id, member);
    return member;
  }

  adopt(runId: string): void {
    this.#members.set(runId, true);
  }

  /** Adds a fact for the timeline of the run, each once. */
  note(what: string, detail: string): void {
    this.#notes.set(detail, what);
  }

  refusals(): NewTimelineEntry[] {
    return [...this.#notes].map(([detail, what]) => ({ at: new Date(), what, detail }));
  }
}
