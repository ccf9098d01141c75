import { type LoggedModel, MLFLOW_STATUS, mlflowIdOf, type TrackedExperiment, type TrackedRun } from "@switchyard/store";

/** How things look on MLflow's wire. */

/** A number as Protocol Buffers' JSON has it. */
export const wireNumber = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

const pairsOf = (pairs: Readonly<Record<string, string | null>>) =>
  Object.entries(pairs).map(([key, value]) => ({ key, value: value ?? "" }));

const stageOf = (deletedAt: number | null) => (deletedAt === null ? "active" : "deleted");

export function wireExperiment(experiment: TrackedExperiment): object {
  const { id, workspace, name, createdAt, changedAt, deletedAt, tags } = experiment;
  return {
    experiment_id: mlflowIdOf(workspace, id),
    name,
    artifact_location: artifactLocationOf(experiment),
    lifecycle_stage: stageOf(deletedAt),
    creation_time: createdAt,
    last_update_time: changedAt,
    ...(Object.keys(tags).length > 0 && { tags: pairsOf(tags) }),
  };
}

/** Without a place of its own, an experiment's artifacts lie with this server. */
function artifactLocationOf({ id, workspace, artifactLocation }: Pick<TrackedExperiment, "id" | "workspace" | "artifactLocation">): string {
  return artifactLocation ?? `mlflow-artifacts:/${mlflowIdOf(workspace, id)}`;
}

/** Where the artifacts of a run lie; below `mlflow-artifacts:/` this server has them. */
export function artifactUriOf({ id, workspace, experimentId, artifactLocation }: TrackedRun): string {
  return `${artifactLocationOf({ id: experimentId, workspace, artifactLocation })}/${id}/artifacts`;
}

export function wireRunInfo(run: TrackedRun): object {
  return {
    run_id: run.id,
    run_uuid: run.id,
    run_name: run.name ?? run.id,
    experiment_id: mlflowIdOf(run.workspace, run.experimentId),
    user_id: run.user ?? "",
    status: MLFLOW_STATUS[run.status],
    start_time: run.startedAt,
    ...(run.endedAt !== null && { end_time: run.endedAt }),
    artifact_uri: artifactUriOf(run),
    lifecycle_stage: stageOf(run.deletedAt),
  };
}

export function wireRun(run: TrackedRun): object {
  const links = (direction: "input" | "output") => run.models.filter((model) => model.direction === direction);
  return {
    info: wireRunInfo(run),
    data: {
      metrics: run.metrics.map(({ name, value, time, step }) => ({ key: name, value: wireNumber(value), timestamp: time, step })),
      params: pairsOf(run.params),
      tags: pairsOf(run.tags),
    },
    inputs: {
      dataset_inputs: run.datasets.map(({ dataset, tags }) => ({
        tags: tags.map(({ name, value }) => ({ key: name, value })),
        dataset: {
          name: dataset.name,
          digest: dataset.digest,
          source_type: dataset.sourceType,
          source: dataset.source,
          ...(dataset.schema !== null && { schema: dataset.schema }),
          ...(dataset.profile !== null && { profile: dataset.profile }),
        },
      })),
      model_inputs: links("input").map(({ modelId }) => ({ model_id: modelId })),
    },
    outputs: { model_outputs: links("output").map(({ modelId, step }) => ({ model_id: modelId, step })) },
  };
}

/** Where the files of a logged model lie. */
export function modelLocationOf(model: Pick<LoggedModel, "id" | "workspace" | "experimentId">, artifactLocation: string | null): string {
  return `${artifactLocationOf({ id: model.experimentId, workspace: model.workspace, artifactLocation })}/models/${model.id}/artifacts`;
}

const MODEL_STATUS = { PENDING: "LOGGED_MODEL_PENDING", READY: "LOGGED_MODEL_READY", UPLOAD_FAILED: "LOGGED_MODEL_UPLOAD_FAILED" } as const;

export function wireLoggedModel(model: LoggedModel, artifactLocation: string | null): object {
  return {
    info: {
      model_id: model.id,
      experiment_id: mlflowIdOf(model.workspace, model.experimentId),
      name: model.name,
      creation_timestamp_ms: model.createdAt,
      last_updated_timestamp_ms: model.changedAt,
      artifact_uri: modelLocationOf(model, artifactLocation),
      status: MODEL_STATUS[model.status],
      model_type: model.type ?? "",
      source_run_id: model.sourceRunId ?? "",
      ...(model.statusMessage !== null && { status_message: model.statusMessage }),
      tags: pairsOf(model.tags),
    },
    data: {
      params: pairsOf(model.params),
      metrics: model.metrics.map((metric) => ({
        key: metric.name,
        value: wireNumber(metric.value),
        timestamp: metric.time,
        step: metric.step,
        model_id: model.id,
        run_id: metric.runId,
        ...(metric.datasetName !== null && { dataset_name: metric.datasetName }),
        ...(metric.datasetDigest !== null && { dataset_digest: metric.datasetDigest }),
      })),
    },
  };
}

/** A file or folder in a list of artifacts. */
export interface ArtifactEntry {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}
