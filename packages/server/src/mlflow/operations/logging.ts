import { checkBatch, checkKey, checkValue } from "../checks.ts";
import { invalid } from "../errors.ts";
import { double, integer, list, message, required, text } from "../fields.ts";
import { defineMlflow } from "../operation.ts";
import { requireRun } from "../runAccess.ts";

const metricFields = {
  key: required(text),
  value: required(double),
  timestamp: required(integer),
  step: integer,
  model_id: text,
  dataset_name: text,
  dataset_digest: text,
};
const label = message({ key: required(text), value: text });
const LOGGED_MODELS_TAG = "mlflow.log-model.history";
const LONGEST_HISTORY = 1_000_000;

export const loggingOperations = [
  defineMlflow({
    name: "logMetric",
    method: "POST",
    path: "runs/log-metric",
    access: "run",
    finds: "by run",
    fields: { run_id: required(text), ...metricFields },
    async act(call) {
      const { parts, workspace, input } = call;
      await requireRun(call, input.run_id);
      await parts.store.tracking.log(workspace, input.run_id, { metrics: [metricOf(input, "")] });
      return {};
    },
  }),
  defineMlflow({
    name: "logParam",
    method: "POST",
    path: "runs/log-parameter",
    access: "run",
    finds: "by run",
    fields: { run_id: required(text), key: required(text), value: text },
    async act(call) {
      const { parts, workspace, input } = call;
      await requireRun(call, input.run_id);
      await parts.store.tracking.log(workspace, input.run_id, { params: [labelOf(input, "")] });
      return {};
    },
  }),
  defineMlflow({
    name: "setTag",
    method: "POST",
    path: "runs/set-tag",
    access: "run",
    finds: "by run",
    fields: { run_id: required(text), key: required(text), value: text },
    async act(call) {
      const { parts, workspace, input } = call;
      await requireRun(call, input.run_id);
      await parts.store.tracking.log(workspace, input.run_id, { tags: [labelOf(input, "")] });
      return {};
    },
  }),
  defineMlflow({
    name: "deleteTag",
    method: "POST",
    path: "runs/delete-tag",
    access: "run",
    fields: { run_id: required(text), key: required(text) },
    async act(call) {
      const { parts, workspace, input } = call;
      await requireRun(call, input.run_id);
      await parts.store.tracking.deleteTag(workspace, input.run_id, input.key);
      return {};
    },
  }),
  defineMlflow({
    name: "logBatch",
    method: "POST",
    path: "runs/log-batch",
    access: "run",
    finds: "by run",
    fields: { run_id: required(text), metrics: list(message(metricFields)), params: list(label), tags: list(label) },
    async act(call) {
      const { parts, workspace, input } = call;
      const { metrics = [], params = [], tags = [] } = input;
      checkBatch({ metrics, params, tags });
      const batch = {
        metrics: metrics.map((metric, index) => metricOf(metric, `metrics[${index}].`)),
        params: params.map((param, index) => labelOf(param, `params[${index}].`)),
        tags: tags.map((tag, index) => labelOf(tag, `tags[${index}].`)),
      };
      await requireRun(call, input.run_id);
      await parts.store.tracking.log(workspace, input.run_id, batch);
      return {};
    },
  }),
  defineMlflow({
    name: "logModel",
    method: "POST",
    path: "runs/log-model",
    access: "run",
    fields: { run_id: required(text), model_json: required(text) },
    async act(call) {
      const { parts, workspace, input } = call;
      await requireRun(call, input.run_id);
      const model = modelOf(input.model_json);
      await parts.store.tracking.changeTag(workspace, input.run_id, LOGGED_MODELS_TAG, (was) => {
        const history = JSON.stringify([...historyIn(was), model]);
        if (history.length > LONGEST_HISTORY)
          throw invalid(`Run ${input.run_id} has more logged models than its tag ${LOGGED_MODELS_TAG} can hold.`);
        return history;
      });
      return {};
    },
  }),
];

interface MetricInput {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step?: number | undefined;
  readonly model_id?: string | undefined;
  readonly dataset_name?: string | undefined;
  readonly dataset_digest?: string | undefined;
}

function metricOf({ key, value, timestamp, step, model_id, dataset_name, dataset_digest }: MetricInput, path: string) {
  checkKey(key, `${path}name`);
  if (timestamp < 0) {
    throw invalid(
      `Invalid value ${timestamp} for parameter '${path}timestamp' supplied: metric '${key}'. Timestamp must be a nonnegative long (64-bit integer).`,
    );
  }
  return {
    name: key,
    value,
    time: timestamp,
    step: step ?? 0,
    modelId: model_id,
    datasetName: dataset_name,
    datasetDigest: dataset_digest,
  };
}

function labelOf({ key, value = "" }: { readonly key: string; readonly value?: string | undefined }, path: string) {
  checkKey(key, `${path}key`);
  checkValue(value, `${path}value`);
  return { name: key, value };
}

function modelOf(json: string): object {
  let model: unknown;
  try {
    model = JSON.parse(json);
  } catch {
    throw invalid(`Malformed model info. \n ${json.slice(0, 1000)} \n is not a valid JSON.`);
  }
  if (typeof model !== "object" || model === null || Array.isArray(model)) throw invalid("Model json is to be an object.");
  const absent = ["artifact_path", "flavors", "utc_time_created", "run_id"].filter((field) => !Object.hasOwn(model, field));
  if (absent.length > 0) throw invalid(`Model json is missing mandatory fields: ${absent.join(", ")}`);
  return model;
}

function historyIn(tag: string | null): unknown[] {
  try {
    const history: unknown = JSON.parse(tag ?? "[]");
    return Array.isArray(history) ? history : [];
  } catch {
    return []; // somebody set the tag to something else
  }
}
