import { z } from "zod";
import { serviceName } from "../../service/names.ts";
import {
  deployedModel,
  service,
  serviceDefinition,
  serviceDeployment,
  serviceFacts,
  serviceInference,
  serviceKeys,
} from "../../service/service.ts";
import { SERVICE_KEYS, SERVICE_TYPES } from "../../service/words.ts";
import { defineOperations } from "../operation.ts";
import { inWorkspace } from "./params.ts";

const serviceWishes = serviceDefinition.extend({
  name: serviceName,
  ...serviceFacts.partial().shape,
  /** replace the service of this name, if there is one */
  overwrite: z.boolean().default(false),
});
export type ServiceWishes = z.input<typeof serviceWishes>;

const serviceChanges = z
  .object({
    ...serviceFacts.shape,
    inference: serviceInference,
    models: z.array(deployedModel).max(1000),
    deployment: serviceDeployment.partial().describe("what is named changes; the kind of compute stays"),
  })
  .partial();
export type ServiceChanges = z.infer<typeof serviceChanges>;

export const servicesQuery = z.object({
  computeType: z.enum(SERVICE_TYPES).optional(),
  modelName: z.string().optional(),
  modelId: z.string().optional().describe("name:version"),
  tag: z.array(z.string()).or(z.string()).optional().describe("key or key=value, repeatable"),
  property: z.array(z.string()).or(z.string()).optional().describe("key or key=value, repeatable"),
});
export type ServicesQuery = z.infer<typeof servicesQuery>;

const ofName = inWorkspace.extend({ name: serviceName });

/** Web services: models that answer requests. Requests go to `/api/v1/service/<name>/score`, which is no operation of this table. */
export const servicesOperations = defineOperations({
  deployService: {
    method: "POST",
    path: "/workspaces/{workspace}/services",
    tag: "services",
    access: "user",
    idempotent: true,
    summary: "Deploy models as a web service",
    params: inWorkspace,
    body: serviceWishes,
    response: service,
  },
  listServices: {
    method: "GET",
    path: "/workspaces/{workspace}/services",
    tag: "services",
    access: "user or own run",
    summary: "Web services by name",
    params: inWorkspace,
    query: servicesQuery,
    response: z.array(service),
  },
  getService: {
    method: "GET",
    path: "/workspaces/{workspace}/services/{name}",
    tag: "services",
    access: "user or own run",
    summary: "One web service",
    params: ofName,
    response: service,
  },
  updateService: {
    method: "PATCH",
    path: "/workspaces/{workspace}/services/{name}",
    tag: "services",
    access: "user",
    summary: "Change a web service: tags are replaced, properties added; other models, code or settings start it again",
    params: ofName,
    body: serviceChanges,
    response: service,
  },
  deleteService: {
    method: "DELETE",
    path: "/workspaces/{workspace}/services/{name}",
    tag: "services",
    access: "user",
    summary: "Delete a web service, and end its processes",
    params: ofName,
    response: "none",
  },
  readServiceLogs: {
    method: "GET",
    path: "/workspaces/{workspace}/services/{name}/logs",
    tag: "services",
    access: "user",
    summary: "The last lines of what a web service printed",
    params: ofName,
    query: z.object({
      lines: z.coerce.number().int().min(1).max(100_000).default(5000),
      init: z.stringbool().default(false).describe("what was printed while its environment was prepared"),
    }),
    response: z.object({ text: z.string() }),
  },
  getServiceKeys: {
    method: "GET",
    path: "/workspaces/{workspace}/services/{name}/keys",
    tag: "services",
    access: "user",
    summary: "The keys of a web service that asks for one",
    params: ofName,
    response: serviceKeys,
  },
  regenerateServiceKey: {
    method: "POST",
    path: "/workspaces/{workspace}/services/{name}/keys",
    tag: "services",
    access: "user",
    summary: "Give a web service another key in place of one of its two",
    params: ofName,
    body: z.object({ key: z.enum(SERVICE_KEYS), value: z.string().min(8).max(500).optional().describe("made when it is left out") }),
    response: serviceKeys,
  },
});
