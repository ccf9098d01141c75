import { type MlflowClient, MlflowRefusal } from "./client.ts";

/** MLflow's JSON, as far as it is read here. */
export interface Pair {
  readonly key: string;
  readonly value: string;
}
export interface Experiment {
  readonly experiment_id: string;
  readonly name: string;
  readonly lifecycle_stage?: string;
  readonly tags?: readonly Pair[];
}
export interface Metric {
  readonly key: string;
  readonly value: number | string;
  readonly timestamp: number | string;
  readonly step?: number | string;
}
export interface RunInfo {
  readonly run_id: string;
  readonly run_name?: string;
  readonly experiment_id: string;
  readonly user_id?: string;
  readonly status: string;
  readonly start_time?: number | string;
  readonly end_time?: number | string;
  readonly artifact_uri?: string;
  readonly lifecycle_stage?: string;
}
export interface MlflowRun {
  readonly info: RunInfo;
  readonly data?: { readonly metrics?: readonly Metric[]; readonly params?: readonly Pair[]; readonly tags?: readonly Pair[] };
  readonly inputs?: { readonly dataset_inputs?: readonly object[] };
}
export interface RegisteredModel {
  readonly name: string;
  readonly description?: string;
  readonly tags?: readonly Pair[];
  readonly aliases?: readonly { readonly alias: string; readonly version: string }[];
}
export interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly source?: string;
  readonly run_id?: string;
  readonly description?: string;
  readonly current_stage?: string;
  readonly tags?: readonly Pair[];
}
interface FileInfo {
  readonly path: string;
  readonly is_dir?: boolean;
  readonly file_size?: number | string;
}
export interface ArtifactFile {
  readonly path: string;
  readonly size: number;
}

const PAGE = 1000;

/** Every item of a list that comes in pages. */
export async function* pages<T>(
  page: (token: string | undefined) => Promise<{ readonly items: readonly T[] | undefined; readonly next: string | undefined }>,
) {
  let token: string | undefined;
  do {
    const { items, next } = await page(token);
    yield* items ?? [];
    token = next || undefined;
  } while (token !== undefined);
}

/** Experiments that are not deleted, oldest first. */
export function experimentsOf(client: MlflowClient): AsyncGenerator<Experiment> {
  return pages(async (page_token) => {
    const { experiments, next_page_token } = await client.post<{ experiments?: Experiment[]; next_page_token?: string }>(
      "experiments/search",
      {
        max_results: PAGE,
        view_type: "ACTIVE_ONLY",
        order_by: ["creation_time ASC"],
        ...(page_token === undefined ? {} : { page_token }),
      },
    );
    return { items: experiments, next: next_page_token };
  });
}

/** Runs of an experiment that are not deleted, in the order in which they started. */
export function runsOf(client: MlflowClient, experimentId: string, filter: string): AsyncGenerator<MlflowRun> {
  return pages(async (page_token) => {
    const { runs, next_page_token } = await client.post<{ runs?: MlflowRun[]; next_page_token?: string }>("runs/search", {
      experiment_ids: [experimentId],
      filter,
      run_view_type: "ACTIVE_ONLY",
      max_results: PAGE,
      order_by: ["attributes.start_time ASC"],
      ...(page_token === undefined ? {} : { page_token }),
    });
    return { items: runs, next: next_page_token };
  });
}

/** Every point of one metric of a run. */
export function historyOf(client: MlflowClient, runId: string, key: string): AsyncGenerator<Metric> {
  return pages(async (page_token) => {
    const { metrics, next_page_token } = await client.get<{ metrics?: Metric[]; next_page_token?: string }>("metrics/get-history", {
      run_id: runId,
      metric_key: key,
      max_results: 20_000,
      page_token,
    });
    return { items: metrics, next: next_page_token };
  });
}

/** Files of a run, below all folders. */
export async function filesOf(client: MlflowClient, runId: string): Promise<ArtifactFile[]> {
  const files: ArtifactFile[] = [];
  const folders: (string | undefined)[] = [undefined];
  while (folders.length > 0) {
    const path = folders.shift();
    for await (const file of pages<FileInfo>(async (page_token) => {
      const answer = await client.get<{ files?: FileInfo[]; next_page_token?: string }>("artifacts/list", {
        run_id: runId,
        path,
        page_token,
      });
      return { items: answer.files, next: answer.next_page_token };
    })) {
      if (file.is_dir) folders.push(file.path);
      else files.push({ path: file.path, size: Number(file.file_size ?? 0) });
    }
  }
  return files;
}

/** Registered models; null where the server has no registry. */
export async function modelsOf(client: MlflowClient): Promise<RegisteredModel[] | null> {
  const models: RegisteredModel[] = [];
  try {
    for await (const model of pages<RegisteredModel>(async (page_token) => {
      const answer = await client.get<{ registered_models?: RegisteredModel[]; next_page_token?: string }>("registered-models/search", {
        max_results: 100,
        page_token,
      });
      return { items: answer.registered_models, next: answer.next_page_token };
    })) {
      models.push(model);
    }
  } catch (error) {
    if (error instanceof MlflowRefusal && ["ENDPOINT_NOT_FOUND", "NOT_IMPLEMENTED"].includes(error.word)) return null;
    throw error;
  }
  return models;
}

/** Versions of a registered model, oldest first. */
export async function versionsOf(client: MlflowClient, name: string): Promise<ModelVersion[]> {
  const versions: ModelVersion[] = [];
  const filter = `name='${name.replaceAll("'", "''")}'`;
  for await (const version of pages<ModelVersion>(async (page_token) => {
    const answer = await client.get<{ model_versions?: ModelVersion[]; next_page_token?: string }>("model-versions/search", {
      filter,
      max_results: 1000,
      page_token,
    });
    return { items: answer.model_versions, next: answer.next_page_token };
  })) {
    versions.push(version);
  }
  return versions.sort((a, b) => Number(a.version) - Number(b.version));
}
