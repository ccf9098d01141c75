import { randomBytes } from "node:crypto";
import {
  BadRequest,
  type JsonObject,
  NotFound,
  normaliseRunConfiguration,
  type ServiceChanges,
  type ServiceDefinition,
  serviceDefinition,
  toWire,
  withoutSecrets,
} from "@switchyard/protocol";
import type { IdempotencyClaim, ServiceRecord } from "@switchyard/store";
import { surroundingsOf } from "../bundle/container.ts";
import { secretsGiven } from "../bundle/runSecrets.ts";
import type { EngineContext } from "../context.ts";
import { nearest } from "../nearest.ts";
import { SnapshotFolders } from "../snapshots/folders.ts";
import { registerEnvironment, withRegisteredEnvironment } from "../submit/environment.ts";
import { wireOf } from "./jobFile.ts";
import { newServiceSecrets, openServiceSecrets, sealServiceSecrets } from "./secrets.ts";
import { beginAnew } from "./states.ts";

/** A deployment as the engine takes it: checked against the schema. */
export interface DeployWishes extends ServiceDefinition {
  readonly name: string;
  readonly description?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly properties?: Readonly<Record<string, string>> | undefined;
  readonly overwrite: boolean;
}

/** Who deploys, and under which promise that a repeat is the same request. */
export interface DeployOptions {
  readonly createdBy: string | null;
  readonly idempotency?: IdempotencyClaim;
}

/** Checks a deployment and stores it as a service that is yet to be started. */
export async function deployService(
  context: EngineContext,
  workspace: string,
  wishes: DeployWishes,
  { createdBy, idempotency }: DeployOptions,
): Promise<ServiceRecord> {
  const { store, clock, instance } = context;
  const was = wishes.overwrite ? await store.services.get(workspace, wishes.name) : undefined;
  const { definition, environment, secrets } = await prepared(context, workspace, wishes);
  const now = clock.now();
  const facts = { description: wishes.description ?? null, tags: wishes.tags ?? {}, properties: wishes.properties ?? {} };
  if (was !== undefined) return await replaced(context, was, { definition, environment, secrets, facts, instance });
  const id = `service-${wishes.name}-${randomBytes(4).toString("hex")}`;
  const record: ServiceRecord = {
    ...{ id, workspace, name: wishes.name, instance, definition, environment, ...facts },
    sealed: await sealServiceSecrets(context, id, newServiceSecrets(secrets)),
    ...{ state: "Transitioning", error: null, starts: 0, jobId: null, handle: null, port: null, wasHealthy: false },
    ...{ healthySince: null, failures: 0, retryAt: null, left: [], cursors: [], createdBy, createdAt: now, modifiedAt: now },
    ...{ deletedAt: null, version: 1 },
  };
  return await store.services.create(record, idempotency);
}

interface Replacement {
  readonly definition: ServiceDefinition;
  readonly environment: ServiceRecord["environment"];
  readonly secrets: Readonly<Record<string, string>>;
  readonly facts: Pick<ServiceRecord, "description" | "tags" | "properties">;
  readonly instance: string;
}

/** The same service with all of it new but its keys, which its users have. */
async function replaced(context: EngineContext, was: ServiceRecord, { secrets, facts, ...next }: Replacement): Promise<ServiceRecord> {
  requireSameServer(was, next.instance);
  const { primaryKey, secondaryKey, passSecret } = openServiceSecrets(context, was);
  const sealed = await sealServiceSecrets(context, was.id, { ...secrets, primaryKey, secondaryKey, passSecret });
  return await change(context, was, (service) => {
    const staysOfKind = service.definition.deployment.computeType === next.definition.deployment.computeType;
    const port = staysOfKind ? service.port : null;
    return { ...beginAnew(service, context.clock.now()), ...next, ...facts, port, sealed };
  });
}

/** Changes what is named. Other code, models or settings begin the service anew. */
export async function updateService(
  context: EngineContext,
  was: ServiceRecord,
  { inference, models, deployment, description, tags, properties }: ServiceChanges,
): Promise<ServiceRecord> {
  requireSameServer(was, context.instance);
  const facts = (service: ServiceRecord): Partial<ServiceRecord> => ({
    modifiedAt: context.clock.now(),
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags }),
    properties: withMoreProperties(service, properties ?? {}),
  });
  if (inference === undefined && models === undefined && deployment === undefined)
    return await change(context, was, (service) => ({ ...service, ...facts(service) }));
  if (deployment?.computeType !== undefined && deployment.computeType !== was.definition.deployment.computeType) {
    throw new BadRequest(
      `Web service "${was.name}" is of the kind "${was.definition.deployment.computeType}", which stays. Delete it, or deploy with overwrite.`,
    );
  }
  const asked = serviceDefinition.parse({
    inference: inference ?? was.definition.inference,
    models: models ?? was.definition.models,
    deployment: { ...was.definition.deployment, ...defined(deployment ?? {}) },
  });
  if (inference === undefined && models === undefined && isSameProcess(was.definition, asked)) {
    return await change(context, was, (service) => ({ ...service, ...facts(service), definition: asked }));
  }
  const { definition, environment, secrets } = await prepared(context, was.workspace, asked);
  const { primaryKey, secondaryKey, passSecret, ...kept } = openServiceSecrets(context, was);
  const more = inference === undefined ? kept : secrets;
  const sealed = await sealServiceSecrets(context, was.id, { ...more, primaryKey, secondaryKey, passSecret });
  return await change(context, was, (service) => ({
    ...beginAnew(service, context.clock.now()),
    ...facts(service),
    ...{ definition, environment, sealed },
  }));
}

/** Whether keys are asked for is the server's business: its process need not begin anew for that. */
function isSameProcess({ deployment: was }: ServiceDefinition, { deployment: next }: ServiceDefinition): boolean {
  return was.port === next.port;
}

function withMoreProperties({ name, properties }: ServiceRecord, more: Readonly<Record<string, string>>): Record<string, string> {
  const different = Object.keys(more).filter((key) => properties[key] !== undefined && properties[key] !== more[key]);
  if (different.length === 0) return { ...properties, ...more };
  throw new BadRequest(`Web service "${name}" has ${different.map((key) => `"${key}"`).join(", ")} with another value: a property stays.`);
}

/** Saves what `next` makes of the service, however often somebody else saves meanwhile. Throws NotFound when it was deleted. */
export async function change(
  { store }: EngineContext,
  was: ServiceRecord,
  next: (service: ServiceRecord) => ServiceRecord,
): Promise<ServiceRecord> {
  for (let service: ServiceRecord | undefined = was; ; service = await store.services.byId(was.id)) {
    if (service === undefined || service.deletedAt !== null) throw new NotFound(`The web service "${was.name}" was deleted meanwhile.`);
    const changed = next(service);
    if (await store.services.replace(service, changed)) return { ...changed, version: service.version + 1 };
  }
}

function requireSameServer({ name, instance }: ServiceRecord, own: string): void {
  if (instance === own) return;
  throw new BadRequest(
    `Web service "${name}" runs on the machine of another server (${instance}), and only that one can change it. Ask that server, or delete the service and deploy it here.`,
  );
}

/** Checks what can be checked now, so that a deployment that cannot work is refused and not left to fail. */
async function prepared(context: EngineContext, workspace: string, wishes: ServiceDefinition) {
  const { inference, deployment, models } = wishes;
  if (deployment.port !== null && deployment.computeType !== "local") {
    throw new BadRequest("Only a local web service has a port of its own (deployment.port); all others are reached through the server.");
  }
  const given = await withRegisteredEnvironment(context, workspace, wireOf(inference));
  const wire = withoutSecrets(given);
  const secrets = secretsGiven(context, given);
  const configuration = normaliseRunConfiguration(wire);
  surroundingsOf(configuration, context.settings.images); // throws what nobody could prepare
  await checkEntryScript(context, workspace, inference);
  for (const { name, version } of models) await context.store.modelVersions.require(workspace, name, version);
  const registered = await registerEnvironment(context, workspace, configuration);
  const { environment } = toWire(configuration) as { environment: JsonObject };
  return {
    definition: { inference: { ...inference, environment }, deployment, models } as ServiceDefinition,
    environment: { name: registered.name, version: registered.version },
    secrets,
  };
}

async function checkEntryScript(context: EngineContext, workspace: string, { entryScript, snapshotId }: ServiceDefinition["inference"]) {
  const snapshot = await context.store.snapshots.get(snapshotId, workspace);
  if (snapshot === undefined)
    throw new NotFound(`There is no snapshot "${snapshotId}" in workspace "${workspace}". Send the folder of the entry script again.`);
  const parts = entryScript.split("/");
  if (entryScript.startsWith("/") || parts.includes(".."))
    throw new BadRequest(`The entry script "${entryScript}" is outside its folder. Name it by its path inside the source directory.`);
  if (!entryScript.endsWith(".py"))
    throw new BadRequest(`The entry script "${entryScript}" is no Python file: its name has to end with .py.`);
  const folders = new SnapshotFolders(context.artifacts);
  const entry = await folders.find(snapshot.root, entryScript);
  if (entry?.kind === "file" || entry?.kind === "link") return;
  const scripts: string[] = [];
  for await (const { path, entry: each } of folders.walk(snapshot.root)) {
    if (each.kind === "file" && path.endsWith(".py")) scripts.push(path);
    if (scripts.length >= 1000) break;
  }
  const near = nearest(entryScript, scripts);
  const guess = near === null ? "Check its name, and the source directory." : `Did you mean "${near}"?`;
  throw new BadRequest(`There is no entry script "${entryScript}" in the folder that was sent. ${guess}`, { details: { nearest: near } });
}

function defined<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}
