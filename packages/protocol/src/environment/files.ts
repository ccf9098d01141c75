import { BadRequest } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { isNothing, plain } from "../runconfig/reading/given.ts";
import { type ConfigurationProblem, Problems } from "../runconfig/reading/problem.ts";
import { readText } from "../runconfig/reading/readText.ts";
import { environmentSection } from "../runconfig/sections/environment.ts";
import { DEFAULT_CPU_IMAGE } from "../runconfig/words.ts";
import { type EnvironmentDefinition, environmentDefinition } from "./definition.ts";

/** Names of the two files that `environment scaffold` writes. */
export const ENVIRONMENT_FILE = "azureml_environment.json";
export const CONDA_FILE = "conda_dependencies.yml";

export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Is the name kept for environments that come with the product (spec 03 §1)? */
export function isReservedEnvironmentName(name: string): boolean {
  return /^(?:azureml|microsoft)/i.test(name);
}

/** Throws BadRequest when people may not register an environment under this name. */
export function checkEnvironmentName(name: string): void {
  if (isReservedEnvironmentName(name)) {
    throw new BadRequest(
      `Environment name "${name}" is reserved: names that begin with AzureML or Microsoft are those of curated environments. Choose another; clone(new_name) gives an environment of your own.`,
    );
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9 _.-]{0,255}$/.test(name)) {
    throw new BadRequest(
      `Environment name "${name}" may have letters, digits, spaces, "_", "-" and ".", must begin with a letter or digit, and have at most 256 characters.`,
    );
  }
}

/** The text of a new conda file; `pythonVersion` is like `3.11`, or null for any. */
export function condaTemplate(pythonVersion: string | null): string {
  const python = pythonVersion === null ? "python" : `python=${pythonVersion}`;
  return `# Packages a run needs. Those under pip come from a Python index, the others from conda.
name: project_environment
dependencies:
- ${python}
- pip
- pip:
  # run tracking; served by Switchyard's own client
  - azureml-defaults
`;
}

/** The files of a new environment, to be edited and registered. A conda file beside the definition belongs to it. */
export function scaffoldEnvironment(name: string, pythonVersion: string | null = null): readonly TextFile[] {
  checkEnvironmentName(name);
  return [
    { path: ENVIRONMENT_FILE, text: `${JSON.stringify(scaffoldDefinition(name), null, 2)}\n` },
    { path: CONDA_FILE, text: condaTemplate(pythonVersion) },
  ];
}

function scaffoldDefinition(name: string): JsonObject {
  return {
    name,
    version: null,
    environmentVariables: { EXAMPLE_ENV_VAR: "EXAMPLE_VALUE" },
    python: { userManagedDependencies: false, interpreterPath: "python", condaDependenciesFile: null, baseCondaEnvironment: null },
    docker: {
      enabled: false,
      baseImage: DEFAULT_CPU_IMAGE,
      baseDockerfile: null,
      sharedVolumes: true,
      shmSize: "2g",
      arguments: [],
      baseImageRegistry: { address: null, username: null, password: null },
    },
    spark: { repositories: [], packages: [], precachePackages: true },
    databricks: { mavenLibraries: [], pypiLibraries: [], rcranLibraries: [], jarLibraries: [], eggLibraries: [] },
    inferencingStackVersion: null,
  };
}

export interface ParsedEnvironmentFile {
  /** null when there is an error among the problems */
  readonly definition: EnvironmentDefinition | null;
  readonly problems: readonly ConfigurationProblem[];
}

/** Reads `azureml_environment.json` (YAML is taken too), with the same care as a run configuration. */
export function parseEnvironmentFile(text: string | Uint8Array, file: string): ParsedEnvironmentFile {
  const problems = new Problems(file);
  const given = readText(text, problems);
  if (given === null) return { definition: null, problems: problems.all };
  if (isNothing(given)) problems.error(given.at, "", 'the file is empty; it needs at least a "name"');
  const read = environmentSection.read(given, { path: "", problems });
  if (!problems.hasErrors && read.name === null) problems.error(given.at, "name", 'the environment needs a "name"');
  if (problems.hasErrors) return { definition: null, problems: problems.all };
  const written = environmentSection.write(read, "wire") as JsonObject;
  const docker = hasKey(plain(given), "docker") ? {} : { docker: undefined };
  return { definition: environmentDefinition.parse({ ...written, ...docker }), problems: problems.all };
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).some((name) => name.toLowerCase() === key);
}
