import { stringify } from "yaml";
import type { JsonObject } from "../../json.ts";
import type { CondaDependencies, CondaDependency } from "./dependencies.ts";
import { isVendorPackage, readPipLine } from "./pipLine.ts";
import { parseCondaSpec } from "./spec.ts";

/**
 * The conda file that a conda builder gets: without the vendor's packages, which our own client stands in for, with
 * Python and pip named where they are needed, and without `prefix`, which names a folder of another machine.
 */
export function condaTextFor(dependencies: JsonObject | CondaDependencies, name?: string): string {
  const { prefix: _, ...conda } = dependencies as CondaDependencies;
  const kept = conda.dependencies.flatMap(withoutVendor);
  const lists = kept.filter((dependency) => typeof dependency !== "string");
  const packages = kept.filter((dependency) => typeof dependency === "string");
  const missing = [...(has(packages, "python") ? [] : ["python"]), ...(lists.length === 0 || has(packages, "pip") ? [] : ["pip"])];
  return stringify(
    { ...conda, ...(name === undefined ? {} : { name }), dependencies: [...missing, ...packages, ...lists] },
    { lineWidth: 0, compat: "yaml-1.1" },
  );
}

function withoutVendor(dependency: CondaDependency): CondaDependency[] {
  if (typeof dependency === "string") return isVendorPackage(parseCondaSpec(dependency)?.name ?? "") ? [] : [dependency];
  const pip = dependency.pip.filter((text) => {
    const line = readPipLine(text);
    return line.kind === "option" || (line.kind === "requirement" && !isVendorPackage(line.name ?? ""));
  });
  const hasPackages = pip.some((text) => readPipLine(text).kind === "requirement");
  return hasPackages ? [{ pip }] : [];
}

function has(packages: readonly string[], name: string): boolean {
  return packages.some((text) => parseCondaSpec(text)?.name === name);
}
