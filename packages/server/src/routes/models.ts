import { Forbidden, type ModelsQuery, NotFound } from "@switchyard/protocol";
import type { ModelCondition, ModelVersionRecord } from "@switchyard/store";
import { type Caller, requireOwnRun } from "../http/access.ts";
import { contentTypeOf } from "../http/contentType.ts";
import type { Handlers } from "../http/handler.ts";
import { decodeOffset, pageFrom } from "../models/pages.ts";
import { presentModel } from "../models/present.ts";
import { Registrar } from "../models/registrar.ts";
import type { Parts } from "../parts.ts";

type Names =
  | "registerModel"
  | "listModels"
  | "getLatestModel"
  | "getModel"
  | "updateModel"
  | "deleteModel"
  | "listModelFiles"
  | "readModelFile";

/** Models. A run's own token reads all of its workspace, and writes what comes from that run or its descendants. */
export function modelHandlers(parts: Parts): Pick<Handlers, Names> {
  const { store, artifacts, access } = parts;
  const registrar = new Registrar(parts);

  const requireOwnModel = async (caller: Caller, { runId, name, version }: ModelVersionRecord) => {
    if (runId !== null) await requireOwnRun(caller, runId, access);
    else if (caller.scope === "run")
      throw new Forbidden(`Model ${name}:${version} comes from no run; a run's own token may not change it.`);
  };

  return {
    async registerModel({ params, body, caller }) {
      const runId = body.fromRun?.runId ?? body.runId ?? caller.runId;
      if (runId !== null) await requireOwnRun(caller, runId, access);
      return presentModel(await registrar.register(params.workspace, { ...body, ...(runId !== null && { runId }) }, caller.user));
    },
    async listModels({ params, query }) {
      const page = { limit: query.limit, offset: decodeOffset(query.after) };
      const newestFirst = [{ by: "created", descending: true } as const];
      const found = await store.modelVersions.find(params.workspace, conditionsOf(query), newestFirst, page);
      return pageFrom(found.items.map(presentModel), found.more, page);
    },
    async getLatestModel({ params: { workspace, name } }) {
      const newest = await store.modelVersions.newest(workspace, name);
      if (newest !== undefined) return presentModel(newest);
      const known = await store.models.get(workspace, name);
      throw new NotFound(`${known ? `Model "${name}" has no versions` : `There is no model "${name}"`} in workspace "${workspace}".`);
    },
    async getModel({ params }) {
      return presentModel(await store.modelVersions.require(params.workspace, params.name, params.version));
    },
    async updateModel({ params, body, caller }) {
      const record = await store.modelVersions.require(params.workspace, params.name, params.version);
      await requireOwnModel(caller, record);
      return presentModel(await registrar.update(record, body));
    },
    async deleteModel({ params }) {
      await store.modelVersions.remove(params.workspace, params.name, params.version);
    },
    async listModelFiles({ params }) {
      return await registrar.files(await store.modelVersions.require(params.workspace, params.name, params.version));
    },
    async readModelFile({ params }) {
      const record = await store.modelVersions.require(params.workspace, params.name, params.version);
      const file = (await registrar.files(record)).find(({ path }) => path === params.path);
      if (file === undefined) throw new NotFound(`Model ${record.name}:${record.version} has no file "${params.path}".`);
      const { sha256, size } = file;
      return { size, sha256, contentType: contentTypeOf(params.path), read: (range) => artifacts.blobs.read(sha256, range) };
    },
  };
}

function conditionsOf({ name, tag, property, runId, framework, latest }: ModelsQuery): ModelCondition[] {
  const conditions: ModelCondition[] = [];
  for (const [field, value] of Object.entries({ name, runId, framework }))
    if (value !== undefined) conditions.push({ field: field as "name", operator: "=", value });
  for (const text of [tag ?? []].flat()) conditions.push(labelOf("tag", text));
  for (const text of [property ?? []].flat()) conditions.push(labelOf("property", text));
  if (latest) conditions.push({ newest: true });
  return conditions;
}

/** `key`: the label is there; `key=value`: it has this value. */
function labelOf(label: "tag" | "property", text: string): ModelCondition {
  const equals = text.indexOf("=");
  return equals < 0 ? { label, name: text } : { label, name: text.slice(0, equals), operator: "=", value: text.slice(equals + 1) };
}
