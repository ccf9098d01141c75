import { parseDocument } from "yaml";
import type { Findings } from "./finding.ts";

/** What kind of file of Azure ML v1 a YAML text is. */
export type YamlKind = "conda" | "hyperdrive" | "pipeline" | "other";

/** A YAML text with its kind; what makes it unreadable is added to the findings. */
export function readYaml(
  text: string,
  findings: Findings,
): { readonly kind: YamlKind; readonly keys: Readonly<Record<string, number>> } | null {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error) {
    findings.add("broken", error.linePos?.[0].line ?? null, `it is not YAML: ${error.message.split("\n")[0]}`);
    return null;
  }
  const value: unknown = document.toJS();
  if (value === null || typeof value !== "object" || Array.isArray(value)) return { kind: "other", keys: {} };
  const keys = Object.fromEntries(Object.keys(value).map((key) => [key, lineOfKey(text, key)]));
  return { kind: kindOf(keys), keys };
}

function kindOf(keys: Readonly<Record<string, number>>): YamlKind {
  if ("sampling" in keys && ("primary_metric_name" in keys || "max_total_runs" in keys)) return "hyperdrive";
  if ("pipeline" in keys) return "pipeline";
  return "dependencies" in keys ? "conda" : "other";
}

function lineOfKey(text: string, key: string): number {
  return text.split("\n").findIndex((line) => line.replace(/^["']|["'](?=\s*:)/g, "").startsWith(`${key}:`)) + 1;
}
