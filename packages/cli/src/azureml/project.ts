import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SwitchyardError } from "@switchyard/protocol/errors";
import { SERVICE_TYPES } from "@switchyard/protocol/service";
import { readEnvironmentFolder } from "../commands/environment/folder.ts";
import { messageOf } from "../errors.ts";
import { CONFIGURATION_FOLDERS } from "../project/folder.ts";
import { projectLink } from "../project/link.ts";
import { type Finding, type Findings, findingsOf } from "./finding.ts";
import { objectIn, Unreadable } from "./json.ts";
import { lookAtNotebook } from "./notebook.ts";
import { lookAtPython } from "./python.ts";
import { lookAtRunConfiguration } from "./runConfiguration.ts";
import { lookAtShell } from "./shell.ts";
import { filesOf } from "./walk.ts";
import { readYaml } from "./yaml.ts";

/** What was found in a project, and what setting it up takes. */
export interface LookedAt {
  readonly findings: readonly Finding[];
  readonly workspace: string | null;
  /** a config.json names it, so that scripts find it too */
  readonly linked: boolean;
  readonly experiment: string | null;
  /** compute targets that run configurations, scripts and notebooks name, `local` left out */
  readonly targets: readonly string[];
  /** folders that hold the definition of an environment, relative to the project */
  readonly environments: readonly string[];
}

/** Looks at every file of a project of Azure ML v1. A file that cannot be read is named, and the others go on. */
export async function lookAtProject(project: string): Promise<LookedAt> {
  const { files, leftOut } = await filesOf(project);
  const targets = new Set<string>();
  const environments: string[] = [];
  const findings: Finding[] = [];
  for (const file of files) {
    const found = findingsOf(file);
    await lookAtFile(project, file, found, targets, environments).catch((error: unknown) => {
      if (!(error instanceof Error)) throw error;
      found.add("broken", error instanceof Unreadable ? error.line : null, error instanceof Unreadable ? error.message : messageOf(error));
    });
    findings.push(...found.all.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
  }
  if (leftOut)
    findings.push({
      file: ".",
      line: null,
      level: "broken",
      text: `there are more than ${files.length} files; the rest was not looked at`,
    });
  const link = await projectLink(project).catch((error: unknown) => {
    if (error instanceof SwitchyardError) return { workspace: null, experiment: null }; // said of its file
    throw error;
  });
  const configured = await configuredWorkspace(project);
  return {
    findings,
    workspace: link.workspace ?? configured,
    linked: configured !== null,
    experiment: link.experiment,
    targets: [...targets].sort(),
    environments,
  };
}

async function lookAtFile(project: string, file: string, findings: Findings, targets: Set<string>, environments: string[]): Promise<void> {
  const name = basename(file);
  const read = () => readFile(join(project, file), "utf8");
  const inConfiguration = CONFIGURATION_FOLDERS.some((folder) => dirname(file) === folder);
  if (name.endsWith(".runconfig")) return lookAtRunConfiguration(await readFile(join(project, file)), project, findings, targets);
  if (name === "config.json" && (inConfiguration || file === name)) return lookAtLink(await read(), findings);
  if (name === "project.json" && dirname(file) === "aml_config") return lookAtOldLink(await read(), findings);
  if (name === "azureml_environment.json") return lookAtEnvironment(project, file, findings, environments);
  if (name === ".amlignore") return findings.add("works", null, "read as it is, in place of .gitignore");
  if (/^(.*-)?(inference|deployment)config.*\.json$/i.test(name)) return lookAtService(await read(), findings);
  if (/\.ya?ml$/.test(name)) return lookAtYaml(await readFile(join(project, file)), inConfiguration, findings);
  if (name.endsWith(".py")) return lookAtPython(await read(), findings, targets);
  if (name.endsWith(".ipynb")) return lookAtNotebook(await read(), findings, targets);
  if (/\.(sh|bash)$/.test(name)) return lookAtShell(await read(), findings);
}

/** A file of `model deploy`: what carries the service decides. */
function lookAtService(text: string, findings: Findings): void {
  const { computeType } = objectIn(text);
  const known = typeof computeType !== "string" || (SERVICE_TYPES as readonly string[]).includes(computeType.toLowerCase());
  if (known) findings.add("works", null, `read by \`model deploy ${computeType === undefined ? "--ic" : "--dc"}\``);
  else findings.add("missing", null, `Web services of the kind ${computeType} are not in this version`);
}

function lookAtLink(text: string, findings: Findings): void {
  const link = objectIn(text);
  if (typeof link.workspace_name !== "string" || link.workspace_name === "") {
    throw new Unreadable('it names no workspace: "workspace_name" is missing. `switchyard folder attach` writes it');
  }
  const lineOf = (key: string) => text.split("\n").findIndex((line) => line.includes(`"${key}"`)) + 1 || null;
  findings.add("works", lineOf("workspace_name"), `workspace ${link.workspace_name}`);
  for (const key of ["subscription_id", "resource_group"]) {
    if (key in link) findings.add("differs", lineOf(key), `${key}: taken and not used; a workspace is found by its name alone`);
  }
}

function lookAtOldLink(text: string, findings: Findings): void {
  const { Id, Scope } = objectIn(text);
  const workspace = /\/workspaces\/([^/]+)/.exec(typeof Scope === "string" ? Scope : "")?.[1];
  if (workspace === undefined) throw new Unreadable('it names no workspace: "Scope" has no /workspaces/NAME');
  findings.add("works", null, `workspace ${workspace}, experiment ${String(Id)}`);
}

async function lookAtEnvironment(project: string, file: string, findings: Findings, environments: string[]): Promise<void> {
  const definition = await readEnvironmentFolder(join(project, dirname(file)), (warning) => findings.add("differs", null, warning));
  environments.push(dirname(file));
  findings.add("works", null, `environment ${definition.name}`);
}

async function lookAtYaml(bytes: Uint8Array, inConfiguration: boolean, findings: Findings): Promise<void> {
  const text = new TextDecoder().decode(bytes);
  const read = readYaml(text, findings);
  if (read === null) return;
  if (read.kind === "hyperdrive") return await lookAtSweep(bytes, findings);
  if (read.kind === "pipeline")
    return findings.add("missing", read.keys.pipeline ?? null, "Pipelines are not in this version: this file is kept for later");
  if (read.kind !== "conda" && !inConfiguration) return;
  const { parseCondaFile } = await import("@switchyard/protocol");
  const { dependencies, problems } = parseCondaFile(bytes, findings.all[0]?.file ?? "");
  for (const { severity, line, message } of problems) findings.add(severity === "error" ? "broken" : "differs", line, message);
  if (dependencies === null) return;
  for (const [index, line] of text.split("\n").entries()) {
    const vendor = /^\s*-\s*["']?(azureml-[\w-]+)/.exec(line)?.[1];
    if (vendor)
      findings.add("differs", index + 1, `${vendor}: Switchyard's own client takes its place; the vendor's package is never fetched`);
    const python = /^\s*-\s*["']?python\s*==?\s*([\d.]+)/.exec(line)?.[1];
    if (python)
      findings.add("differs", index + 1, `Python ${python}: the machine of the run has it, or micromamba, conda or uv that brings it`);
  }
  findings.add("works", null, "conda file");
}

async function lookAtSweep(bytes: Uint8Array, findings: Findings): Promise<void> {
  const { parseSweep } = await import("@switchyard/protocol");
  const { configuration, problems } = parseSweep(bytes, { file: findings.all[0]?.file ?? "", rules: "v1" });
  for (const { severity, line, message } of problems) findings.add(severity === "error" ? "broken" : "differs", line, message);
  if (configuration === null) return;
  const { sampling, maxTotalRuns, primaryMetricName } = configuration;
  findings.add("works", null, `sweep of ${maxTotalRuns} runs at most: ${sampling.type} sampling, ${primaryMetricName}`);
}

/** The workspace that `Workspace.from_config()` would find. */
async function configuredWorkspace(project: string): Promise<string | null> {
  for (const folder of [...CONFIGURATION_FOLDERS, ""]) {
    const text = await readFile(join(project, folder, "config.json"), "utf8").catch(() => null);
    const named = text === null ? null : workspaceIn(text);
    if (named !== null) return named;
  }
  return null;
}

function workspaceIn(text: string): string | null {
  try {
    const { workspace_name } = objectIn(text);
    return typeof workspace_name === "string" && workspace_name !== "" ? workspace_name : null;
  } catch {
    return null; // it was named as broken
  }
}
