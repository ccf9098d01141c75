import type { Database } from "../database/database.ts";
import { addInputs, type DatasetInput, type DatasetSummary, summarizeDatasets } from "./inputs.ts";
import { deleteTag, type LogBatch, lockActiveRun, logBatch, setDeleted, setTags } from "./logging/log.ts";
import { LogQueue } from "./logging/logQueue.ts";
import { linkModels, type ModelLink } from "./runModels.ts";
import { type RunSearch, searchRuns } from "./search/searchRuns.ts";
import { readTrackedRuns, type TrackedRun } from "./trackedRun.ts";

/** Runs as MLflow's clients log, read and search them: the same runs as everybody's, in their words. */
export class Tracking {
  readonly #database: Database;
  readonly #queue: LogQueue | null;

  constructor(database: Database) {
    this.#database = database;
    this.#queue = LogQueue.of(database);
  }

  async run(workspace: string, runId: string): Promise<TrackedRun | undefined> {
    return (await readTrackedRuns(this.#database, workspace, [runId]))[0];
  }

  /** Takes a batch whole or not at all; sent again it changes nothing. Throws NotFound, BadRequest. */
  async log(workspace: string, runId: string, batch: LogBatch): Promise<void> {
    if (this.#queue !== null) return await this.#queue.log(workspace, runId, batch);
    await this.#database.transact((work) => logBatch(work, workspace, runId, batch));
  }

  async deleteTag(workspace: string, runId: string, name: string): Promise<void> {
    await this.#database.transact((work) => deleteTag(work, workspace, runId, name));
  }

  /** Changes tags by what they are: nobody else writes tags of the run meanwhile. */
  async changeTag(workspace: string, runId: string, name: string, change: (was: string | null) => string): Promise<void> {
    await this.#database.transact(async (work) => {
      await lockActiveRun(work, workspace, runId);
      const was = await work.db
        .selectFrom("run_tags")
        .select("value")
        .where("run_id", "=", runId)
        .where("name", "=", name)
        .executeTakeFirst();
      await setTags(work, runId, [{ name, value: change(was?.value ?? null) }]);
      work.announce({ kind: "run", workspace, runId, names: [] });
    });
  }

  async setDeleted(workspace: string, runId: string, deletedAt: Date | null): Promise<void> {
    await this.#database.transact((work) => setDeleted(work, workspace, runId, deletedAt));
  }

  /** Notes the datasets and models that a run reads, and the models that it made. */
  async addInputs(
    workspace: string,
    runId: string,
    inputs: { datasets?: readonly DatasetInput[]; models?: readonly ModelLink[] },
  ): Promise<void> {
    await this.#database.transact(async (work) => {
      await lockActiveRun(work, workspace, runId);
      const { id } = await work.db
        .selectFrom("runs")
        .innerJoin("experiments", (join) =>
          join.onRef("experiments.workspace", "=", "runs.workspace").onRef("experiments.name", "=", "runs.experiment"),
        )
        .select("experiments.id")
        .where("runs.id", "=", runId)
        .executeTakeFirstOrThrow();
      await addInputs(work.db, id, runId, inputs.datasets ?? []);
      await linkModels(work.db, runId, inputs.models ?? []);
      work.announce({ kind: "run", workspace, runId, names: [] });
    });
  }

  async search(workspace: string, search: RunSearch): Promise<{ runs: TrackedRun[]; next: string | null }> {
    const { ids, next } = await searchRuns(this.#database, workspace, search);
    return { runs: await readTrackedRuns(this.#database, workspace, ids), next };
  }

  async datasets(experimentIds: readonly string[], limit: number): Promise<DatasetSummary[]> {
    return await summarizeDatasets(this.#database.db, experimentIds, limit);
  }

  async close(): Promise<void> {
    await this.#queue?.close();
  }
}
