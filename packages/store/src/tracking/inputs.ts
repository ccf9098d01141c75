import { randomUUID } from "node:crypto";
import type { Queries } from "../database/database.ts";
import { storable, storableOrNull, toJson } from "../database/text.ts";
import { DATASET_CONTEXT_TAG } from "./names.ts";
import type { Pair } from "./params.ts";

/** A dataset that a run reads, as MLflow describes it: a name and a digest, and where it comes from. */
export interface TrackedDataset {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema: string | null;
  readonly profile: string | null;
}

export interface DatasetInput {
  readonly dataset: TrackedDataset;
  readonly tags: readonly Pair[];
}

/** What the datasets of experiments come to: one line per dataset and use. */
export interface DatasetSummary {
  readonly experimentId: string;
  readonly name: string;
  readonly digest: string;
  readonly context: string | null;
}

/** Notes the datasets that a run reads; the first word on each of them stays. */
export async function addInputs(db: Queries, experimentId: string, runId: string, inputs: readonly DatasetInput[]): Promise<void> {
  for (const { dataset, tags } of inputs) {
    const datasetId = await ensureDataset(db, experimentId, dataset);
    await db
      .insertInto("run_inputs")
      .values({
        run_id: runId,
        dataset_id: datasetId,
        context: storableOrNull(tags.find((tag) => tag.name === DATASET_CONTEXT_TAG)?.value ?? null),
        tags: toJson(tags.map(({ name, value }) => ({ name, value }))),
      })
      .onConflict((conflict) => conflict.columns(["run_id", "dataset_id"]).doNothing())
      .execute();
  }
}

async function ensureDataset(db: Queries, experimentId: string, dataset: TrackedDataset): Promise<string> {
  const [name, digest] = [storable(dataset.name), storable(dataset.digest)];
  await db
    .insertInto("tracked_datasets")
    .values({
      id: randomUUID().replaceAll("-", ""),
      experiment_id: experimentId,
      name,
      digest,
      source_type: storable(dataset.sourceType),
      source: storable(dataset.source),
      schema: storableOrNull(dataset.schema),
      profile: storableOrNull(dataset.profile),
    })
    .onConflict((conflict) => conflict.columns(["experiment_id", "name", "digest"]).doNothing())
    .execute();
  const { id } = await db
    .selectFrom("tracked_datasets")
    .select("id")
    .where("experiment_id", "=", experimentId)
    .where("name", "=", name)
    .where("digest", "=", digest)
    .executeTakeFirstOrThrow();
  return id;
}

export async function summarizeDatasets(db: Queries, experimentIds: readonly string[], limit: number): Promise<DatasetSummary[]> {
  const rows = await db
    .selectFrom("tracked_datasets")
    .innerJoin("run_inputs", "run_inputs.dataset_id", "tracked_datasets.id")
    .select(["experiment_id", "name", "digest", "context"])
    .distinct()
    .where("experiment_id", "in", experimentIds)
    .orderBy("experiment_id")
    .orderBy("name")
    .orderBy("digest")
    .limit(limit)
    .execute();
  return rows.map(({ experiment_id, ...row }) => ({ ...row, experimentId: experiment_id }));
}
