import { z } from "zod";
import { modelName, modelVersion } from "../model/names.ts";
import { instant } from "../run/run.ts";
import { SERVICE_STATES, SERVICE_TYPES } from "./words.ts";

const label = z.string().min(1).max(500);
const labels = z.record(label, z.string().max(5000));

/** A version of a model that a service uses. */
export const deployedModel = z.object({ name: modelName, version: modelVersion });
export type DeployedModel = z.infer<typeof deployedModel>;

/** What a service runs: an entry script of a folder that was sent, in an environment as run configurations have it. */
export const serviceInference = z.object({
  entryScript: z.string().min(1).max(2048),
  snapshotId: z.string().min(1),
  environment: z
    .record(z.string(), z.unknown())
    .describe("the section `environment` of a run configuration; a name alone means one of the workspace"),
  description: z.string().max(5000).nullable().default(null),
});
export type ServiceInference = z.infer<typeof serviceInference>;

/** How a service is carried. Cores and memory are recorded; nothing holds the service to them. */
export const serviceDeployment = z.object({
  computeType: z.enum(SERVICE_TYPES),
  /** `local` only: the port of the server's machine; null: one that is free */
  port: z.int().min(1).max(65_535).nullable().default(null),
  cpuCores: z.number().positive().max(1024).default(0.1),
  memoryGB: z.number().positive().max(48_000).default(0.5),
  authEnabled: z.boolean().default(false),
  appInsightsEnabled: z.boolean().default(false),
  location: z.string().max(200).nullable().default(null),
  dnsNameLabel: z.string().max(200).nullable().default(null),
});
export type ServiceDeployment = z.infer<typeof serviceDeployment>;

/** What was deployed: enough to start it again anywhere. */
export const serviceDefinition = z.object({
  inference: serviceInference,
  deployment: serviceDeployment,
  models: z.array(deployedModel).max(1000),
});
export type ServiceDefinition = z.infer<typeof serviceDefinition>;

/** What people say of a service. */
export const serviceFacts = z.object({ description: z.string().max(5000), tags: labels, properties: labels });

export const serviceError = z.object({ code: z.string(), message: z.string() });
export type ServiceError = z.infer<typeof serviceError>;

/** A model or several, deployed: answers requests until it is deleted. */
export const service = z.object({
  id: z.string(),
  name: z.string(),
  computeType: z.enum(SERVICE_TYPES),
  state: z.enum(SERVICE_STATES),
  error: serviceError.nullable(),
  /** where requests go; null while nobody knows */
  scoringUri: z.string().nullable(),
  swaggerUri: z.string().nullable(),
  /** the way through the server, which works wherever the server does */
  proxyUri: z.string(),
  authEnabled: z.boolean(),
  port: z.int().nullable(),
  description: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  properties: z.record(z.string(), z.string()),
  models: z.array(deployedModel.extend({ id: z.string() })),
  entryScript: z.string(),
  snapshotId: z.string(),
  environment: z.object({ name: z.string(), version: z.string() }).nullable(),
  deployment: serviceDeployment,
  /** how often it was started, by a deployment, an update or after it died */
  starts: z.int(),
  createdBy: z.string().nullable(),
  createdUtc: instant,
  modifiedUtc: instant,
});
export type Service = z.infer<typeof service>;

export const serviceKeys = z.object({ primaryKey: z.string(), secondaryKey: z.string() });
export type ServiceKeys = z.infer<typeof serviceKeys>;
