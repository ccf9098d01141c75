import {
  definitionOf,
  environmentHash,
  environmentOf,
  type JsonObject,
  NotFound,
  namedEnvironmentOf,
  nameOfEdited,
  type RegisteredEnvironment,
  type RunConfiguration,
} from "@switchyard/protocol";
import type { EngineContext } from "../context.ts";
import { EnvironmentCatalog } from "../environments/catalog.ts";
import { isSameEnvironment } from "../environments/same.ts";
import { nearest } from "../nearest.ts";

/**
 * The run configuration with the registered environment that it only names. A name that says more (packages, an
 * interpreter, an image) is a definition of its own and is registered as such.
 */
export async function withRegisteredEnvironment({ store }: EngineContext, workspace: string, wire: JsonObject): Promise<JsonObject> {
  const named = namedEnvironmentOf(wire);
  if (named === null) return wire;
  const { key, name, version, variables } = named;
  const catalog = new EnvironmentCatalog(store);
  const registered = await catalog.get(workspace, name, version ?? undefined);
  if (registered === undefined) {
    const known = (await catalog.list(workspace)).map((environment) => environment.name);
    throw new NotFound(missing(name, version, known), { details: { nearest: nearest(name, known) } });
  }
  const environmentVariables = { ...registered.definition.environmentVariables, ...variables };
  return { ...wire, [key]: { ...(registered.definition as JsonObject), environmentVariables } };
}

/**
 * Registers what a run uses: an unchanged definition keeps its version, also one that is not the newest any more when
 * the run names that. A curated environment that was edited becomes one of the workspace's own. Refuses what no machine could
 * prepare.
 */
export async function registerEnvironment(
  context: EngineContext,
  workspace: string,
  configuration: RunConfiguration,
): Promise<RegisteredEnvironment> {
  const { environments } = context.store;
  const job = environmentOf(configuration);
  const definition = definitionOf(configuration);
  const { name, version } = definition;
  const known = await new EnvironmentCatalog(context.store).get(workspace, name, version ?? undefined);
  if (known !== undefined && isSameEnvironment(known.definition, definition, { whateverVariables: Boolean(version) })) return known;
  const hash = job.kind === "system" ? job.name : environmentHash(definition, "any");
  return environments.register(workspace, { ...definition, name: nameOfEdited(name) }, hash);
}

function missing(name: string, version: string | null, known: readonly string[]): string {
  const which = version === null ? `"${name}"` : `"${name}" of version ${version}`;
  const near = nearest(name, known);
  const guess = near === null ? "Register it first, or say in environment.python what it needs." : `Did you mean "${near}"?`;
  return `There is no environment ${which} in this workspace. ${guess}`;
}
