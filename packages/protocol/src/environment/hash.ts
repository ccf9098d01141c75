import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { JsonValue } from "../json.ts";
import { type CondaDependencies, condaPackages, pipLines } from "./conda/dependencies.ts";
import type { EnvironmentDefinition } from "./definition.ts";

/**
 * `azureml_<32 hex>`: the same for every definition that builds the same environment on the same platform (spec 03 §5).
 * Image, Docker steps, packages and channels in their order and Spark packages count; name, version and variables do not.
 */
export function environmentHash(definition: EnvironmentDefinition, platform: string): string {
  const { docker, python, spark } = definition;
  const conda = python.userManagedDependencies ? null : ((python.condaDependencies ?? null) as CondaDependencies | null);
  const parts: JsonValue = [
    "switchyard environment 2", // counted up when what is built for the same definition changes
    platform,
    textOrNull(docker?.baseImage),
    textOrNull(docker?.baseDockerfile),
    conda === null ? null : [conda.channels ?? [], condaPackages(conda), pipLines(conda)],
    python.userManagedDependencies ? (python.interpreterPath ?? null) : null,
    spark?.packages === undefined ? [] : sortedKeys(spark.packages),
  ];
  return `azureml_${bytesToHex(sha256(utf8ToBytes(JSON.stringify(parts)))).slice(0, 32)}`;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** The same value with the keys of its objects in one order, so that equal definitions have equal text. */
function sortedKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortedKeys(inner)]));
}
