import { modelId, type ServicesQuery } from "@switchyard/protocol";
import type { ServiceRecord } from "@switchyard/store";
import type { Handlers } from "../http/handler.ts";
import { Registrar } from "../models/registrar.ts";
import type { Parts } from "../parts.ts";
import { presentService } from "../services/present.ts";

type Names =
  | "deployService"
  | "listServices"
  | "getService"
  | "updateService"
  | "deleteService"
  | "readServiceLogs"
  | "getServiceKeys"
  | "regenerateServiceKey";

/** Web services. Requests to them take another way: `services/scoring.ts`. */
export function serviceHandlers(parts: Parts): Pick<Handlers, Names> {
  const { store, engine, client } = parts;
  const registrar = new Registrar(parts);
  const shown = (record: ServiceRecord) => presentService(record, client.serverUrl);
  /** A model whose files are elsewhere yet has them here before it is deployed. */
  const gather = async (workspace: string, models: readonly { name: string; version: number }[]) => {
    for (const { name, version } of models) await registrar.files(await store.modelVersions.require(workspace, name, version));
  };

  return {
    async deployService({ params: { workspace }, body, caller, idempotency }) {
      await gather(workspace, body.models);
      return shown(await engine.services.deploy(workspace, body, { createdBy: caller.user, ...(idempotency && { idempotency }) }));
    },
    async listServices({ params, query }) {
      return (await store.services.list(params.workspace)).filter((service) => fits(service, query)).map(shown);
    },
    async getService({ params }) {
      return shown(await store.services.require(params.workspace, params.name));
    },
    async updateService({ params, body }) {
      const service = await store.services.require(params.workspace, params.name);
      await gather(params.workspace, body.models ?? []);
      return shown(await engine.services.update(service, body));
    },
    async deleteService({ params }) {
      await engine.services.delete(await store.services.require(params.workspace, params.name));
    },
    async readServiceLogs({ params, query }) {
      const service = await store.services.require(params.workspace, params.name);
      return { text: await engine.services.logs(service, query.lines, query.init) };
    },
    async getServiceKeys({ params }) {
      return engine.services.keys(await store.services.require(params.workspace, params.name));
    },
    async regenerateServiceKey({ params, body }) {
      const service = await store.services.require(params.workspace, params.name);
      return await engine.services.regenerateKey(service, body.key, body.value);
    },
  };
}

function fits({ definition, tags, properties }: ServiceRecord, query: ServicesQuery): boolean {
  const { models, deployment } = definition;
  if (query.computeType !== undefined && deployment.computeType !== query.computeType) return false;
  if (query.modelName !== undefined && !models.some(({ name }) => name === query.modelName)) return false;
  if (query.modelId !== undefined && !models.some(({ name, version }) => modelId(name, version) === query.modelId)) return false;
  return [query.tag ?? []].flat().every(isIn(tags)) && [query.property ?? []].flat().every(isIn(properties));
}

/** `key`: it is there; `key=value`: it has this value. */
const isIn = (labels: Readonly<Record<string, string>>) => (text: string) => {
  const equals = text.indexOf("=");
  return equals < 0 ? labels[text] !== undefined : labels[text.slice(0, equals)] === text.slice(equals + 1);
};
