import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { JsonObject, JsonValue } from "@switchyard/protocol";
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
  const environment = await environmentFromFlags(context, target, file === null);
  return {
    ...base,
    target,
    ...(script === undefined ? {} : { script }),
    ...(args.arguments.length === 0 ? {} : { arguments: args.arguments }),
    ...(environment === null ? {} : { environment: over(base.environment, environment) }),
    ...distributionFrom(flags, base),
    ...(flags.maxSeconds === undefined ? {} : { maxRunDurationSeconds: flags.maxSeconds }),
    environmentVariables: { ...(base.environmentVariables as JsonObject | undefined), ...flags.env },
  };
}

async function readFromFile({ flags, out }: SubmitContext, file: string, project: string, script: string | undefined): Promise<JsonObject> {
  const { readRunConfiguration } = await import("../project/readRunConfiguration.ts");
  const ownEnvironment = (flags.python ?? flags.condaFile ?? flags.pipRequirements) !== undefined;
  return readRunConfiguration(file, project, { script, target: flags.target, ownEnvironment }, (warning) => out.warn(warning));
}

function refuseTwoEnvironments({ flags }: SubmitContext): void {
  const given = [flags.python && "--python", flags.condaFile && "--conda-file", flags.pipRequirements && "--pip-requirements"].filter(
    Boolean,
  );
  if (given.length > 1) throw new BadRequest(`${given.join(" and ")} name different environments. Give one of them.`);
}

/** The environment that the command line asks for; null leaves it to the run configuration. */
async function environmentFromFlags(context: SubmitContext, target: string, noFile: boolean): Promise<JsonObject | null> {
  const { flags, world } = context;
  if (flags.condaFile !== undefined || flags.pipRequirements !== undefined) {
    const { condaFromFile, condaFromRequirements } = await import("../project/conda.ts");
    const condaDependencies =
      flags.condaFile !== undefined
        ? await condaFromFile(resolve(world.cwd, flags.condaFile), (warning) => context.out.warn(warning))
        : await condaFromRequirements(resolve(world.cwd, flags.pipRequirements!));
    return { userManagedDependencies: false, condaDependenciesFile: null, condaDependencies };
  }
  if (flags.python !== undefined) return userManaged(await namedInterpreter(flags.python, world.cwd, target));
  return noFile ? userManaged(interpreterFor(world.env, target)) : null;
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

function over(environment: JsonValue | undefined, python: JsonObject): JsonObject {
  const base = (environment ?? {}) as JsonObject;
  return { ...base, python: { ...(base.python as JsonObject | undefined), ...python } };
}
