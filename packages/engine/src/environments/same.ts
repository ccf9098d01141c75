import { isDeepStrictEqual } from "node:util";
import { BadRequest, definitionOf, type EnvironmentDefinition, type JsonObject, normaliseRunConfiguration } from "@switchyard/protocol";

/** Are they one environment, whatever they leave to defaults? The variables that a run adds to a version that it names are its own. */
export function isSameEnvironment(
  one: EnvironmentDefinition,
  other: EnvironmentDefinition,
  { whateverVariables = false }: { whateverVariables?: boolean } = {},
): boolean {
  const [a, b] = [complete(one), complete(other)];
  if (a === null || b === null) return false;
  const essence = ({ version: _version, environmentVariables, ...rest }: EnvironmentDefinition) =>
    whateverVariables ? rest : { ...rest, environmentVariables };
  return isDeepStrictEqual(essence(a), essence(b));
}

/** A definition with every default, as that of a run has them; null when no run could use it. */
function complete(definition: EnvironmentDefinition): EnvironmentDefinition | null {
  try {
    return definitionOf(normaliseRunConfiguration({ script: "any", environment: definition as JsonObject }));
  } catch (error) {
    if (error instanceof BadRequest) return null;
    throw error;
  }
}
