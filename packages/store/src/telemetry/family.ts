import type { Queries } from "../database/database.ts";
import { findRun } from "../runs/create.ts";
import { runMissing } from "../runs/missing.ts";
import type { RunRecord } from "../runs/record.ts";
import type { NewTimelineEntry } from "../runs/timeline.ts";

/**
 * The run whose files are taken, and its descendants: the runs that its files may say anything of. Of the runs above it they may
 * say metrics, tags and properties (`docs/decisions/0029-a-run-speaks-for-those-above-it.md`).
 */
export class Family {
  readonly head: RunRecord;
  readonly #db: Queries;
  readonly #members = new Map<string, boolean>();
  readonly #notes = new Map<string, string>();
  #above: Map<string, RunRecord> | null = null;

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
    if (member) return true;
    const because = (await this.ancestor(runId))
      ? "which is above this run: a run tells it metrics, tags, properties and files, and nothing else"
      : "which is not a child of this run";
    this.note("refused", `Left out ${what} that the script logged for run "${runId}", ${because}.`);
    return false;
  }

  /** As `admits`, for what a script may say of the runs above its own as well. */
  async admitsAbove(runId: string, what: string): Promise<boolean> {
    return (await this.ancestor(runId)) !== undefined || (await this.admits(runId, what));
  }

  /** The run with this id when it is above the head: its parent, that one's parent, and so on. */
  async ancestor(runId: string): Promise<RunRecord | undefined> {
    this.#above ??= await this.#loadAbove();
    return this.#above.get(runId);
  }

  async #loadAbove(): Promise<Map<string, RunRecord>> {
    const above = new Map<string, RunRecord>();
    let at = this.head.parentId;
    while (at !== null) {
      const run: RunRecord | undefined = await findRun(this.#db, at);
      if (run === undefined) break;
      above.set(at, run);
      at = run.parentId;
    }
    return above;
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
