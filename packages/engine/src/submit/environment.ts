import {
  definitionOf,
  environmentHash,
  environmentOf,
  type JsonObject,
  NotFound,
  type RegisteredEnvironment,
  type RunConfiguration,
} from "@switchyard/protocol";
import type { EngineContext } from "../context.ts";
import { nearest } from "../nearest.ts";

/**
 * The run configuration with the registered environment that it only names. A name that says more (packages, an
 * interpreter, an image) is a definition of its own and is registered as such.
 */
export async function withRegisteredEnvironment({ store }: EngineContext, workspace: string, wire: JsonObject): Promise<JsonObject> {
  const [key, section] = entryOf(wire, "environment") ?? [];
  if (key === undefined || typeof section !== "object" || section === null || Array.isArray(section)) return wire;
  const given = section as JsonObject;
  const name = entryOf(given, "name")?.[1];
  if (typeof name !== "string" || name === "" || ["python", "docker", "spark", "databricks"].some((part) => isGiven(given, part)))
    return wire;
  const version = entryOf(given, "version")?.[1];
  const registered = await store.environments.get(workspace, name, version === undefined || version === null ? undefined : String(version));
  if (registered === undefined) {
    const known = (await store.environments.list(workspace)).map((environment) => environment.name);
    throw new NotFound(missing(name, version, known), { details: { nearest: nearest(name, known) } });
  }
  const variables = {
    ...registered.definition.environmentVariables,
    ...(entryOf(given, "environmentVariables")?.[1] as JsonObject | undefined),
  };
  return { ...wire, [key]: { ...(registered.definition as JsonObject), environmentVariables: variables } };
}

/** Registers what a run uses: an unchanged definition keeps its version. Refuses what no machine could prepare. */
export async function registerEnvironment(
  context: EngineContext,
  workspace: string,
  configuration: RunConfiguration,
): Promise<RegisteredEnvironment> {
  const job = environmentOf(configuration);
  const definition = definitionOf(configuration);
  const hash = job.kind === "system" ? job.name : environmentHash(definition, "any");
  return context.store.environments.register(workspace, definition, hash);
}

function isGiven(section: JsonObject, key: string): boolean {
  const value = entryOf(section, key)?.[1];
  return value !== undefined && value !== null;
}

/** Keys are compared without regard to case (spec 01 §2). */
function entryOf(object: JsonObject, key: string) {
  return Object.entries(object).find(([name]) => name.toLowerCase() === key.toLowerCase());
}

function missing(name: string, version: unknown, known: readonly string[]): string {
  const which = version === undefined || version === null ? `"${name}"` : `"${name}" of version ${String(version)}`;
  const near = nearest(name, known);
  const guess = near === null ? "Register it first, or say in environment.python what it needs." : `Did you mean "${near}"?`;
  return `There is no environment ${which} in this workspace. ${guess}`;
}
