import type { RegisteredDataset } from "@switchyard/protocol";
import { listing } from "../../output/table.ts";
import { localTime } from "../../output/words.ts";

/** A dataset in one line of a table. */
export function datasetRow({ name, version, definition, state, registeredUtc, description }: RegisteredDataset) {
  return { name, version, type: definition.kind, state, registered: localTime(registeredUtc), description: description ?? "" };
}

/** All there is to say of a version, for a person. */
export function datasetText(dataset: RegisteredDataset): string {
  const { definition, tags } = dataset;
  return listing([
    ["Name", dataset.name],
    ["Version", `${dataset.version}${dataset.version === dataset.latestVersion ? "" : ` of ${dataset.latestVersion}`}`],
    ["Id", dataset.datasetId],
    ["Type", definition.kind],
    ["From", definition.sources.map((source) => ("url" in source ? source.url : `${source.datastore}:${source.path || "/"}`)).join("\n")],
    ["Steps", definition.steps.map((step) => step.do).join(", ")],
    ["State", dataset.deprecatedBy === null ? dataset.state : `${dataset.state}; use ${dataset.deprecatedBy}`],
    ["Description", dataset.description],
    ["Tags", tags],
    ["Registered", localTime(dataset.registeredUtc)],
  ]);
}
