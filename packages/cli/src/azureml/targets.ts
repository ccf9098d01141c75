import type { Findings } from "./finding.ts";

/** Words for targets that need no making by hand. */
const MADE_BY_ITSELF = ["local", "amlcompute"];

/** Says what becomes of a target that a file names, and notes it when somebody has to make it. */
export function sayOfTarget(target: string, line: number | null, findings: Findings, targets: Set<string>): void {
  if (MADE_BY_ITSELF.includes(target.toLowerCase())) {
    findings.add("works", line, `target ${target}`);
    return;
  }
  targets.add(target);
  findings.add("differs", line, `target ${target}: make or attach it here, \`switchyard computetarget create|attach\` with -n ${target}`);
}

/** What a Python text submits to by a name that it does not make first: `compute_target="gpu"`, `ws.compute_targets["gpu"]`. */
export function lookAtTargets(source: string, findings: Findings, targets: Set<string>): void {
  for (const [index, line] of source.split("\n").entries()) {
    if (line.trimStart().startsWith("#")) continue;
    const named = line.matchAll(/\bcompute_target\s*=\s*["']([\w-]+)["']|\.compute_targets\s*\[\s*["']([\w-]+)["']\s*\]/g);
    for (const name of new Set([...named].map((match) => match[1] ?? match[2]!))) sayOfTarget(name, index + 1, findings, targets);
  }
}
