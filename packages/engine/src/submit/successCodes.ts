import type { JsonObject } from "@switchyard/protocol";

/** Which exit codes count as success: 0, unless `commandReturnCodeConfig` lists others (spec 01 §5). */
export function successCodesOf(definition: JsonObject): readonly number[] {
  const config = definition.commandReturnCodeConfig as { successfulReturnCodes?: unknown } | null | undefined;
  const listed = config?.successfulReturnCodes;
  const codes = Array.isArray(listed) ? listed.filter((code): code is number => Number.isInteger(code)) : [];
  return codes.length > 0 ? codes : [0];
}
