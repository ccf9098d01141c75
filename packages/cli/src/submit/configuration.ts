import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { JsonObject } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";
import { findRunConfiguration } from "../project/runConfiguration.ts";
import { distributionFrom } from "./distribution.ts";
import { interpreterFor } from "./interpreter.ts";
import type { SubmitContext } from "./submit.ts";

/** The run configuration in its wire form: the file's, else one without YAML, with what the command line says on top. */
export async function configurationFor(context: SubmitContext, project: string, script: string | undefined): Promise<JsonObject> {
  const { args, flags, out } = context;
  refuseTwoEnvironments(context);
  const file = await findRunConfiguration(project, flags.configuration, context.world.cwd);
  const base = file === null ? {} : await readFromFile(context, file, project, script);
  if (file !== null) out.detail(`Run configuration: ${file}`);
  const target = flags.target ?? (base.target as string | undefined) ?? "local";
  const environment = await environmentFromFlags(context, target, file === null ? null : (base.environment as JsonObject));
  return {
    ...base,
    target,
    ...(script === undefined ? {} : { script }),
    ...(args.arguments.length === 0 ? {} : { arguments: args.arguments }),
    ...(environment === null ? {} : { environment }),
    ...distributionFrom(flags, base),
    ...(flags.maxSeconds === undefined ? {} : { maxRunDurationSeconds: flags.maxSeconds }),
    environmentVariables: { ...(base.environmentVariables as JsonObject | undefined), ...flags.env },
  };
}

async function readFromFile({ flags, out }: SubmitContext, file: string, project: string, script: string | undefined): Promise<JsonObject> {
  const { readRunConfiguration } = await import("../project/readRunConfiguration.ts");
  const ownEnvironment = environmentOptions(flags).length > 0;
  return readRunConfiguration(file, project, { script, target: flags.target, ownEnvironment }, (warning) => out.warn(warning));
}

function refuseTwoEnvironments({ flags }: SubmitContext): void {
  const given = environmentOptions(flags);
  if (given.length > 1) throw new BadRequest(`${given.join(" and ")} name different environments. Give one of them.`);
}

/** The options given that bring an environment, in the words that were typed. */
function environmentOptions({ python, condaFile, pipRequirements, environment }: SubmitContext["flags"]): string[] {
  const options = { "--python": python, "--conda-file": condaFile, "--pip-requirements": pipRequirements, "--environment": environment };
  return Object.entries(options).flatMap(([option, value]) => (value === undefined ? [] : [option]));
}

/** The environment that the command line asks for, over that of the file; null leaves it to the run configuration. */
async function environmentFromFlags(context: SubmitContext, target: string, inFile: JsonObject | null): Promise<JsonObject | null> {
  const { flags, world } = context;
  if (flags.environment !== undefined) return registered(flags.environment);
  if (flags.condaFile !== undefined || flags.pipRequirements !== undefined) {
    const { condaFromFile, condaFromRequirements } = await import("../project/conda.ts");
    const condaDependencies =
      flags.condaFile !== undefined
        ? await condaFromFile(resolve(world.cwd, flags.condaFile), (warning) => context.out.warn(warning))
        : await condaFromRequirements(resolve(world.cwd, flags.pipRequirements!));
    return over(inFile, { userManagedDependencies: false, condaDependenciesFile: null, condaDependencies });
  }
  if (flags.python !== undefined) return over(inFile, userManaged(await namedInterpreter(flags.python, world.cwd, target)));
  return inFile === null ? over(null, userManaged(interpreterFor(world.env, target))) : null;
}

/** `NAME` or `NAME:VERSION`; no name of an environment holds a colon. */
function registered(typed: string): JsonObject {
  const [name, version, ...more] = typed.split(":");
  if (!name || version === "" || more.length > 0) throw new BadRequest(`Option --environment: "${typed}" is not NAME or NAME:VERSION.`);
  return { name, ...(version === undefined ? {} : { version }) };
}

function userManaged(interpreterPath: string): JsonObject {
  return { userManagedDependencies: true, interpreterPath };
}

/** A bare name is looked up on the compute; a path must exist when the compute is this machine. */
async function namedInterpreter(typed: string, cwd: string, target: string): Promise<string> {
  if (!typed.includes("/")) return typed;
  if (target !== "local") return typed;
  const path = resolve(cwd, typed);
  const found = await stat(path).catch(() => null);
  if (!found?.isFile())
    throw new BadRequest(`There is no Python at "${path}". Give an interpreter, like .venv/bin/python, or leave --python out.`);
  return path;
}

/** Another Python makes it another environment, so that it no longer goes by the name that the file gives. */
function over(inFile: JsonObject | null, python: JsonObject): JsonObject {
  const { name: _name, version: _version, ...base } = inFile ?? {};
  return { ...base, python: { ...(base.python as JsonObject | undefined), ...python } };
}
