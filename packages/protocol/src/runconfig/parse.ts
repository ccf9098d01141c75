import { DEFAULT_CONDA_DEPENDENCIES } from "../environment/conda/dependencies.ts";
import { BadRequest } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { onlyNamesEnvironment } from "./namedEnvironment.ts";
import { entryOf } from "./reading/collections.ts";
import { describe, type Given, givenOfJson, isNothing } from "./reading/given.ts";
import { type ConfigurationProblem, Problems } from "./reading/problem.ts";
import { readText } from "./reading/readText.ts";
import { checkRules } from "./rules.ts";
import { type RunConfiguration, runConfigurationSection } from "./schema.ts";
import { COMBINED_FRAMEWORKS } from "./words.ts";

export interface ParseOptions {
  /** how the file is called in problems */
  readonly file: string;
  /** what the command line says over the file; the rules hold for what will really run */
  readonly script?: string | undefined;
  readonly target?: string | undefined;
}

export interface ParsedRunConfiguration {
  /** null when there is an error among the problems */
  readonly configuration: RunConfiguration | null;
  readonly problems: readonly ConfigurationProblem[];
  /** the environment is one of the workspace, which knows more of it than the defaults here */
  readonly namesEnvironment: boolean;
}

/** Reads the YAML or JSON text of a run configuration, says everything that is wrong with it, fills in every default. */
export function parseRunConfiguration(text: string | Uint8Array, options: ParseOptions): ParsedRunConfiguration {
  const problems = new Problems(options.file);
  const given = readText(text, problems);
  if (given === null) return { configuration: null, problems: problems.all, namesEnvironment: false };
  return finish(withOverrides(given, options), problems, true);
}

/** The same for the JSON wire form. Throws BadRequest that lists every problem; unknown keys are kept without a word. */
export function normaliseRunConfiguration(json: JsonObject): RunConfiguration {
  const { configuration, problems } = finish(givenOfJson(json), new Problems("runConfiguration"), false);
  if (configuration !== null) return configuration;
  const errors = problems.filter((problem) => problem.severity === "error");
  const messages = errors.map((problem) => problem.message);
  throw new BadRequest(`The run configuration cannot be used: ${messages.join("; ")}.`, { details: { problems: errors } });
}

function finish(given: Given, problems: Problems, environmentRequired: boolean): ParsedRunConfiguration {
  const configuration = isMapping(given, problems) ? read(given, problems) : null;
  if (configuration !== null) checkRules({ configuration, given, problems, environmentRequired });
  return {
    configuration: problems.hasErrors ? null : configuration,
    problems: problems.all,
    namesEnvironment: onlyNamesEnvironment(given),
  };
}

function isMapping(given: Given, problems: Problems): boolean {
  if (given.kind === "map") return true;
  const what = isNothing(given) ? "the file is empty" : `expected a mapping of keys to values, came ${describe(given)}`;
  problems.error(given.at, "", `${what}; a run configuration begins with "script: train.py"`);
  return false;
}

function read(given: Given, problems: Problems): RunConfiguration {
  const read = runConfigurationSection.read(given, { path: "", problems });
  return withDefaultPackages(withOneImage(withOlderNodes(withCombinedFramework(read, given, problems), given), given), given);
}

/** Puts what the command line says in the place of what the file says. */
function withOverrides(given: Given, { script, target }: ParseOptions): Given {
  if (given.kind !== "map") return given;
  const over = Object.entries({ script, target }).filter(([, value]) => value !== undefined) as [string, string][];
  const kept = given.entries.filter((entry) => !over.some(([name]) => name === entry.key.toLowerCase()));
  return {
    ...given,
    entries: [...over.map(([key, value]) => ({ key, at: given.at, value: { ...givenOfJson(value), at: given.at } })), ...kept],
  };
}

/** `framework: PythonMpi` says framework and communicator in one word. */
function withCombinedFramework(configuration: RunConfiguration, given: Given, problems: Problems): RunConfiguration {
  const entry = entryOf(given, "framework");
  const combined = entry?.value.kind === "scalar" ? COMBINED_FRAMEWORKS[entry.value.text.toLowerCase()] : undefined;
  if (combined === undefined || combined[1] === "None" || configuration.communicator === combined[1]) return configuration;
  if (configuration.communicator === "None") return { ...configuration, communicator: combined[1] };
  problems.warning(
    entry!.at,
    "framework",
    `communicator says ${configuration.communicator}, framework ${combined[1]}; communicator counts`,
  );
  return configuration;
}

/** Files of the Batch AI time give the number of nodes in a section of their own. */
function withOlderNodes(configuration: RunConfiguration, given: Given): RunConfiguration {
  const { nodeCount } = configuration.batchAi;
  return nodeCount === null || entryOf(given, "nodeCount") !== undefined ? configuration : { ...configuration, nodeCount };
}

/** Who gives a Dockerfile and no image does not want the default image. */
function withOneImage(configuration: RunConfiguration, given: Given): RunConfiguration {
  const { environment } = configuration;
  const docker = entryOf(entryOf(given, "environment")?.value, "docker")?.value;
  if (environment.docker.baseDockerfile === null || !isNothing(entryOf(docker, "baseImage")?.value)) return configuration;
  return { ...configuration, environment: { ...environment, docker: { ...environment.docker, baseImage: null } } };
}

/** Who says nothing about Python and names no environment gets the default packages. */
function withDefaultPackages(configuration: RunConfiguration, given: Given): RunConfiguration {
  const { environment } = configuration;
  const python = entryOf(entryOf(given, "environment")?.value, "python")?.value;
  if (environment.name !== null || !isNothing(python)) return configuration;
  return {
    ...configuration,
    environment: { ...environment, python: { ...environment.python, condaDependencies: DEFAULT_CONDA_DEPENDENCIES } },
  };
}
