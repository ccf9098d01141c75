import type { JsonObject } from "../json.ts";
import { entryOf } from "./reading/collections.ts";
import { type Given, givenOfJson, isNothing, plain } from "./reading/given.ts";

/** The parts that make an environment section a definition of its own, whatever its name. */
const OWN_PARTS = ["python", "docker", "spark", "databricks"];

/** Does a run configuration only name an environment of the workspace, without saying itself what that is? */
export function onlyNamesEnvironment(given: Given): boolean {
  const section = entryOf(given, "environment")?.value;
  if (textOf(entryOf(section, "name")?.value) === null) return false;
  return OWN_PARTS.every((part) => isNothing(entryOf(section, part)?.value));
}

/** An environment of the workspace by its name, and what a run says beside. */
export interface NamedEnvironment {
  /** how the configuration spells the key of the section */
  readonly key: string;
  readonly name: string;
  readonly version: string | null;
  readonly variables: JsonObject;
}

/** What a configuration in its wire form names; null when it has an environment of its own. */
export function namedEnvironmentOf(wire: JsonObject): NamedEnvironment | null {
  const given = givenOfJson(wire);
  if (!onlyNamesEnvironment(given)) return null;
  const { key, value } = entryOf(given, "environment")!;
  const variables = entryOf(value, "environmentVariables")?.value;
  return {
    key,
    name: textOf(entryOf(value, "name")?.value)!,
    version: textOf(entryOf(value, "version")?.value),
    variables: variables?.kind === "map" ? (plain(variables) as JsonObject) : {},
  };
}

function textOf(given: Given | undefined): string | null {
  return given?.kind === "scalar" && given.text !== "" ? given.text : null;
}
