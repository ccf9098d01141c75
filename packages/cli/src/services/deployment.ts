import { resolve } from "node:path";
import type { JsonObject, ServiceDeployment, ServiceType } from "@switchyard/protocol";
import { BadRequest, NotImplemented } from "@switchyard/protocol/errors";
import { LATER_SERVICE_TYPES, SERVICE_TYPES } from "@switchyard/protocol/service";
import { isObject, readJsonFile, textIn } from "./jsonFile.ts";

/** How a service is to be carried, and what people say of it in the same file. */
export interface Deployment {
  readonly deployment: Partial<ServiceDeployment> & { readonly computeType: ServiceType };
  readonly description: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, string>>;
}

/** Keys of v1's file that say nothing here: what they promise is kept, or nobody is worse off. */
const PASSED_OVER = ["namespace", "scoringTimeoutMs", "dataCollection"];
/** Keys that ask for what is not here. */
const REFUSED = [
  ...["sslCertificate", "sslKey", "cname", "keys", "autoScaler", "numReplicas", "gpuCores", "tokenAuthEnabled", "vnetName", "subnetName"],
  ...["maxConcurrentRequestsPerContainer", "maxQueueWaitMs", "livenessProbeRequirements"],
];
const KEYS = [
  ...[
    "computeType",
    "containerResourceRequirements",
    "authEnabled",
    "sslEnabled",
    "appInsightsEnabled",
    "location",
    "dnsNameLabel",
    "port",
  ],
  ...["description", "tags", "properties", ...PASSED_OVER, ...REFUSED],
];

/** Reads a deployment configuration file; without one a container instance, as in v1. */
export async function deploymentFrom(named: string | undefined, cwd: string): Promise<Deployment> {
  if (named === undefined) return { deployment: { computeType: "aci" }, description: undefined, tags: {}, properties: {} };
  const file = resolve(cwd, named);
  const json = await readJsonFile(file, "deployment configuration", KEYS);
  const computeType = typeOf(json, file);
  const refused = REFUSED.find((key) => json[key] !== undefined && json[key] !== null);
  if (refused !== undefined) throw new NotImplemented(`${file}: "${refused}" is not part of this version, so nothing was deployed.`);
  if (json.sslEnabled === true)
    throw new NotImplemented(`${file}: "sslEnabled" is not part of this version: put a TLS proxy before the server.`);
  const resources = isObject(json.containerResourceRequirements) ? json.containerResourceRequirements : {};
  const given = {
    port: json.port,
    cpuCores: resources.cpu,
    memoryGB: resources.memoryInGB,
    authEnabled: json.authEnabled,
    appInsightsEnabled: json.appInsightsEnabled,
    location: textIn(json, "location", file),
    dnsNameLabel: textIn(json, "dnsNameLabel", file),
  };
  const set = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
  return {
    deployment: { computeType, ...(Object.fromEntries(set) as Partial<ServiceDeployment>) },
    description: textIn(json, "description", file),
    tags: labelsIn(json, "tags", file),
    properties: labelsIn(json, "properties", file),
  };
}

function typeOf(json: JsonObject, file: string): ServiceType {
  const given = textIn(json, "computeType", file) ?? "";
  const word = given.toLowerCase();
  const known = SERVICE_TYPES.find((type) => type === word);
  if (known !== undefined) return known;
  if ((LATER_SERVICE_TYPES as readonly string[]).includes(word))
    throw new NotImplemented(`${file}: web services of the kind "${given}" come later. There are ${SERVICE_TYPES.join(" and ")}.`);
  throw new BadRequest(`${file}: "computeType" is ${given === "" ? "missing" : `"${given}"`}; it is one of ${SERVICE_TYPES.join(", ")}.`);
}

function labelsIn(json: JsonObject, key: string, file: string): Record<string, string> {
  const given = json[key] ?? {};
  if (!isObject(given)) throw new BadRequest(`${file}: "${key}" is to be an object of names and texts.`);
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value === null ? "" : String(value)]));
}
