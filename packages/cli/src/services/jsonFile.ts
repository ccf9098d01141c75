import { readFile } from "node:fs/promises";
import type { JsonObject } from "@switchyard/protocol";
import { BadRequest, NotFound } from "@switchyard/protocol/errors";
import { nearestOf } from "@switchyard/protocol/nearest";

/** The JSON object in a file, with none but the known keys. */
export async function readJsonFile(file: string, what: string, known: readonly string[]): Promise<JsonObject> {
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new NotFound(`The ${what} "${file}" cannot be read: ${cause.code === "ENOENT" ? "there is no such file" : cause.message}.`, {
      cause,
    });
  });
  const json = parse(text, file);
  for (const key of Object.keys(json)) {
    if (known.includes(key)) continue;
    const near = nearestOf(key, known);
    throw new BadRequest(
      `${file}: "${key}" is no key of an ${what}.${near ? ` Did you mean "${near}"?` : ` Known are ${known.join(", ")}.`}`,
    );
  }
  return json;
}

function parse(text: string, file: string): JsonObject {
  try {
    const json = JSON.parse(text.replace(/^\uFEFF/, "")) as unknown;
    if (isObject(json)) return json;
  } catch (cause) {
    throw new BadRequest(`${file} is not JSON: ${(cause as Error).message}.`, { cause });
  }
  throw new BadRequest(`${file} must hold one JSON object.`);
}

export const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** A text of the object; undefined when it is absent, null or empty. */
export function textIn(json: JsonObject, key: string, file: string): string | undefined {
  const value = json[key] ?? undefined;
  if (value === undefined || typeof value === "string") return value || undefined;
  throw new BadRequest(`${file}: "${key}" is to be a text; it is ${JSON.stringify(value)}.`);
}
