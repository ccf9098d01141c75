import type { RunConfiguration } from "./schema.ts";

/** Does the run ask for a container? Older files say so in the environment, later ones in a section of its own. */
export function usesDocker(configuration: RunConfiguration): boolean {
  return configuration.docker.useDocker || configuration.environment.docker.enabled;
}

/** Variables for the script's process: those of the run over those of its environment (spec 03 §7). */
export function environmentVariablesOf(configuration: RunConfiguration): Readonly<Record<string, string>> {
  return { ...configuration.environment.environmentVariables, ...configuration.environmentVariables };
}

/** Exit codes that count as success. */
export function successCodesOf({ commandReturnCodeConfig }: RunConfiguration): readonly number[] {
  const { returnCode, successfulReturnCodes } = commandReturnCodeConfig;
  const base = returnCode === "Zero" ? [0] : Array.from({ length: 256 }, (_, code) => code);
  return [...new Set([...base, ...successfulReturnCodes])];
}
