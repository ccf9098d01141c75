import type { Model } from "@switchyard/protocol";
import { listing } from "../../output/table.ts";
import { bytesInWords, localTime } from "../../output/words.ts";

/** A version in one line of a table. */
export function modelRow({ id, framework, stage, runId, bytes, createdUtc, description }: Model) {
  const size = bytes === null ? "" : bytesInWords(bytes);
  return { id, framework: framework ?? "", size, stage, run: runId ?? "", created: localTime(createdUtc), description: description ?? "" };
}

/** All there is to say of a version, for a person. */
export function modelText(model: Model): string {
  const { resourceConfiguration: asks } = model;
  const framework = [model.framework, model.frameworkVersion].filter(Boolean).join(" ");
  const files =
    model.files === null ? `not here; source ${model.source}` : `${model.files} (${bytesInWords(model.bytes ?? 0)}) in ${model.path}`;
  return listing([
    ["Id", model.id],
    ["Description", model.description ?? ""],
    ["Framework", framework],
    ["Files", files],
    ["Run", model.runId === null ? "" : `${model.runId} (${model.experimentName}), ${model.runPath ?? ""}`],
    ["Tags", labels(model.tags)],
    ["Properties", labels(model.properties)],
    ["Asks for", asks === null ? "" : `cpu ${asks.cpu ?? "?"}, memory ${asks.memoryInGB ?? "?"} GB, gpu ${asks.gpu ?? "?"}`],
    ["Stage", model.stage],
    ["Aliases", model.aliases.join(", ")],
    ["Created", `${localTime(model.createdUtc)}${model.createdBy === null ? "" : ` by ${model.createdBy}`}`],
  ]);
}

const labels = (record: Readonly<Record<string, string>>): string =>
  Object.entries(record)
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`))
    .join(", ");
