import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type JsonObject, type Problem, parseRunConfiguration, toWire } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";
import { condaFromFile } from "./conda.ts";
import { CONFIGURATION_FOLDERS } from "./folder.ts";
import { problemLines } from "./problems.ts";

/** Reads a run configuration into its wire form, its conda file inlined (found from the project folder). */
export async function readRunConfiguration(file: string, project: string, warn: (warning: string) => void): Promise<JsonObject> {
  const { configuration, problems } = parseRunConfiguration(await readFile(file, "utf8"), { file });
  for (const warning of problemLines(problems, "warning")) warn(warning);
  if (configuration === null) {
    throw new BadRequest(`The run configuration "${file}" cannot be used:\n${problemLines(problems, "error").join("\n")}`);
  }
  return inlineConda(toWire(configuration), project, warn);
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
async function whereIs(named: string, project: string): Promise<string> {
  const { resolve } = await import("node:path");
  const { stat } = await import("node:fs/promises");
  const places = [resolve(project, named), ...CONFIGURATION_FOLDERS.map((folder) => join(project, folder, named))];
  for (const place of places) if (await stat(place).catch(() => null)) return place;
  return places[0]!;
}

export type { Problem };
