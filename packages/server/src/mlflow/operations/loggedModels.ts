import { randomUUID } from "node:crypto";
import type { LoggedModel } from "@switchyard/store";
import { checkKey, checkValue } from "../checks.ts";
import { invalid } from "../errors.ts";
import { flag, integer, list, message, oneOf, required, text } from "../fields.ts";
import { defineMlflow, type MlflowCall } from "../operation.ts";
import { randomRunName } from "../randomRunName.ts";
import { requireRun } from "../runAccess.ts";
import { wireLoggedModel } from "../wire.ts";
import { maxResultsOf, pairs } from "./experiments.ts";

const STATUSES = ["LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"] as const;
const STATUS = { LOGGED_MODEL_PENDING: "PENDING", LOGGED_MODEL_READY: "READY", LOGGED_MODEL_UPLOAD_FAILED: "UPLOAD_FAILED" } as const;

export const loggedModelOperations = [
  defineMlflow({
    name: "createLoggedModel",
    method: "POST",
    path: "logged-models",
    access: "run",
    fields: {
      ...{ experiment_id: required(text), name: text, model_type: text, source_run_id: text, params: pairs, tags: pairs },
      creation_timestamp_ms: integer, // of ours: an import says when a model was made
    },
    async act(call) {
      const { parts, workspace, caller, input } = call;
      const experiment = await parts.store.trackedExperiments.get(workspace, input.experiment_id);
      const sourceRunId = input.source_run_id || caller.runId;
      if (sourceRunId !== null) await requireRun(call, sourceRunId);
      const model = await parts.store.loggedModels.create({
        id: `m-${randomUUID().replaceAll("-", "")}`,
        workspace,
        experimentId: experiment.id,
        name: input.name || randomRunName(),
        type: input.model_type || null,
        sourceRunId,
        createdAt: createdAt(input.creation_timestamp_ms),
        tags: labelsOf(input.tags, "tags"),
        params: labelsOf(input.params, "params"),
      });
      return { model: wireLoggedModel(model, experiment.artifactLocation) };
    },
  }),
  defineMlflow({
    name: "getLoggedModel",
    method: "GET",
    path: "logged-models/{model_id}",
    access: "run",
    fields: { model_id: required(text), allow_deleted: flag },
    async act(call) {
      return { model: await shown(call, await call.parts.store.loggedModels.get(call.workspace, call.input.model_id)) };
    },
  }),
  defineMlflow({
    name: "finalizeLoggedModel",
    method: "PATCH",
    path: "logged-models/{model_id}",
    access: "run",
    fields: { model_id: required(text), status: required(oneOf(STATUSES)) },
    async act(call) {
      await requireModel(call, call.input.model_id);
      const status = STATUS[call.input.status];
      return { model: await shown(call, await call.parts.store.loggedModels.finalize(call.workspace, call.input.model_id, status)) };
    },
  }),
  defineMlflow({
    name: "deleteLoggedModel",
    method: "DELETE",
    path: "logged-models/{model_id}",
    access: "user",
    fields: { model_id: required(text) },
    async act({ parts, workspace, input }) {
      await parts.store.loggedModels.delete(workspace, input.model_id);
      return {};
    },
  }),
  defineMlflow({
    name: "searchLoggedModels",
    method: "POST",
    path: "logged-models/search",
    access: "run",
    fields: {
      experiment_ids: required(list(text)),
      filter: text,
      datasets: list(message({ dataset_name: required(text), dataset_digest: text })),
      max_results: integer,
      order_by: list(message({ field_name: required(text), ascending: flag, dataset_name: text, dataset_digest: text })),
      page_token: text,
      allow_deleted: flag, // MLflow knows this word where one model is asked for; an import asks for all with it
    },
    async act(call) {
      const { parts, workspace, caller, input } = call;
      const experimentIds = await Promise.all(input.experiment_ids.map((id) => idOf(call, id)));
      const { models, next } = await parts.store.loggedModels.search(workspace, {
        experimentIds,
        filter: input.filter,
        datasets: (input.datasets ?? []).map(({ dataset_name, dataset_digest }) => ({
          name: dataset_name,
          digest: dataset_digest || undefined,
        })),
        order: (input.order_by ?? []).map(({ field_name, ascending, dataset_name, dataset_digest }) => ({
          field: field_name,
          ascending: ascending ?? true,
          datasetName: dataset_name || undefined,
          datasetDigest: dataset_digest || undefined,
        })),
        limit: maxResultsOf(input.max_results || undefined, 100),
        pageToken: input.page_token,
        deleted: input.allow_deleted ?? false,
        within: caller.runId ?? undefined,
      });
      return { models: await Promise.all(models.map((model) => shown(call, model))), ...(next !== null && { next_page_token: next }) };
    },
  }),
  defineMlflow({
    name: "setLoggedModelTags",
    method: "PATCH",
    path: "logged-models/{model_id}/tags",
    access: "run",
    fields: { model_id: required(text), tags: pairs },
    async act(call) {
      await requireModel(call, call.input.model_id);
      const model = await call.parts.store.loggedModels.setTags(call.workspace, call.input.model_id, labelsOf(call.input.tags, "tags"));
      return { model: await shown(call, model) };
    },
  }),
  defineMlflow({
    name: "deleteLoggedModelTag",
    method: "DELETE",
    path: "logged-models/{model_id}/tags/{tag_key}",
    access: "run",
    fields: { model_id: required(text), tag_key: required(text) },
    async act(call) {
      await requireModel(call, call.input.model_id);
      await call.parts.store.loggedModels.deleteTag(call.workspace, call.input.model_id, call.input.tag_key);
      return {};
    },
  }),
  defineMlflow({
    name: "logLoggedModelParams",
    method: "POST",
    path: "logged-models/{model_id}/params",
    access: "run",
    fields: { model_id: required(text), params: pairs },
    async act(call) {
      await requireModel(call, call.input.model_id);
      await call.parts.store.loggedModels.addParams(call.workspace, call.input.model_id, labelsOf(call.input.params, "params"));
      return {};
    },
  }),
];

type Call = MlflowCall<unknown>;

const LATEST = 8_640_000_000_000_000;

function createdAt(millis: number | undefined): number {
  if (millis === undefined) return Date.now();
  if (millis >= 0 && millis <= LATEST) return millis;
  throw invalid(`Invalid value ${millis} for parameter 'creation_timestamp_ms' supplied. It is to be milliseconds since 1970.`);
}

/** A run's own token may change models that this run or a descendant made. */
async function requireModel(call: Call, id: string): Promise<LoggedModel> {
  const model = await call.parts.store.loggedModels.get(call.workspace, id);
  if (call.caller.scope === "run") await requireRun(call, model.sourceRunId ?? "");
  return model;
}

async function idOf({ parts, workspace }: Call, id: string): Promise<string> {
  return (await parts.store.trackedExperiments.get(workspace, id)).id;
}

async function shown({ parts, workspace }: Call, model: LoggedModel): Promise<object> {
  const { artifactLocation } = await parts.store.trackedExperiments.get(workspace, model.experimentId);
  return wireLoggedModel(model, artifactLocation);
}

function labelsOf(given: readonly { readonly key: string; readonly value?: string | undefined }[] | undefined, path: string) {
  return (given ?? []).map(({ key, value = "" }, index) => {
    checkKey(key, `${path}[${index}].key`);
    checkValue(value, `${path}[${index}].value`);
    return { name: key, value };
  });
}
