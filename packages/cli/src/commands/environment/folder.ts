import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AlreadyExists, BadRequest, NotFound } from "@switchyard/protocol/errors";

/** Files of an environment in a folder (spec 03 §3). */
export const DEFINITION_FILE = "azureml_environment.json";
export const CONDA_FILE = "conda_dependencies.yml";

/** Reads the definition in a folder, its conda file inlined. */
export async function readEnvironmentFolder(folder: string, warn: (warning: string) => void): Promise<Record<string, unknown>> {
  const file = join(folder, DEFINITION_FILE);
  const definition = parseDefinition(await readDefinition(file), file);
  const python = (definition.python ?? {}) as Record<string, unknown>;
  if (python.userManagedDependencies === true || python.condaDependencies) return definition;
  const { condaFromFile } = await import("../../project/conda.ts");
  const condaFile = typeof python.condaDependenciesFile === "string" ? python.condaDependenciesFile : CONDA_FILE;
  const condaDependencies = await condaFromFile(join(folder, condaFile), warn);
  return { ...definition, python: { ...python, condaDependenciesFile: null, condaDependencies } };
}

async function readDefinition(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new NotFound(`There is no "${file}". \`switchyard environment scaffold -n NAME -d FOLDER\` writes one to start from.`, {
      cause: error,
    });
  }
}

function parseDefinition(json: string, file: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw new BadRequest(`"${file}" is not JSON: ${(error as Error).message}.`, { cause: error });
  }
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed))
    throw new BadRequest(`"${file}" does not hold a JSON object.`);
  return parsed as Record<string, unknown>;
}

/** Writes a definition and its conda file. Files that exist are kept, with an error, unless `overwrite`. */
export async function writeEnvironmentFolder(
  folder: string,
  definition: { readonly python: Readonly<Record<string, unknown>> } & Readonly<Record<string, unknown>>,
  overwrite: boolean,
): Promise<string[]> {
  const { condaDependencies, ...python } = definition.python;
  const files: Record<string, string> = {
    [DEFINITION_FILE]: `${JSON.stringify({ ...definition, python: { ...python, condaDependenciesFile: condaDependencies ? CONDA_FILE : null } }, null, 2)}\n`,
  };
  if (condaDependencies) files[CONDA_FILE] = (await import("yaml")).stringify(condaDependencies);
  const paths = Object.keys(files).map((name) => join(folder, name));
  if (!overwrite) {
    for (const path of paths) {
      if (await stat(path).catch(() => null))
        throw new AlreadyExists(`"${path}" exists. Give --overwrite to replace it, or another folder with -d.`);
    }
  }
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return paths;
}
