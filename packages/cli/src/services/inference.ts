import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { JsonObject } from "@switchyard/protocol";
import { BadRequest, NotFound, NotImplemented } from "@switchyard/protocol/errors";
import { condaFromFile } from "../project/conda.ts";
import { inlineDockerfile } from "../project/dockerfile.ts";
import { isObject, readJsonFile, textIn } from "./jsonFile.ts";

/** What a service runs, as the options and the inference configuration file say; paths as they were given. */
export interface Inference {
  readonly entryScript: string;
  /** null: the entry script travels alone */
  readonly sourceDirectory: string | null;
  readonly environment: JsonObject;
  readonly description: string | null;
}

/** The options that say the same as a file, and more than it. */
export interface InferenceOptions {
  readonly inferenceConfigFile: string | undefined;
  readonly entryScript: string | undefined;
  readonly sourceDirectory: string | undefined;
  readonly envName: string | undefined;
  readonly envVersion: string | undefined;
  readonly condaFile: string | undefined;
  readonly baseImage: string | undefined;
  readonly runtime: string | undefined;
}

const OPTIONS = [
  ...(["inferenceConfigFile", "entryScript", "sourceDirectory", "envName", "envVersion", "condaFile", "baseImage", "runtime"] as const),
];
const KEYS = [
  ...["entryScript", "sourceDirectory", "environment", "description"],
  ...[
    "runtime",
    "condaFile",
    "extraDockerfileSteps",
    "enableGpu",
    "baseImage",
    "baseImageRegistry",
    "cudaVersion",
    "schemaFile",
    "dependencies",
  ],
];

/** Reads what is to run; null when nothing about that was said. */
export async function inferenceFrom(options: InferenceOptions, cwd: string, warn: (warning: string) => void): Promise<Inference | null> {
  const { inferenceConfigFile: named } = options;
  const file = named === undefined ? null : resolve(cwd, named);
  const json = file === null ? {} : await readJsonFile(file, "inference configuration", KEYS);
  if (OPTIONS.every((name) => options[name] === undefined)) return null;
  const where = file ?? "the command line";
  const entryScript = options.entryScript ?? textIn(json, "entryScript", where);
  if (entryScript === undefined)
    throw new BadRequest('Which entry script? Give --entry-script, or "entryScript" in the file of --inference-config-file.');
  const folder = options.sourceDirectory ?? textIn(json, "sourceDirectory", where);
  const bases = [cwd, ...(file === null ? [] : [dirname(file)])];
  const sourceDirectory = folder === undefined ? null : await placeOf(folder, bases, "source directory");
  const places = [...(sourceDirectory === null ? [] : [sourceDirectory]), ...bases];
  return {
    entryScript: sourceDirectory === null ? await placeOf(entryScript, bases, "entry script") : entryScript,
    sourceDirectory,
    environment: await environmentFrom(json, options, places, where, warn),
    description: textIn(json, "description", where) ?? null,
  };
}

async function environmentFrom(
  json: JsonObject,
  options: InferenceOptions,
  places: readonly string[],
  where: string,
  warn: (warning: string) => void,
): Promise<JsonObject> {
  if (options.envName !== undefined) return { name: options.envName, version: options.envVersion ?? null };
  if (isObject(json.environment)) return inlineConda(await inlineDocker(json.environment, places), places, warn);
  const runtime = options.runtime ?? textIn(json, "runtime", where);
  if (runtime === "spark-py") throw new NotImplemented("A web service with the runtime spark-py is not part of this version.");
  const conda = options.condaFile ?? textIn(json, "condaFile", where);
  const image = options.baseImage ?? textIn(json, "baseImage", where);
  const steps = textIn(json, "extraDockerfileSteps", where);
  const gpu = json.enableGpu === true || textIn(json, "cudaVersion", where) !== undefined;
  if (runtime === undefined && conda === undefined && image === undefined) {
    throw new BadRequest('Which environment? Give --env-name, --conda-file, or "environment" in the file of --inference-config-file.');
  }
  const condaDependencies = conda === undefined ? null : await condaFromFile(await placeOf(conda, places, "conda file"), warn);
  const docker =
    image === undefined && steps === undefined && !gpu ? {} : { docker: await dockerOf(json, { image, steps, gpu }, places, where) };
  return { name: "inference_environment", ...docker, python: condaDependencies === null ? {} : { condaDependencies } };
}

async function dockerOf(
  json: JsonObject,
  { image, steps, gpu }: { image: string | undefined; steps: string | undefined; gpu: boolean },
  places: readonly string[],
  where: string,
): Promise<JsonObject> {
  const base = image ?? (gpu ? "azureml/base-gpu" : "azureml/base");
  const registry = textIn(json, "baseImageRegistry", where);
  const asked = { enabled: true, ...(registry === undefined ? {} : { baseImageRegistry: { address: registry } }) };
  if (steps === undefined) return { ...asked, baseImage: base };
  const text = await readFile(await placeOf(steps, places, "file of Docker steps"), "utf8");
  return { ...asked, baseImage: null, baseDockerfile: `FROM ${base}\n${text}` };
}

const inlineDocker = (environment: JsonObject, places: readonly string[]): Promise<JsonObject> =>
  inlineDockerfile(environment, (path) => places.map((place) => resolve(place, path)));

async function inlineConda(environment: JsonObject, places: readonly string[], warn: (warning: string) => void): Promise<JsonObject> {
  const python = isObject(environment.python) ? environment.python : {};
  const named = python.condaDependenciesFile;
  if (python.userManagedDependencies === true || python.condaDependencies || typeof named !== "string" || named === "") return environment;
  const condaDependencies = await condaFromFile(await placeOf(named, places, "conda file"), warn);
  return { ...environment, python: { ...python, condaDependenciesFile: null, condaDependencies } };
}

/** The first of the places where it is. */
async function placeOf(path: string, places: readonly string[], what: string): Promise<string> {
  const candidates = places.map((place) => resolve(place, path));
  for (const candidate of candidates) if (await stat(candidate).catch(() => null)) return candidate;
  throw new NotFound(`There is no ${what} "${path}"; looked for ${[...new Set(candidates)].join(", ")}.`);
}
