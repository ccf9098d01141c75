import { NotFound } from "@switchyard/protocol";
import type { Database, Queries } from "../../database/database.ts";
import { inGroups } from "../../database/groups.ts";
import type { LoggedModelRow } from "../../database/schema/tracking.ts";
import { fromJson, storable, storableName, storableOrNull } from "../../database/text.ts";
import type { Pair } from "../params.ts";
import { PAIRS, writePairs } from "./pairs.ts";
import { type LoggedModelSearch, searchLoggedModels } from "./search.ts";

/** How far the files of a logged model are there. */
export type LoggedModelStatus = "PENDING" | "READY" | "UPLOAD_FAILED";

/** A model that an MLflow client logged. */
export interface LoggedModel {
  readonly id: string;
  readonly workspace: string;
  readonly experimentId: string;
  readonly name: string;
  readonly type: string | null;
  readonly sourceRunId: string | null;
  readonly status: LoggedModelStatus;
  readonly statusMessage: string | null;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: readonly LoggedModelMetric[];
}

export interface LoggedModelMetric {
  readonly name: string;
  readonly value: number;
  readonly step: number;
  readonly time: number;
  readonly runId: string;
  readonly datasetName: string | null;
  readonly datasetDigest: string | null;
}

export interface NewLoggedModel extends Pick<LoggedModel, "id" | "workspace" | "experimentId" | "name" | "type" | "sourceRunId"> {
  /** milliseconds since 1970; now, when it is not said */
  readonly createdAt?: number;
  readonly tags: readonly Pair[];
  readonly params: readonly Pair[];
}

/** Models that MLflow's clients logged: what is known of them; their files lie with artifacts. */
export class LoggedModels {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async create(model: NewLoggedModel): Promise<LoggedModel> {
    const now = Date.now();
    await this.#database.transact(async ({ db }) => {
      await db
        .insertInto("logged_models")
        .values({
          id: model.id,
          workspace: model.workspace,
          experiment_id: model.experimentId,
          name: storable(model.name),
          type: storableOrNull(model.type),
          source_run_id: storableOrNull(model.sourceRunId),
          status: "PENDING",
          created_at: model.createdAt ?? now,
          changed_at: now,
        })
        .execute();
      await writePairs(db, "logged_model_tags", model.id, model.tags);
      await writePairs(db, "logged_model_params", model.id, model.params);
    });
    return await this.get(model.workspace, model.id);
  }

  /** Throws NotFound, also for a deleted model. */
  async get(workspace: string, id: string): Promise<LoggedModel> {
    const [model] = await this.#read(workspace, [id]);
    if (model === undefined) throw modelNotFound(id);
    return model;
  }

  async finalize(workspace: string, id: string, status: LoggedModelStatus): Promise<LoggedModel> {
    await this.#update(workspace, id, { status });
    return await this.get(workspace, id);
  }

  async delete(workspace: string, id: string): Promise<void> {
    await this.#update(workspace, id, { deleted_at: Date.now() });
  }

  async setTags(workspace: string, id: string, tags: readonly Pair[]): Promise<LoggedModel> {
    await this.get(workspace, id);
    await this.#database.transact(({ db }) => writePairs(db, "logged_model_tags", id, tags));
    return await this.get(workspace, id);
  }

  /** Throws NotFound when the model has no such tag. */
  async deleteTag(workspace: string, id: string, name: string): Promise<void> {
    await this.get(workspace, id);
    const { numDeletedRows } = await this.#database.db
      .deleteFrom("logged_model_tags")
      .where("model_id", "=", id)
      .where("name", "=", storableName(name))
      .executeTakeFirst();
    if (numDeletedRows === 0n) throw new NotFound(`No tag with key '${name}' found for logged model with ID '${id}'.`);
  }

  async addParams(workspace: string, id: string, params: readonly Pair[]): Promise<void> {
    await this.get(workspace, id);
    await this.#database.transact(({ db }) => writePairs(db, "logged_model_params", id, params));
  }

  async search(workspace: string, search: LoggedModelSearch): Promise<{ models: LoggedModel[]; next: string | null }> {
    const { ids, next } = await searchLoggedModels(this.#database, workspace, search);
    return { models: await this.#read(workspace, ids, search.deleted), next };
  }

  async #update(workspace: string, id: string, change: Partial<Pick<LoggedModelRow, "status" | "deleted_at">>): Promise<void> {
    const { numUpdatedRows } = await this.#database.db
      .updateTable("logged_models")
      .set({ ...change, changed_at: Date.now() })
      .where("workspace", "=", workspace)
      .where("id", "=", storable(id))
      .where("deleted_at", "is", null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw modelNotFound(id);
  }

  async #read(workspace: string, ids: readonly string[], deleted = false): Promise<LoggedModel[]> {
    const { db } = this.#database;
    const rows = new Map<string, LoggedModelRow>();
    const pairs = { logged_model_tags: new Map(), logged_model_params: new Map() } as Record<(typeof PAIRS)[number], Map<string, object>>;
    const metrics = new Map<string, LoggedModelMetric[]>();
    for (const group of inGroups(ids.map(storable))) {
      const found = db.selectFrom("logged_models").selectAll().where("workspace", "=", workspace).where("id", "in", group);
      for (const row of await (deleted ? found : found.where("deleted_at", "is", null)).execute()) rows.set(row.id, row);
      for (const table of PAIRS) {
        for (const { model_id, name, value } of await db
          .selectFrom(table)
          .selectAll()
          .where("model_id", "in", group)
          .orderBy("name")
          .execute())
          pairs[table].set(model_id, { ...pairs[table].get(model_id), [name]: value });
      }
      for (const [id, own] of await readMetrics(db, group)) metrics.set(id, own);
    }
    return ids.flatMap((id) => {
      const row = rows.get(id);
      if (row === undefined) return [];
      const { tags, params } = { tags: pairs.logged_model_tags.get(id), params: pairs.logged_model_params.get(id) };
      return [toModel(row, (tags ?? {}) as Record<string, string>, (params ?? {}) as Record<string, string>, metrics.get(id) ?? [])];
    });
  }
}

const modelNotFound = (id: string) => new NotFound(`Logged model with ID '${id}' not found.`);

function toModel(row: LoggedModelRow, tags: LoggedModel["tags"], params: LoggedModel["params"], metrics: LoggedModelMetric[]): LoggedModel {
  return {
    id: row.id,
    workspace: row.workspace,
    experimentId: row.experiment_id,
    name: row.name,
    type: row.type,
    sourceRunId: row.source_run_id,
    status: row.status as LoggedModelStatus,
    statusMessage: row.status_message,
    createdAt: row.created_at,
    changedAt: row.changed_at,
    tags,
    params,
    metrics,
  };
}

async function readMetrics(db: Queries, ids: readonly string[]): Promise<Map<string, LoggedModelMetric[]>> {
  const rows = await db
    .selectFrom("logged_model_metrics")
    .selectAll()
    .where("model_id", "in", ids)
    .orderBy("name")
    .orderBy("step")
    .execute();
  const byModel = Map.groupBy(rows, (row) => row.model_id);
  return new Map(
    [...byModel].map(([id, own]) => [
      id,
      own.map((row) => ({
        name: row.name,
        value: Number(fromJson(row.value)),
        step: row.step,
        time: row.time,
        runId: row.run_id,
        datasetName: row.dataset_name === "" ? null : row.dataset_name,
        datasetDigest: row.dataset_digest === "" ? null : row.dataset_digest,
      })),
    ]),
  );
}
