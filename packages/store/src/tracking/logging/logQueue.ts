import { DatabaseUnreachable, DiskFull } from "@switchyard/protocol";
import type { Database } from "../../database/database.ts";
import { RepeatedStatement } from "../../database/repeatedStatement.ts";
import { Hints } from "./hints.ts";
import { KnownRuns } from "./knownRuns.ts";
import { type LogBatch, type LoggedMetric, logBatch } from "./log.ts";
import { isPlainMetrics, RunPlan } from "./plan.ts";
import { GROUP_STATEMENT, type GroupAnswer, type RunWrite, writeGroup } from "./writeGroup.ts";

/** Somebody who waits until what was logged is saved. */
interface Waiting {
  readonly workspace: string;
  readonly runId: string;
  readonly metrics: readonly LoggedMetric[];
  resolve(): void;
  reject(error: unknown): void;
}

/** One run's share of a group. */
interface Share {
  readonly plan: RunPlan;
  readonly waiting: Waiting[];
}

/** A group takes about as many points: it is one statement, which others wait for. */
const MOST_POINTS = 10_000;

/**
 * Saves metrics of many requests at once (group commit), on PostgreSQL, where each commit is a wait and each question a journey. What
 * arrives while a group is being written is the next group; an answer is given when its transaction has committed. A request whose
 * run or curve this server has not written lately, or that the database refuses to take in the group, is saved alone, in its turn
 * among those of its run. `docs/decisions/0023-log-writes-in-groups.md` says why.
 */
export class LogQueue {
  readonly #database: Database;
  readonly #statement: RepeatedStatement;
  readonly #known = new KnownRuns();
  readonly #hints: Hints;
  #waiting: Waiting[] = [];
  /** runs of which something is being saved alone */
  readonly #alone = new Set<string>();
  #writing = false;

  constructor(database: Database, statement: RepeatedStatement) {
    this.#database = database;
    this.#statement = statement;
    this.#hints = new Hints(database.db);
  }

  /** The queue of a PostgreSQL database; SQLite commits without waiting, and has none. */
  static of(database: Database): LogQueue | null {
    const { address } = database;
    return address.kind === "postgres" ? new LogQueue(database, new RepeatedStatement(address, GROUP_STATEMENT)) : null;
  }

  /** Resolves when the batch is saved. Throws as `logBatch` does. */
  async log(workspace: string, runId: string, batch: LogBatch): Promise<void> {
    const { metrics = [] } = batch;
    if (!isPlainMetrics(batch)) return await this.#saveAlone(workspace, runId, batch);
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ workspace, runId, metrics, resolve, reject });
      void this.#write();
    });
  }

  async close(): Promise<void> {
    await this.#hints.close();
    await this.#statement.close();
  }

  /** Writes groups until nobody waits. Never throws: every error goes to those who wait. */
  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    for (let shares = this.#nextGroup(); shares.length > 0; shares = this.#nextGroup()) {
      const everybody = shares.flatMap(({ waiting }) => waiting);
      await this.#writeGroup(shares).catch((error: unknown) => {
        for (const one of everybody) one.reject(error);
      });
    }
    this.#writing = false;
  }

  /** Those who can be served together; starts to save alone what cannot. */
  #nextGroup(): Share[] {
    const shares = new Map<string, Share>();
    const later: Waiting[] = [];
    let points = 0;
    for (const one of this.#waiting) {
      if (this.#alone.has(one.runId) || points >= MOST_POINTS) later.push(one);
      else if (this.#join(shares, one)) points += one.metrics.length;
      else if (shares.has(one.runId))
        later.push(one); // the next group begins with it
      else this.#startAlone(one.runId, [one]);
    }
    this.#waiting = later;
    return [...shares.values()];
  }

  #join(shares: Map<string, Share>, one: Waiting): boolean {
    let share = shares.get(one.runId);
    const known = share === undefined ? this.#known.takeOut(one.runId) : undefined;
    if (known !== undefined) share = { plan: new RunPlan(known), waiting: [] };
    if (share === undefined) return false;
    const fits = share.plan.workspace === one.workspace && share.plan.add(one.metrics);
    if (fits) {
      share.waiting.push(one);
      shares.set(one.runId, share);
    } else if (known !== undefined) this.#known.put(known);
    return fits;
  }

  async #writeGroup(shares: readonly Share[]): Promise<void> {
    const plans = shares.map(({ plan, waiting }) => ({ ...plan.finish(), waiting }));
    const answer = await this.#ask(plans.map(({ write }) => write));
    for (const { write, after, waiting } of plans) {
      if (answer instanceof Error) for (const one of waiting) one.reject(answer);
      else if (answer.written.has(write.run.runId)) {
        this.#known.put(after);
        for (const one of waiting) one.resolve();
      } else this.#startAlone(write.run.runId, waiting);
    }
    if (!(answer instanceof Error) && answer.lastChangeId > 0) this.#database.tellCommitted(answer.lastChangeId);
  }

  /** What was written; an error when the database cannot be reached or cannot write, for then nobody needs to try alone. */
  async #ask(writes: readonly RunWrite[]): Promise<GroupAnswer | DatabaseUnreachable | DiskFull> {
    const nothing = { written: new Set<string>(), lastChangeId: 0 };
    try {
      const tell = this.#hints.isDue();
      const answer = await writeGroup(this.#statement, writes, { tell });
      if (answer === null) this.#known.forgetAll();
      else if (answer.lastChangeId > 0) this.#hints.committed(answer.lastChangeId, tell);
      return answer ?? nothing;
    } catch (error) {
      if (error instanceof DatabaseUnreachable || error instanceof DiskFull) return error;
      return nothing; // somebody's points are to blame, or two transactions met: each is saved alone
    }
  }

  /** Saves what waits for one run, one after another; what comes for it meanwhile waits for that. */
  #startAlone(runId: string, waiting: readonly Waiting[]): void {
    this.#alone.add(runId);
    const saveAll = async () => {
      for (const { workspace, metrics, resolve, reject } of waiting) {
        await this.#saveAlone(workspace, runId, { metrics }).then(resolve, reject);
      }
      this.#alone.delete(runId);
      await this.#write();
    };
    void saveAll();
  }

  async #saveAlone(workspace: string, runId: string, batch: LogBatch): Promise<void> {
    const saved = await this.#database.transact((work) => logBatch(work, workspace, runId, batch));
    this.#known.merge(saved);
  }
}
