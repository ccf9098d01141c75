import { CURATED_NAMES } from "@switchyard/protocol";
import type { Findings } from "./finding.ts";

/** The hosted service's own environments that a Python text names: those that are here, and those that are not. */
export function lookAtCuratedNames(source: string, findings: Findings): void {
  for (const [index, line] of source.split("\n").entries()) {
    if (line.trimStart().startsWith("#")) continue;
    for (const name of new Set([...line.matchAll(/["'](AzureML-[\w.-]+)["']/g)].map((match) => match[1]!))) {
      sayOfCurated(name, index + 1, findings);
    }
  }
}

/** Says of one name whether it is here; what is no name of a curated environment is nobody's business here. */
export function sayOfCurated(name: string, line: number | null, findings: Findings): void {
  if (!name.startsWith("AzureML-")) return;
  if (CURATED_NAMES.includes(name)) findings.add("works", line, `environment ${name}`);
  else {
    findings.add(
      "missing",
      line,
      `environment ${name}: not among the curated ones that are here (\`switchyard environment list\`); a conda file of your own takes its place`,
    );
  }
}
