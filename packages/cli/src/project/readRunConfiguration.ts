import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { formatProblem, type JsonObject, parseRunConfiguration, toWire } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";
import { condaFromFile } from "./conda.ts";
import { inlineDockerfile } from "./dockerfile.ts";
import { CONFIGURATION_FOLDERS } from "./folder.ts";

/** What the command line says over the file. */
export interface Over {
  readonly script: string | undefined;
  readonly target: string | undefined;
}

/**
 * Reads a run configuration into its wire form. Its conda file, found from the project folder, becomes part of it, unless
 * the command line brings an environment of its own. An environment that it only names is left to the server to look up.
 */
export async function readRunConfiguration(
  file: string,
  project: string,
  over: Over & { readonly ownEnvironment: boolean },
  warn: (warning: string) => void,
): Promise<JsonObject> {
  const { configuration, problems, namesEnvironment } = parseRunConfiguration(await readFile(file), {
    file,
    script: over.script,
    target: over.target,
  });
  for (const problem of problems) if (problem.severity === "warning") warn(formatProblem(problem));
  if (configuration === null) {
    const errors = problems.filter((problem) => problem.severity === "error");
    throw new BadRequest(`The run configuration cannot be used.\n${errors.map(formatProblem).join("\n")}`, {
      details: { problems: errors },
    });
  }
  const written = toWire(configuration);
  if (namesEnvironment) return { ...written, environment: named(written.environment as JsonObject) };
  const environment = await inlineDockerfile((written.environment ?? {}) as JsonObject, (path) => placesOf(path, project));
  const wire: JsonObject = { ...written, environment };
  return over.ownEnvironment ? wire : inlineConda(wire, project, warn);
}

/** The defaults of the other sections would make it a definition of its own, in the place of the one that is registered. */
function named({ name = null, version = null, environmentVariables = {} }: JsonObject): JsonObject {
  return { name, version, environmentVariables };
}

async function inlineConda(wire: JsonObject, project: string, warn: (warning: string) => void): Promise<JsonObject> {
  const environment = (wire.environment ?? {}) as JsonObject;
  const python = (environment.python ?? {}) as JsonObject;
  const named = python.condaDependenciesFile;
  if (python.userManagedDependencies === true || python.condaDependencies || typeof named !== "string" || named === "") return wire;
  const condaDependencies = await condaFromFile(await whereIs(named, project), warn);
  return { ...wire, environment: { ...environment, python: { ...python, condaDependencies } } };
}

/** Relative to the project folder, else to its configuration folder: both are found in old projects. */
function placesOf(named: string, project: string): string[] {
  return [resolve(project, named), ...CONFIGURATION_FOLDERS.map((folder) => join(project, folder, named))];
}

async function whereIs(named: string, project: string): Promise<string> {
  const places = placesOf(named, project);
  for (const place of places) if (await stat(place).catch(() => null)) return place;
  return places[0]!;
}
