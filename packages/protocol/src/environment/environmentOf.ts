import { EnvironmentUnusable } from "../errors.ts";
import type { JobEnvironment } from "../job/job.ts";
import type { JsonObject } from "../json.ts";
import type { RunConfiguration } from "../runconfig/schema.ts";
import { toWire } from "../runconfig/write.ts";
import { condaTextFor } from "./conda/condaText.ts";
import { pipPlan } from "./conda/pipPlan.ts";
import { type EnvironmentDefinition, environmentDefinition } from "./definition.ts";
import { environmentHash } from "./hash.ts";

/** Name of an environment whose run configuration names none. */
export const UNNAMED_ENVIRONMENT = "project_environment";

/** The environment section of a run configuration as the workspace keeps it. */
export function definitionOf(configuration: RunConfiguration, name: string = UNNAMED_ENVIRONMENT): EnvironmentDefinition {
  const { environment } = toWire(configuration);
  const given = environment as JsonObject;
  return environmentDefinition.parse({ ...given, name: given.name ?? name });
}

/**
 * How the job comes to its interpreter and packages. `platform` is part of a system-managed environment's name; it may
 * be left out where environments of one machine are never met by another.
 */
export function environmentOf(configuration: RunConfiguration, platform = "any"): JobEnvironment {
  const { python } = configuration.environment;
  if (python.userManagedDependencies) return { kind: "user", interpreter: python.interpreterPath ?? "python" };
  const definition = definitionOf(configuration);
  return systemEnvironment(definition, platform, configuration.autoPrepareEnvironment);
}

/** The same for a definition, as the workspace keeps it. */
export function environmentOfDefinition(definition: EnvironmentDefinition, platform = "any", mayBuild = true): JobEnvironment {
  const { python } = definition;
  if (python.userManagedDependencies) return { kind: "user", interpreter: python.interpreterPath ?? "python" };
  return systemEnvironment(definition, platform, mayBuild);
}

function systemEnvironment(definition: EnvironmentDefinition, platform: string, mayBuild: boolean): JobEnvironment {
  const { condaDependencies, condaDependenciesFile } = definition.python;
  if (condaDependencies === null || condaDependencies === undefined)
    throw new EnvironmentUnusable(missing(definition.name, condaDependenciesFile));
  const name = environmentHash(definition, platform);
  const { requirements, whyNot, python, pins, afterConda } = pipPlan(condaDependencies);
  const whyNotPip = whyNot === null ? null : `${whyNot}.`;
  const conda = condaTextFor(condaDependencies, name);
  return { kind: "system", name, conda, afterConda, requirements, whyNotPip, python, pins, mayBuild };
}

function missing(name: string, file: string | null | undefined): string {
  if (file) return `The content of the conda file "${file}" did not come along; send it as environment.python.condaDependencies.`;
  return `Environment "${name}" says neither what to install nor which interpreter to use; give condaDependencies, or userManagedDependencies: true.`;
}
