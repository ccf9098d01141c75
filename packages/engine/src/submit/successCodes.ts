import type { JsonObject } from "@switchyard/protocol";

const EVERY_CODE = Array.from({ length: 256 }, (_, code) => code);

/** Which exit codes count as success (spec 01 §5): 0 and those that `commandReturnCodeConfig` lists, or every one. */
export function successCodesOf(definition: JsonObject): readonly number[] {
  const config = definition.commandReturnCodeConfig as { returnCode?: unknown; successfulReturnCodes?: unknown } | null | undefined;
  if (config?.returnCode === "ZeroOrGreater") return EVERY_CODE;
  const listed = Array.isArray(config?.successfulReturnCodes) ? config.successfulReturnCodes : [];
  return [...new Set([0, ...listed.filter((code): code is number => Number.isInteger(code))])];
}
