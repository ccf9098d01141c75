import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CONDA_FILE,
  ENVIRONMENT_FILE,
  type EnvironmentDefinition,
  formatProblem,
  type JsonObject,
  parseEnvironmentFile,
  type TextFile,
} from "@switchyard/protocol";
import { AlreadyExists, BadRequest, NotFound } from "@switchyard/protocol/errors";
import { condaFromFile } from "../../project/conda.ts";
import { inlineDockerfile } from "../../project/dockerfile.ts";

/** Reads the definition in a folder, the conda file beside it made part of it. */
export async function readEnvironmentFolder(folder: string, warn: (warning: string) => void): Promise<EnvironmentDefinition> {
  const file = join(folder, ENVIRONMENT_FILE);
  const { definition, problems } = parseEnvironmentFile(await readDefinition(file), file);
  for (const problem of problems) if (problem.severity === "warning") warn(formatProblem(problem));
  if (definition === null) {
    const errors = problems.filter((problem) => problem.severity === "error");
    throw new BadRequest(`The environment cannot be used.\n${errors.map(formatProblem).join("\n")}`, { details: { problems: errors } });
  }
  return inlineConda(withText(definition, await inlineDockerfile(definition as JsonObject, (path) => [join(folder, path)])), folder, warn);
}

const withText = (definition: EnvironmentDefinition, inlined: JsonObject): EnvironmentDefinition => ({ ...definition, ...inlined });

async function inlineConda(
  definition: EnvironmentDefinition,
  folder: string,
  warn: (warning: string) => void,
): Promise<EnvironmentDefinition> {
  const { python } = definition;
  if (python.userManagedDependencies || python.condaDependencies) return definition;
  const condaDependencies = await condaFromFile(join(folder, python.condaDependenciesFile ?? CONDA_FILE), warn);
  return { ...definition, python: { ...python, condaDependenciesFile: null, condaDependencies } };
}

async function readDefinition(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new NotFound(`There is no "${file}". \`switchyard environment scaffold -n NAME -d FOLDER\` writes one to start from.`, {
      cause: error,
    });
  }
}

/** The files that hold a definition: its conda dependencies in a file of their own. */
export async function environmentFiles(definition: EnvironmentDefinition): Promise<TextFile[]> {
  const { condaDependencies, ...python } = definition.python;
  const own = { ...definition, python: { ...python, condaDependenciesFile: condaDependencies ? CONDA_FILE : null } };
  const files = [{ path: ENVIRONMENT_FILE, text: `${JSON.stringify(own, null, 2)}\n` }];
  if (condaDependencies) files.push({ path: CONDA_FILE, text: (await import("../../output/yaml.ts")).toYaml(condaDependencies) });
  return files;
}

/** Writes files into a folder, all or none: one that exists is an error, unless `overwrite`. Returns their paths. */
export async function writeFiles(folder: string, files: readonly TextFile[], overwrite: boolean): Promise<string[]> {
  for (const path of overwrite ? [] : files.map((file) => join(folder, file.path))) {
    if (!(await stat(path).catch(() => null))) continue;
    throw new AlreadyExists(`"${path}" exists. Give --overwrite to replace it, or another folder with -d.`);
  }
  await mkdir(folder, { recursive: true });
  for (const { path, text } of files) await writeFile(join(folder, path), text);
  return files.map((file) => join(folder, file.path));
}
