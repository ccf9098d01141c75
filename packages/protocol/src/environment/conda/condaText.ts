import { stringify } from "yaml";
import type { JsonObject } from "../../json.ts";
import { isVendorPackage } from "../standIn/index.ts";
import { type CondaDependencies, condaPackages, pipLines } from "./dependencies.ts";
import { readPipList } from "./pipList.ts";
import { parseCondaSpec } from "./spec.ts";

/**
 * The conda file that a conda builder gets: without the pip list, which pip installs afterwards under constraints of ours,
 * without the vendor's packages, with Python and pip named where they are needed, and without `prefix`, which names a
 * folder of another machine.
 */
export function condaTextFor(dependencies: JsonObject | CondaDependencies, name?: string): string {
  const { prefix: _, ...conda } = dependencies as CondaDependencies;
  const asked = condaPackages(conda);
  const packages = asked.filter((text) => !isVendorPackage(parseCondaSpec(text)?.name ?? ""));
  const list = readPipList(
    pipLines(conda),
    asked.flatMap((text) => parseCondaSpec(text) ?? []),
  );
  const needsPip = list.lines.some((line) => !line.startsWith("-"));
  const missing = [...(has(packages, "python") ? [] : ["python"]), ...(!needsPip || has(packages, "pip") ? [] : ["pip"])];
  return stringify(
    { ...conda, ...(name === undefined ? {} : { name }), dependencies: [...missing, ...packages] },
    { lineWidth: 0, compat: "yaml-1.1" },
  );
}

function has(packages: readonly string[], name: string): boolean {
  return packages.some((text) => parseCondaSpec(text)?.name === name);
}
