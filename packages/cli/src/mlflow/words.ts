import { hasNoRoute, type MlflowClient } from "./client.ts";

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
  readonly inputs?: { readonly dataset_inputs?: readonly object[]; readonly model_inputs?: readonly ModelLink[] };
  readonly outputs?: { readonly model_outputs?: readonly ModelLink[] };
}
/** That a run read or made a logged model. */
export interface ModelLink {
  readonly model_id: string;
  readonly step?: number | string;
}
/** What `log_model` of MLflow 3 makes: a model with files of its own. */
export interface LoggedModel {
  readonly info: {
    readonly model_id: string;
    readonly name?: string;
    readonly model_type?: string;
    readonly status?: string;
    readonly source_run_id?: string;
    readonly creation_timestamp_ms?: number | string;
    readonly artifact_uri?: string;
    readonly tags?: readonly Pair[];
  };
  readonly data?: { readonly params?: readonly Pair[]; readonly metrics?: readonly ModelMetric[] };
}
export interface ModelMetric extends Metric {
  readonly run_id?: string;
  readonly dataset_name?: string;
  readonly dataset_digest?: string;
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
  readonly model_id?: string;
  readonly tags?: readonly Pair[];
}
/** Whether what is deleted is among what is asked for. */
export type View = "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";
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

/** Experiments, oldest first. */
export function experimentsOf(client: MlflowClient, view: View): AsyncGenerator<Experiment> {
  return pages(async (page_token) => {
    const { experiments, next_page_token } = await client.post<{ experiments?: Experiment[]; next_page_token?: string }>(
      "experiments/search",
      {
        max_results: PAGE,
        view_type: view,
        order_by: ["creation_time ASC"],
        ...(page_token === undefined ? {} : { page_token }),
      },
    );
    return { items: experiments, next: next_page_token };
  });
}

/** Runs of experiments, in the order in which they started. */
export function runsOf(client: MlflowClient, experimentIds: readonly string[], filter: string, view: View): AsyncGenerator<MlflowRun> {
  return pages(async (page_token) => {
    const { runs, next_page_token } = await client.post<{ runs?: MlflowRun[]; next_page_token?: string }>("runs/search", {
      experiment_ids: experimentIds,
      filter,
      run_view_type: view,
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

/** Where files lie at a server: a run or a logged model. */
export interface FilePlace {
  /** of the questions what is in a folder */
  readonly list: (path: string | undefined, pageToken: string | undefined) => Promise<{ files?: FileInfo[]; next_page_token?: string }>;
  /** where a file is read */
  readonly fileAt: (path: string) => string;
}

export const filesOfRun = (client: MlflowClient, runId: string): FilePlace => ({
  list: (path, page_token) => client.get("artifacts/list", { run_id: runId, path, page_token }),
  fileAt: (path) => `/get-artifact?${new URLSearchParams({ run_uuid: runId, run_id: runId, path })}`,
});

export const filesOfModel = (client: MlflowClient, modelId: string): FilePlace => ({
  list: (path) => client.get(`logged-models/${modelId}/artifacts/directories`, { artifact_directory_path: path }),
  fileAt: (path) => `/ajax-api/2.0/mlflow/logged-models/${modelId}/artifacts/files?${new URLSearchParams({ artifact_file_path: path })}`,
});

/** All files of a place, below all folders. */
export async function filesIn(place: FilePlace): Promise<ArtifactFile[]> {
  const files: ArtifactFile[] = [];
  const folders: (string | undefined)[] = [undefined];
  while (folders.length > 0) {
    const path = folders.shift();
    for await (const file of pages<FileInfo>(async (token) => {
      const answer = await place.list(path, token);
      return { items: answer.files, next: answer.next_page_token };
    })) {
      if (file.is_dir) folders.push(file.path);
      else files.push({ path: file.path, size: Number(file.file_size ?? 0) });
    }
  }
  return files;
}

/** Logged models of an experiment, oldest first; none where the server is older than they are. Only our own server tells of `deleted` ones too. */
export async function loggedModelsOf(client: MlflowClient, experimentId: string, filter = "", deleted = false): Promise<LoggedModel[]> {
  const models: LoggedModel[] = [];
  try {
    for await (const model of pages<LoggedModel>(async (page_token) => {
      const answer = await client.post<{ models?: LoggedModel[]; next_page_token?: string }>("logged-models/search", {
        experiment_ids: [experimentId],
        filter,
        max_results: 100,
        ...(deleted && { allow_deleted: true }),
        ...(page_token === undefined ? {} : { page_token }),
      });
      return { items: answer.models, next: answer.next_page_token };
    })) {
      models.push(model);
    }
  } catch (error) {
    if (models.length === 0 && hasNoRoute(error)) return [];
    throw error;
  }
  return models.sort((a, b) => Number(a.info.creation_timestamp_ms ?? 0) - Number(b.info.creation_timestamp_ms ?? 0));
}

/** Registered models; null where the server has no registry. */
export async function modelsOf(client: MlflowClient, filter?: string): Promise<RegisteredModel[] | null> {
  const models: RegisteredModel[] = [];
  try {
    for await (const model of pages<RegisteredModel>(async (page_token) => {
      const answer = await client.get<{ registered_models?: RegisteredModel[]; next_page_token?: string }>("registered-models/search", {
        filter,
        max_results: 100,
        page_token,
      });
      return { items: answer.registered_models, next: answer.next_page_token };
    })) {
      models.push(model);
    }
  } catch (error) {
    if (models.length === 0 && hasNoRoute(error)) return null;
    throw error;
  }
  return models;
}

/** Versions of a registered model, oldest first. */
export async function versionsOf(client: MlflowClient, name: string): Promise<ModelVersion[]> {
  const versions: ModelVersion[] = [];
  // MLflow reads no ' in quotes: any character is asked for in its place
  const filter = name.includes("'") ? `name LIKE '${name.replaceAll("'", "_")}'` : `name = '${name}'`;
  for await (const version of pages<ModelVersion>(async (page_token) => {
    const answer = await client.get<{ model_versions?: ModelVersion[]; next_page_token?: string }>("model-versions/search", {
      filter,
      max_results: 1000,
      page_token,
    });
    return { items: answer.model_versions, next: answer.next_page_token };
  })) {
    if (version.name === name) versions.push(version);
  }
  return versions.sort((a, b) => Number(a.version) - Number(b.version));
}
