import { MODEL_STAGES, type ModelStage, NotFound } from "@switchyard/protocol";
import { type LoggedModel, type ModelVersionRecord, offsetOf, pageTokenOf, readModelFilter, readModelOrder } from "@switchyard/store";
import { Registrar } from "../../models/registrar.ts";
import { placeOfSource } from "../../models/source.ts";
import { placeOfModel } from "../artifactPlaces.ts";
import { invalid } from "../errors.ts";
import { flag, integer, list, message, required, text } from "../fields.ts";
import { defineMlflow, type MlflowCall } from "../operation.ts";
import { checkedTag, limitOf, modelOf, ownVersionOf, tagsOf, versionOf } from "../registry/find.ts";
import { loggedModelOf, lookAtSource } from "../registry/source.ts";
import { ownUriOf, wireModelVersion } from "../registry/wire.ts";
import { requireRun } from "../runAccess.ts";

const labels = list(message({ key: required(text), value: text }));
const OF_VERSION = { name: required(text), version: required(text) };

/** MLflow's registry: versions of models. */
export const modelVersionOperations = [
  defineMlflow({
    name: "createModelVersion",
    method: "POST",
    path: "model-versions/create",
    access: "run",
    fields: {
      ...{ name: required(text), source: required(text), run_id: text, run_link: text, description: text },
      ...{ tags: labels, model_id: text },
    },
    async act(call) {
      const { parts, workspace, caller, input } = call;
      await modelOf(call, input.name);
      const { location, copied } = await lookAtSource(call, input.source);
      const logged = input.model_id ? await loggedModelOf(call, input.model_id) : null;
      const runId = input.run_id || logged?.sourceRunId || copied?.runId || caller.runId;
      if (runId !== null) await requireRun(call, runId);
      await requireOwnSource(call, location ?? input.source);
      const run = runId === null ? undefined : await parts.store.runs.get(runId);
      const made = await parts.store.modelVersions.register(
        {
          ...{ workspace, name: input.name, description: input.description ?? null, tags: tagsOf(input.tags), properties: {}, details: {} },
          ...{ framework: copied?.framework ?? null, frameworkVersion: copied?.frameworkVersion ?? null, createdBy: caller.user },
          ...{ runId, experiment: run?.workspace === workspace ? run.experiment : null, runPath: copied?.runPath ?? null },
          ...{ source: input.source, location, runLink: input.run_link || null, loggedModelId: input.model_id || null },
          ...{ path: copied?.path ?? null, content: copied?.path ? await parts.store.modelVersions.files(copied) : null },
        },
        { modelExists: true },
      );
      if (made.path === null) await new Registrar(parts).gather(made).catch(ifNotHere);
      if (logged !== null) await tellLoggedModel(call, logged, made);
      return { model_version: wireModelVersion(await versionOf(call, made.name, String(made.version))) };
    },
  }),
  defineMlflow({
    name: "updateModelVersion",
    method: "PATCH",
    path: "model-versions/update",
    access: "run",
    fields: { ...OF_VERSION, description: text },
    async act(call) {
      const { name, version } = await ownVersionOf(call, call.input.name, call.input.version);
      const changes = { description: call.input.description ?? null };
      return { model_version: wireModelVersion(await call.parts.store.modelVersions.update(call.workspace, name, version, changes)) };
    },
  }),
  defineMlflow({
    name: "transitionModelVersionStage",
    method: "POST",
    path: "model-versions/transition-stage",
    access: "user",
    fields: { ...OF_VERSION, stage: required(text), archive_existing_versions: flag },
    async act(call) {
      const { input, parts, workspace } = call;
      const stage = stageFrom(input.stage);
      const archives = input.archive_existing_versions ?? false;
      if (archives && (stage === "None" || stage === "Archived"))
        throw invalid(`archive_existing_versions is for the stages Staging and Production, not for ${stage}.`);
      const { name, version } = await versionOf(call, input.name, input.version);
      return { model_version: wireModelVersion(await parts.store.modelVersions.moveTo(workspace, name, version, stage, archives)) };
    },
  }),
  defineMlflow({
    name: "deleteModelVersion",
    method: "DELETE",
    path: "model-versions/delete",
    access: "user",
    fields: OF_VERSION,
    async act(call) {
      const { name, version } = await versionOf(call, call.input.name, call.input.version);
      await call.parts.store.modelVersions.remove(call.workspace, name, version);
      return {};
    },
  }),
  defineMlflow({
    name: "getModelVersion",
    method: "GET",
    path: "model-versions/get",
    access: "run",
    fields: OF_VERSION,
    async act(call) {
      return { model_version: wireModelVersion(await versionOf(call, call.input.name, call.input.version)) };
    },
  }),
  defineMlflow({
    name: "searchModelVersions",
    method: "GET",
    path: "model-versions/search",
    access: "run",
    fields: { filter: text, max_results: integer, order_by: list(text), page_token: text },
    async act({ parts, workspace, input }) {
      const page = { limit: limitOf(input.max_results, 10_000, 200_000), offset: offsetOf(input.page_token) };
      const asked = readModelOrder("version", input.order_by);
      const orders = asked.length > 0 ? asked : [{ by: "updated", descending: true } as const];
      const found = await parts.store.modelVersions.find(workspace, readModelFilter("version", input.filter), orders, page);
      return {
        model_versions: found.items.map(wireModelVersion),
        ...(found.more && { next_page_token: pageTokenOf(page.offset + page.limit) }),
      };
    },
  }),
  defineMlflow({
    name: "getModelVersionDownloadUri",
    method: "GET",
    path: "model-versions/get-download-uri",
    access: "run",
    fields: OF_VERSION,
    async act(call) {
      const version = await versionOf(call, call.input.name, call.input.version);
      // a copy of a version that was registered in our words has its own files
      const source = version.source?.startsWith("models:") ? null : version.source;
      return { artifact_uri: version.location ?? source ?? ownUriOf(version) };
    },
  }),
  defineMlflow({
    name: "setModelVersionTag",
    method: "POST",
    path: "model-versions/set-tag",
    access: "run",
    fields: { ...OF_VERSION, key: required(text), value: text },
    async act(call) {
      const { name, version } = await ownVersionOf(call, call.input.name, call.input.version);
      const tag = Object.fromEntries([checkedTag(call.input.key, call.input.value)]);
      await call.parts.store.modelVersions.setTags(call.workspace, name, version, tag);
      return {};
    },
  }),
  defineMlflow({
    name: "deleteModelVersionTag",
    method: "DELETE",
    path: "model-versions/delete-tag",
    access: "run",
    fields: { ...OF_VERSION, key: required(text) },
    async act(call) {
      const { name, version } = await ownVersionOf(call, call.input.name, call.input.version);
      await call.parts.store.modelVersions.removeTag(call.workspace, name, version, call.input.key);
      return {};
    },
  }),
];

/** The stage with this name, whatever its case. */
export function stageFrom(text: string): ModelStage {
  const stage = MODEL_STAGES.find((each) => each.toLowerCase() === text.toLowerCase());
  if (stage !== undefined) return stage;
  throw invalid(`Invalid Model Version stage: ${text.slice(0, 100)}. Value must be one of ${MODEL_STAGES.join(", ")}.`);
}

/** A run's own token makes models of what that run or its descendants have: else it could read any run's files that way. */
async function requireOwnSource(call: MlflowCall<unknown>, source: string): Promise<void> {
  const place = call.caller.scope === "run" ? placeOfSource(source) : null;
  if (place === null) return;
  if ("runId" in place) {
    await requireRun(call, place.runId);
    return;
  }
  const logged = await loggedModelOf(call, place.loggedModelId);
  if (logged !== null) await placeOfModel(call, logged);
}

/** Files that lie elsewhere, or have yet to come home, are looked for when somebody wants them. */
function ifNotHere(error: unknown): void {
  if (!(error instanceof NotFound)) throw error;
}

const VERSIONS_TAG = "mlflow.modelVersions";

/** A logged model says which versions were made of it, in a tag that MLflow's clients read: JSON as Python writes it. */
async function tellLoggedModel({ parts, workspace }: MlflowCall<unknown>, logged: LoggedModel, made: ModelVersionRecord): Promise<void> {
  const known = versionsIn(logged.tags[VERSIONS_TAG]);
  const all = [...known, { name: made.name, version: made.version }];
  const text = `[${all.map(({ name, version }) => `{"name": ${JSON.stringify(name)}, "version": ${version}}`).join(", ")}]`;
  await parts.store.loggedModels.setTags(workspace, logged.id, [{ name: VERSIONS_TAG, value: text }]);
}

function versionsIn(text: string | undefined): { name: string; version: number }[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(found) ? found.filter(({ name, version }) => typeof name === "string" && typeof version === "number") : [];
  } catch {
    return [];
  }
}
