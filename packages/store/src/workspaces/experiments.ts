import { randomUUID } from "node:crypto";
import { Conflict, type Experiment, type ExperimentView, type Page } from "@switchyard/protocol";
import type { Database, Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import type { ExperimentRow } from "../database/schema/workspaces.ts";
import { storable, storableName } from "../database/text.ts";

/** How an archived experiment is brought back, for people who meet one. */
export const HOW_TO_REACTIVATE =
  "Bring it back (`switchyard experiment reactivate`, Experiment.reactivate(), restore_experiment of MLflow's client), or choose another name.";

export async function ensureExperiment(db: Queries, workspace: string, name: string, now: Date): Promise<void> {
  await db
    .insertInto("experiments")
    .values({ id: randomUUID(), workspace, name, last_number: 0, created_at: now.getTime() })
    .onConflict((conflict) => conflict.columns(["workspace", "name"]).doNothing())
    .execute();
}

/** Counts a new run of an experiment, which is made if it is new, and gives the run's number. */
export async function nextRunNumber(db: Queries, workspace: string, name: string, now: Date): Promise<number> {
  const { last_number } = await db
    .insertInto("experiments")
    .values({ id: randomUUID(), workspace, name, last_number: 1, created_at: now.getTime() })
    .onConflict((conflict) =>
      conflict.columns(["workspace", "name"]).doUpdateSet((set) => ({ last_number: set("experiments.last_number", "+", 1) })),
    )
    .returning("last_number")
    .executeTakeFirstOrThrow();
  return last_number;
}

/** Archives an experiment with its runs, or (null) brings them back. */
export async function setDeleted(
  db: Queries,
  { workspace, id, name }: { workspace: string; id: string; name: string },
  deletedAt: number | null,
): Promise<void> {
  await db.updateTable("experiments").set({ deleted_at: deletedAt, changed_at: Date.now() }).where("id", "=", id).execute();
  await db.updateTable("runs").set({ deleted_at: deletedAt }).where("workspace", "=", workspace).where("experiment", "=", name).execute();
}

export async function writeExperimentTags(
  db: Queries,
  experimentId: string,
  tags: readonly { name: string; value: string }[],
): Promise<void> {
  const byName = new Map(tags.map(({ name, value }) => [storableName(name), storable(value)]));
  for (const group of inGroups([...byName])) {
    await db
      .insertInto("experiment_tags")
      .values(group.map(([name, value]) => ({ experiment_id: experimentId, name, value })))
      .onConflict((conflict) => conflict.columns(["experiment_id", "name"]).doUpdateSet((set) => ({ value: set.ref("excluded.value") })))
      .execute();
  }
}

/** Experiment id -> its tags, of those that have some. */
export async function readExperimentTags(db: Queries, experimentIds: readonly string[]): Promise<Map<string, Record<string, string>>> {
  const tags = new Map<string, Record<string, string>>();
  for (const ids of inGroups(experimentIds)) {
    const found = db.selectFrom("experiment_tags").selectAll().where("experiment_id", "in", ids).orderBy("name");
    for (const { experiment_id, name, value } of await found.execute()) {
      tags.set(experiment_id, { ...tags.get(experiment_id), [name]: value });
    }
  }
  return tags;
}

/** Groups of runs in a workspace. */
export class Experiments {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes the experiment unless it exists. */
  async ensure(workspace: string, name: string): Promise<Experiment> {
    await ensureExperiment(this.#database.db, workspace, name, new Date());
    return (await this.get(workspace, name)) as Experiment;
  }

  /** By name, else by id. */
  async get(workspace: string, nameOrId: string): Promise<Experiment | undefined> {
    const text = storable(nameOrId);
    const rows = await this.#select(workspace)
      .where((where) => where.or([where("name", "=", text), where("id", "=", text)]))
      .execute();
    const row = rows.find(({ name }) => name === text) ?? rows[0];
    return row && (await this.#shown([row]))[0];
  }

  /** By name; `after` is the last name of the page before. */
  async list(workspace: string, page: { limit: number; after?: string | undefined; view?: ExperimentView }): Promise<Page<Experiment>> {
    let query = this.#select(workspace)
      .orderBy("name")
      .limit(page.limit + 1);
    if (page.view !== "all") query = query.where("deleted_at", page.view === "archived" ? "is not" : "is", null);
    if (page.after !== undefined) query = query.where("name", ">", page.after);
    const rows = await query.execute();
    const items = await this.#shown(rows.slice(0, page.limit));
    return { items, next: rows.length > page.limit ? (items.at(-1)?.name ?? null) : null };
  }

  /** Sets tags, and takes those away that are null. Throws Conflict for an archived experiment. */
  async changeTags(experiment: Experiment, tags: Readonly<Record<string, string | null>>): Promise<void> {
    if (experiment.archivedUtc !== null) throw new Conflict(`Experiment "${experiment.name}" is archived. ${HOW_TO_REACTIVATE}`);
    const id = experiment.experimentId;
    const named = Object.entries(tags);
    await this.#database.transact(async ({ db }) => {
      for (const group of inGroups(named.filter(([, value]) => value === null).map(([name]) => storableName(name)))) {
        await db.deleteFrom("experiment_tags").where("experiment_id", "=", id).where("name", "in", group).execute();
      }
      await writeExperimentTags(
        db,
        id,
        named.flatMap(([name, value]) => (value === null ? [] : [{ name, value }])),
      );
      await db.updateTable("experiments").set({ changed_at: Date.now() }).where("id", "=", id).execute();
    });
  }

  /** Archives the experiment and its runs, or (null) brings them back; one that is so already stays as it is. */
  async setArchived(workspace: string, experiment: Experiment, archivedAt: Date | null): Promise<void> {
    if ((experiment.archivedUtc === null) === (archivedAt === null)) return;
    const { experimentId: id, name } = experiment;
    await this.#database.transact(({ db }) => setDeleted(db, { workspace, id, name }, archivedAt?.getTime() ?? null));
  }

  /** Removes an experiment that never had a run. Throws Conflict for one that has. */
  async remove(experiment: Experiment): Promise<void> {
    const { experimentId: id, name } = experiment;
    const holds = (what: string) =>
      new Conflict(`Experiment "${name}" holds ${what}, and only an empty experiment can be deleted. Archive it to leave it out of lists.`);
    await this.#database.transact(async ({ db }) => {
      const model = await db.selectFrom("logged_models").select("id").where("experiment_id", "=", id).limit(1).executeTakeFirst();
      if (model !== undefined) throw holds("logged models");
      // whoever makes a run counts it in this very row first
      const { numDeletedRows } = await db.deleteFrom("experiments").where("id", "=", id).where("last_number", "=", 0).executeTakeFirst();
      if (numDeletedRows === 0n) throw holds("runs");
      await db.deleteFrom("experiment_tags").where("experiment_id", "=", id).execute();
      await db.deleteFrom("tracked_datasets").where("experiment_id", "=", id).execute();
    });
  }

  #select(workspace: string) {
    return this.#database.db.selectFrom("experiments").selectAll().where("workspace", "=", workspace);
  }

  async #shown(rows: readonly ExperimentRow[]): Promise<Experiment[]> {
    const tags = await readExperimentTags(
      this.#database.db,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => toExperiment(row, tags.get(row.id) ?? {}));
  }
}

/** Runs are never deleted, so the number of the newest is how many there are. */
function toExperiment(row: ExperimentRow, tags: Record<string, string>): Experiment {
  return {
    name: row.name,
    experimentId: row.id,
    createdUtc: new Date(row.created_at).toISOString(),
    runs: row.last_number,
    tags,
    archivedUtc: row.deleted_at === null ? null : new Date(row.deleted_at).toISOString(),
  };
}
