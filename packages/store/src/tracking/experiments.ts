import { randomUUID } from "node:crypto";
import { AlreadyExists, BadRequest, Conflict, NotFound } from "@switchyard/protocol";
import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Database, Queries } from "../database/database.ts";
import { inGroups } from "../database/groups.ts";
import type { ExperimentRow } from "../database/schema/workspaces.ts";
import { storable, storableName, storableOrNull } from "../database/text.ts";
import { readExperimentTags, setDeleted, writeExperimentTags } from "../workspaces/experiments.ts";
import { DEFAULT_EXPERIMENT, DEFAULT_EXPERIMENT_ID } from "./names.ts";
import type { Pair } from "./params.ts";
import { compare } from "./search/compare.ts";
import { type FilterComparison, parseFilter, parseOrder } from "./search/filter.ts";
import { offsetOf, pageTokenOf } from "./search/pageToken.ts";
import { type ViewType, viewCondition } from "./search/searchRuns.ts";
import { EXPERIMENT_WORDS } from "./search/vocabulary.ts";

/** An experiment as MLflow's clients see it. */
export interface TrackedExperiment {
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly deletedAt: number | null;
  /** where clients put the artifacts of its runs when that is not here */
  readonly artifactLocation: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ExperimentSearch {
  readonly filter?: string | undefined;
  readonly orderBy?: readonly string[] | undefined;
  readonly view: ViewType;
  readonly limit: number;
  readonly pageToken?: string | undefined;
}

/** Experiments with the life that MLflow gives them: tags, deleting, restoring, renaming. */
export class TrackedExperiments {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes an experiment. Throws AlreadyExists, also when the one with that name is deleted. */
  async create(
    workspace: string,
    name: string,
    extras: { artifactLocation?: string | undefined; tags?: readonly Pair[] },
  ): Promise<string> {
    const id = randomUUID();
    await this.#database.transact(async ({ db }) => {
      const artifact_location = storableOrNull(extras.artifactLocation ?? null);
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("experiments")
        .values({ id, workspace, name: storable(name), last_number: 0, created_at: Date.now(), artifact_location })
        .onConflict((conflict) => conflict.columns(["workspace", "name"]).doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows === 0n) throw await this.#taken(db, workspace, name);
      await writeExperimentTags(db, id, extras.tags ?? []);
    });
    return id;
  }

  /** The experiment that clients mean when they name none. */
  async ensureDefault(workspace: string): Promise<TrackedExperiment> {
    const id = defaultIdOf(workspace);
    const find = () => this.#find(sql`(experiments.id = ${id} or experiments.name = ${DEFAULT_EXPERIMENT})`, workspace);
    const known = await find();
    if (known !== undefined) return known;
    await this.#database.db
      .insertInto("experiments")
      .values({ id, workspace, name: DEFAULT_EXPERIMENT, last_number: 0, created_at: Date.now() })
      .onConflict((conflict) => conflict.columns(["workspace", "name"]).doNothing())
      .execute();
    return (await find()) as TrackedExperiment;
  }

  /** Throws NotFound. `id` may be MLflow's id of the default experiment. */
  async get(workspace: string, id: string): Promise<TrackedExperiment> {
    if (id === DEFAULT_EXPERIMENT_ID) return await this.ensureDefault(workspace);
    const found = await this.#find(sql`experiments.id = ${storable(id)}`, workspace);
    if (found === undefined) throw new NotFound(`No Experiment with id=${id} exists`, { details: { experimentId: id } });
    return found;
  }

  async byName(workspace: string, name: string): Promise<TrackedExperiment | undefined> {
    if (name === DEFAULT_EXPERIMENT) return await this.ensureDefault(workspace);
    return await this.#find(sql`experiments.name = ${storable(name)}`, workspace);
  }

  /** Names of these experiments; ids without one are left out. */
  async namesOf(workspace: string, ids: readonly string[]): Promise<string[]> {
    const own = ids.map((id) => (id === DEFAULT_EXPERIMENT_ID ? defaultIdOf(workspace) : storable(id)));
    const names: string[] = [];
    for (const group of inGroups(own)) {
      const rows = await this.#database.db
        .selectFrom("experiments")
        .select(["id", "name"])
        .where("workspace", "=", workspace)
        .where("id", "in", group)
        .execute();
      names.push(...rows.map((row) => row.name));
    }
    // runs that were submitted to "Default" before any MLflow client came
    if (ids.includes(DEFAULT_EXPERIMENT_ID) && !names.includes(DEFAULT_EXPERIMENT)) names.push((await this.ensureDefault(workspace)).name);
    return names;
  }

  async search(workspace: string, search: ExperimentSearch): Promise<{ experiments: TrackedExperiment[]; next: string | null }> {
    await this.ensureDefault(workspace);
    const offset = offsetOf(search.pageToken);
    const order = parseOrder(search.orderBy, EXPERIMENT_WORDS).map(({ subject, descending }) => {
      if (subject.kind !== "attribute") throw new BadRequest(`Experiments cannot be ordered by ${subject.kind} '${subject.name}'.`);
      return sql`${ATTRIBUTES[subject.name]} ${sql.raw(descending ? "desc" : "asc")}`;
    });
    const conditions = [
      sql<SqlBool>`experiments.workspace = ${storable(workspace)}`,
      ...viewCondition(search.view, sql.ref("experiments.deleted_at")),
      ...parseFilter(search.filter, EXPERIMENT_WORDS).map((comparison) => this.#conditionOf(comparison, workspace)),
    ];
    const { rows } = await sql<ExperimentRow>`
      select experiments.* from experiments where ${sql.join(conditions, sql` and `)}
      order by ${sql.join([...order, sql`experiments.created_at desc`, sql`experiments.id`])}
      limit ${search.limit + 1} offset ${offset}`.execute(this.#database.db);
    const experiments = await this.#withTags(rows.slice(0, search.limit));
    return { experiments, next: rows.length > search.limit ? pageTokenOf(offset + search.limit) : null };
  }

  /** Deletes the experiment and its runs from lists. Throws NotFound, also when it is deleted. */
  async delete(workspace: string, id: string): Promise<void> {
    await this.#setDeleted(workspace, id, Date.now());
  }

  /** Brings back a deleted experiment and its runs. */
  async restore(workspace: string, id: string): Promise<void> {
    await this.#setDeleted(workspace, id, null);
  }

  /** Throws Conflict for a deleted experiment, AlreadyExists when the name is taken. */
  async rename(workspace: string, id: string, name: string): Promise<void> {
    const experiment = await this.get(workspace, id);
    if (experiment.deletedAt !== null) throw new Conflict("Cannot rename a non-active experiment. Restore it first.");
    if (experiment.name === name) return;
    await this.#database.transact(async ({ db }) => {
      const taken = await db
        .selectFrom("experiments")
        .select("id")
        .where("workspace", "=", workspace)
        .where("name", "=", storable(name))
        .executeTakeFirst();
      if (taken !== undefined) throw await this.#taken(db, workspace, name);
      await db
        .updateTable("experiments")
        .set({ name: storable(name), changed_at: Date.now() })
        .where("id", "=", experiment.id)
        .execute();
      await db
        .updateTable("runs")
        .set({ experiment: storable(name) })
        .where("workspace", "=", workspace)
        .where("experiment", "=", experiment.name)
        .execute();
    });
  }

  async setTag(workspace: string, id: string, tag: Pair): Promise<void> {
    const experiment = await this.#active(workspace, id);
    await this.#database.transact(async ({ db }) => {
      await writeExperimentTags(db, experiment.id, [tag]);
      await db.updateTable("experiments").set({ changed_at: Date.now() }).where("id", "=", experiment.id).execute();
    });
  }

  /** Throws NotFound when there is no such tag. */
  async deleteTag(workspace: string, id: string, name: string): Promise<void> {
    const experiment = await this.#active(workspace, id);
    const { numDeletedRows } = await this.#database.db
      .deleteFrom("experiment_tags")
      .where("experiment_id", "=", experiment.id)
      .where("name", "=", storableName(name))
      .executeTakeFirst();
    if (numDeletedRows === 0n) throw new NotFound(`No tag with name: ${name} in experiment with id ${id}`);
  }

  async #active(workspace: string, id: string): Promise<TrackedExperiment> {
    const experiment = await this.get(workspace, id);
    if (experiment.deletedAt === null) return experiment;
    throw new BadRequest(`The experiment ${id} must be in the 'active' state. Current state is deleted. Restore it first.`);
  }

  async #setDeleted(workspace: string, id: string, deletedAt: number | null): Promise<void> {
    const experiment = await this.get(workspace, id);
    if ((experiment.deletedAt === null) === (deletedAt === null)) {
      throw new NotFound(`No Experiment with id=${id} exists that is ${deletedAt === null ? "deleted" : "active"}`);
    }
    await this.#database.transact(({ db }) => setDeleted(db, experiment, deletedAt));
  }

  async #find(condition: RawBuilder<SqlBool>, workspace: string): Promise<TrackedExperiment | undefined> {
    const rows = await this.#database.db
      .selectFrom("experiments")
      .selectAll()
      .where("workspace", "=", workspace)
      .where(condition)
      .execute();
    return (await this.#withTags(rows.slice(0, 1)))[0];
  }

  async #withTags(rows: readonly ExperimentRow[]): Promise<TrackedExperiment[]> {
    const tags = await readExperimentTags(
      this.#database.db,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => ({
      id: row.id,
      workspace: row.workspace,
      name: row.name,
      createdAt: row.created_at,
      changedAt: row.changed_at ?? row.created_at,
      deletedAt: row.deleted_at,
      artifactLocation: row.artifact_location,
      tags: tags.get(row.id) ?? {},
    }));
  }

  #conditionOf(comparison: FilterComparison, workspace: string): RawBuilder<SqlBool> {
    const { subject, operator } = comparison;
    const { kind } = this.#database;
    if (subject.kind === "attribute") return compare(kind, ATTRIBUTES[subject.name] as never, withOwnIds(comparison, workspace));
    const isNull = operator === "IS NULL";
    const value = isNull || operator === "IS NOT NULL" ? sql`` : sql` and ${compare(kind, sql.ref("tag.value"), comparison)}`;
    const found = sql<SqlBool>`exists (select 1 from experiment_tags as tag where tag.experiment_id = experiments.id
      and tag.name = ${storableName(subject.name)}${value})`;
    return isNull ? sql`not ${found}` : found;
  }

  async #taken(db: Queries, workspace: string, name: string): Promise<AlreadyExists> {
    const row = await db
      .selectFrom("experiments")
      .select("deleted_at")
      .where("workspace", "=", workspace)
      .where("name", "=", storable(name))
      .executeTakeFirst();
    const state = row?.deleted_at == null ? "" : " It is deleted: restore it, or choose another name.";
    return new AlreadyExists(`Experiment(name=${name}) already exists.${state}`);
  }
}

const ATTRIBUTES: Readonly<Record<string, RawBuilder<unknown>>> = {
  name: sql`experiments.name`,
  experiment_id: sql`experiments.id`,
  creation_time: sql`experiments.created_at`,
  last_update_time: sql`coalesce(experiments.changed_at, experiments.created_at)`,
};

/** How the default experiment of a workspace is stored: ids are unique among all workspaces. */
const defaultIdOf = (workspace: string) => `${DEFAULT_EXPERIMENT_ID}:${workspace}`;

/** The id that MLflow's clients know an experiment by. */
export const mlflowIdOf = (workspace: string, id: string): string => (id === defaultIdOf(workspace) ? DEFAULT_EXPERIMENT_ID : id);

function withOwnIds(comparison: FilterComparison, workspace: string): FilterComparison {
  const { subject, value } = comparison;
  if (subject.name !== "experiment_id") return comparison;
  const own = (id: string) => (id === DEFAULT_EXPERIMENT_ID ? defaultIdOf(workspace) : id);
  if (typeof value === "string") return { ...comparison, value: own(value) };
  return Array.isArray(value) ? { ...comparison, value: value.map(own) } : comparison;
}
