import { resolve } from "node:path";
import { mlflowIdOf, type ViewType } from "@switchyard/store";
import { checkKey, checkValue } from "../checks.ts";
import { invalid, missing } from "../errors.ts";
import { integer, list, message, oneOf, required, text } from "../fields.ts";
import { defineMlflow } from "../operation.ts";
import { wireExperiment } from "../wire.ts";

export const VIEW_TYPES = ["ACTIVE_ONLY", "DELETED_ONLY", "ALL"] as const satisfies readonly ViewType[];
export const pairs = list(message({ key: required(text), value: text }));
const LONGEST_NAME = 500;
const LONGEST_LOCATION = 2048;
const MOST_RESULTS = 50_000;

export const experimentOperations = [
  defineMlflow({
    name: "createExperiment",
    method: "POST",
    path: "experiments/create",
    access: "user",
    fields: { name: required(text), artifact_location: text, tags: pairs },
    async act({ parts, workspace, input }) {
      checkName(input.name);
      const tags = (input.tags ?? []).map(({ key, value }) => ({ name: key, value: value ?? "" }));
      for (const { name, value } of tags) checkTag(name, value);
      const artifactLocation = locationOf(input.artifact_location);
      const id = await parts.store.trackedExperiments.create(workspace, input.name, { artifactLocation, tags });
      return { experiment_id: id };
    },
  }),
  defineMlflow({
    name: "getExperiment",
    method: "GET",
    path: "experiments/get",
    access: "run",
    fields: { experiment_id: required(text) },
    async act({ parts, workspace, input }) {
      return { experiment: wireExperiment(await parts.store.trackedExperiments.get(workspace, input.experiment_id)) };
    },
  }),
  defineMlflow({
    name: "getExperimentByName",
    method: "GET",
    path: "experiments/get-by-name",
    access: "run",
    fields: { experiment_name: required(text) },
    async act({ parts, workspace, input }) {
      const experiment = await parts.store.trackedExperiments.byName(workspace, input.experiment_name);
      if (experiment === undefined) throw missing(`Could not find experiment with name '${input.experiment_name}'`);
      return { experiment: wireExperiment(experiment) };
    },
  }),
  ...(["GET", "POST"] as const).map((method) =>
    defineMlflow({
      name: "searchExperiments",
      method,
      path: "experiments/search",
      access: "run",
      fields: { max_results: integer, page_token: text, filter: text, order_by: list(text), view_type: oneOf(VIEW_TYPES) },
      async act({ parts, workspace, input }) {
        const { experiments, next } = await parts.store.trackedExperiments.search(workspace, {
          filter: input.filter,
          orderBy: input.order_by,
          view: input.view_type ?? "ACTIVE_ONLY",
          limit: maxResultsOf(input.max_results, 1000),
          pageToken: input.page_token,
        });
        return { experiments: experiments.map(wireExperiment), ...(next !== null && { next_page_token: next }) };
      },
    }),
  ),
  defineMlflow({
    name: "deleteExperiment",
    method: "POST",
    path: "experiments/delete",
    access: "user",
    fields: { experiment_id: required(text) },
    async act({ parts, workspace, input }) {
      await parts.store.trackedExperiments.delete(workspace, input.experiment_id);
      return {};
    },
  }),
  defineMlflow({
    name: "restoreExperiment",
    method: "POST",
    path: "experiments/restore",
    access: "user",
    fields: { experiment_id: required(text) },
    async act({ parts, workspace, input }) {
      await parts.store.trackedExperiments.restore(workspace, input.experiment_id);
      return {};
    },
  }),
  defineMlflow({
    name: "updateExperiment",
    method: "POST",
    path: "experiments/update",
    access: "user",
    fields: { experiment_id: required(text), new_name: required(text) },
    async act({ parts, workspace, input }) {
      checkName(input.new_name);
      await parts.store.trackedExperiments.rename(workspace, input.experiment_id, input.new_name);
      return {};
    },
  }),
  defineMlflow({
    name: "setExperimentTag",
    method: "POST",
    path: "experiments/set-experiment-tag",
    access: "user",
    fields: { experiment_id: required(text), key: required(text), value: text },
    async act({ parts, workspace, input }) {
      checkTag(input.key, input.value ?? "");
      await parts.store.trackedExperiments.setTag(workspace, input.experiment_id, { name: input.key, value: input.value ?? "" });
      return {};
    },
  }),
  defineMlflow({
    name: "deleteExperimentTag",
    method: "POST",
    path: "experiments/delete-experiment-tag",
    access: "user",
    fields: { experiment_id: required(text), key: required(text) },
    async act({ parts, workspace, input }) {
      await parts.store.trackedExperiments.deleteTag(workspace, input.experiment_id, input.key);
      return {};
    },
  }),
  defineMlflow({
    name: "searchDatasets",
    method: "POST",
    path: "experiments/search-datasets",
    access: "user",
    fields: { experiment_ids: list(text) },
    async act({ parts, workspace, input }) {
      const asked = input.experiment_ids ?? [];
      if (asked.length === 0) throw invalid("SearchDatasets request must specify at least one experiment_id.");
      if (asked.length > 20) {
        throw invalid(`SearchDatasets request cannot specify more than 20 experiment_ids. Received ${asked.length} experiment_ids.`);
      }
      const ids = await Promise.all(asked.map(async (id) => (await parts.store.trackedExperiments.get(workspace, id)).id));
      const summaries = await parts.store.tracking.datasets(ids, 1000);
      return {
        dataset_summaries: summaries.map(({ experimentId, name, digest, context }) => ({
          experiment_id: mlflowIdOf(workspace, experimentId),
          name,
          digest,
          ...(context !== null && { context }),
        })),
      };
    },
  }),
];

/** How many things a page may hold. */
export function maxResultsOf(asked: number | undefined, otherwise: number): number {
  const limit = asked ?? otherwise;
  if (limit >= 1 && limit <= MOST_RESULTS) return limit;
  throw invalid(`Invalid value ${limit} for parameter 'max_results' supplied: It must be at least 1 and at most ${MOST_RESULTS}.`);
}

function checkName(name: string): void {
  if (name.length > LONGEST_NAME) throw invalid(`'experiment name' exceeds the maximum length of ${LONGEST_NAME} characters`);
}

function checkTag(key: string, value: string): void {
  checkKey(key, "key");
  checkValue(value, "value");
}

/** A place that clients put artifacts to themselves. A path of files is taken from where the server runs, as MLflow does. */
function locationOf(location: string | undefined): string | undefined {
  if (location === undefined || location === "") return undefined;
  if (location.length > LONGEST_LOCATION) throw invalid(`'artifact_location' exceeds the maximum length of ${LONGEST_LOCATION} characters`);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(location)?.[1]?.toLowerCase();
  if (scheme === "mlflow-artifacts") {
    throw invalid("Artifacts below mlflow-artifacts:/ lie where this server decides; leave artifact_location out.");
  }
  if (/[?#]/.test(location))
    throw invalid(`Invalid value ${JSON.stringify(location)} for parameter 'artifact_location' supplied: no ? or # may be in it.`);
  return scheme === undefined ? resolve(location) : location;
}
