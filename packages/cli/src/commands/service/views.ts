import type { Service } from "@switchyard/protocol";
import { listing } from "../../output/table.ts";
import { localTime } from "../../output/words.ts";

/** A service in one line of a table. */
export function serviceRow({ name, computeType, state, models, scoringUri, createdUtc }: Service) {
  return {
    name,
    type: computeType,
    state,
    models: models.map(({ id }) => id).join(" "),
    scoringUri: scoringUri ?? "",
    created: localTime(createdUtc),
  };
}

/** All there is to say of one, for a person. */
export function serviceText(service: Service): string {
  const { environment, deployment } = service;
  return listing([
    ["Name", service.name],
    ["Type", service.computeType],
    ["State", service.state],
    ["Error", service.error === null ? "" : `${service.error.code}: ${service.error.message}`],
    ["Scoring URI", service.scoringUri ?? ""],
    ["Swagger URI", service.swaggerUri ?? ""],
    ["Asks for a key", service.authEnabled ? "yes" : "no"],
    ["Models", service.models.map(({ id }) => id).join(", ")],
    ["Entry script", service.entryScript],
    ["Environment", environment === null ? "" : `${environment.name}:${environment.version}`],
    ["Asks for", `cpu ${deployment.cpuCores}, memory ${deployment.memoryGB} GB (recorded)`],
    ["Description", service.description ?? ""],
    ["Tags", labels(service.tags)],
    ["Properties", labels(service.properties)],
    ["Starts", `${service.starts}`],
    ["Created", `${localTime(service.createdUtc)}${service.createdBy === null ? "" : ` by ${service.createdBy}`}`],
  ]);
}

const labels = (record: Readonly<Record<string, string>>): string =>
  Object.entries(record)
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`))
    .join(", ");
