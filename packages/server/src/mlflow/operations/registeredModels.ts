import { AlreadyExists, MODEL_STAGES } from "@switchyard/protocol";
import { offsetOf, pageTokenOf, readModelFilter, readModelOrder } from "@switchyard/store";
import { invalid, MlflowError } from "../errors.ts";
import { integer, list, message, required, text } from "../fields.ts";
import { defineMlflow } from "../operation.ts";
import { checkAlias, checkedTag, checkModelName, limitOf, modelOf, numberOf, tagsOf, versionOf } from "../registry/find.ts";
import { wireModelVersion, wireRegisteredModel } from "../registry/wire.ts";
import { stageFrom } from "./modelVersions.ts";

const labels = list(message({ key: required(text), value: text }));

/** MLflow's registry: models as names. */
export const registeredModelOperations = [
  defineMlflow({
    name: "createRegisteredModel",
    method: "POST",
    path: "registered-models/create",
    access: "run",
    fields: { name: required(text), tags: labels, description: text },
    async act(call) {
      const { parts, workspace, input } = call;
      checkModelName(input.name);
      const about = { description: input.description ?? null, tags: tagsOf(input.tags) };
      await parts.store.models.create(workspace, input.name, about).catch(saidAsMlflow(input.name));
      return { registered_model: wireRegisteredModel(await modelOf(call, input.name)) };
    },
  }),
  defineMlflow({
    name: "renameRegisteredModel",
    method: "POST",
    path: "registered-models/rename",
    access: "user",
    fields: { name: required(text), new_name: required(text) },
    async act(call) {
      const { parts, workspace, input } = call;
      checkModelName(input.new_name);
      await modelOf(call, input.name);
      await parts.store.models.rename(workspace, input.name, input.new_name).catch(saidAsMlflow(input.new_name));
      return { registered_model: wireRegisteredModel(await modelOf(call, input.new_name)) };
    },
  }),
  defineMlflow({
    name: "updateRegisteredModel",
    method: "PATCH",
    path: "registered-models/update",
    access: "user",
    fields: { name: required(text), description: text },
    async act(call) {
      const { parts, workspace, input } = call;
      await modelOf(call, input.name);
      await parts.store.models.describe(workspace, input.name, input.description ?? null);
      return { registered_model: wireRegisteredModel(await modelOf(call, input.name)) };
    },
  }),
  defineMlflow({
    name: "deleteRegisteredModel",
    method: "DELETE",
    path: "registered-models/delete",
    access: "user",
    fields: { name: required(text) },
    async act(call) {
      await modelOf(call, call.input.name);
      await call.parts.store.models.remove(call.workspace, call.input.name);
      return {};
    },
  }),
  defineMlflow({
    name: "getRegisteredModel",
    method: "GET",
    path: "registered-models/get",
    access: "run",
    fields: { name: required(text) },
    async act(call) {
      return { registered_model: wireRegisteredModel(await modelOf(call, call.input.name)) };
    },
  }),
  defineMlflow({
    name: "searchRegisteredModels",
    method: "GET",
    path: "registered-models/search",
    access: "run",
    fields: { filter: text, max_results: integer, order_by: list(text), page_token: text },
    async act({ parts, workspace, input }) {
      const page = { limit: limitOf(input.max_results, 100, 1000), offset: offsetOf(input.page_token) };
      const conditions = readModelFilter("model", input.filter);
      const found = await parts.store.models.find(workspace, conditions, readModelOrder("model", input.order_by), page);
      return {
        registered_models: found.items.map(wireRegisteredModel),
        ...(found.more && { next_page_token: pageTokenOf(page.offset + page.limit) }),
      };
    },
  }),
  ...(["GET", "POST"] as const).map((method) =>
    defineMlflow({
      name: "getLatestModelVersions",
      method,
      path: "registered-models/get-latest-versions",
      access: "run",
      fields: { name: required(text), stages: list(text) },
      async act(call) {
        const asked = (call.input.stages ?? []).map(stageFrom);
        const stages: readonly string[] = asked.length === 0 ? MODEL_STAGES : asked;
        const { latest } = await modelOf(call, call.input.name);
        return { model_versions: latest.filter(({ stage }) => stages.includes(stage)).map(wireModelVersion) };
      },
    }),
  ),
  defineMlflow({
    name: "setRegisteredModelTag",
    method: "POST",
    path: "registered-models/set-tag",
    access: "user",
    fields: { name: required(text), key: required(text), value: text },
    async act(call) {
      await modelOf(call, call.input.name);
      const tag = Object.fromEntries([checkedTag(call.input.key, call.input.value)]);
      await call.parts.store.models.setTags(call.workspace, call.input.name, tag);
      return {};
    },
  }),
  defineMlflow({
    name: "deleteRegisteredModelTag",
    method: "DELETE",
    path: "registered-models/delete-tag",
    access: "user",
    fields: { name: required(text), key: required(text) },
    async act(call) {
      await modelOf(call, call.input.name);
      await call.parts.store.models.removeTag(call.workspace, call.input.name, call.input.key);
      return {};
    },
  }),
  defineMlflow({
    name: "setRegisteredModelAlias",
    method: "POST",
    path: "registered-models/alias",
    access: "user",
    fields: { name: required(text), alias: required(text), version: required(text) },
    async act(call) {
      const { name, alias, version } = call.input;
      checkAlias(alias);
      await modelOf(call, name);
      await versionOf(call, name, version);
      await call.parts.store.models.setAlias(call.workspace, name, alias, numberOf(version));
      return {};
    },
  }),
  defineMlflow({
    name: "deleteRegisteredModelAlias",
    method: "DELETE",
    path: "registered-models/alias",
    access: "user",
    fields: { name: required(text), alias: required(text) },
    async act(call) {
      await modelOf(call, call.input.name);
      await call.parts.store.models.removeAlias(call.workspace, call.input.name, call.input.alias);
      return {};
    },
  }),
  defineMlflow({
    name: "getModelVersionByAlias",
    method: "GET",
    path: "registered-models/alias",
    access: "run",
    fields: { name: required(text), alias: required(text) },
    async act(call) {
      const { name, alias } = call.input;
      const { latest } = await modelOf(call, name);
      const newest = latest.reduce((most, { version }) => Math.max(most, version), 0);
      if (alias.toLowerCase() === "latest" && newest > 0)
        return { model_version: wireModelVersion(await versionOf(call, name, String(newest))) };
      const version = await call.parts.store.modelVersions.byAlias(call.workspace, name, alias);
      if (version === undefined) throw invalid(`Registered model alias ${alias} not found.`);
      return { model_version: wireModelVersion(version) };
    },
  }),
];

/** Says in MLflow's words that a name is taken. */
function saidAsMlflow(name: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof AlreadyExists) throw new MlflowError("RESOURCE_ALREADY_EXISTS", `Registered Model (name=${name}) already exists.`);
    throw error;
  };
}
