import { z } from "zod";

/**
 * What a model may be called. MLflow's rule, wider than that of v1: whatever can be part of `name:version` and of a path.
 * A name is a folder too (`azureml-models/<name>/<version>`), hence no `.` and `..`.
 */
export const modelName = z
  .string()
  .min(1)
  .max(255)
  .refine(isModelName, "a model name has no '/', '\\\\', ':' or control character, no space at its ends, and is neither '.' nor '..'");

/** True for a text that may name a model. */
export function isModelName(name: string): boolean {
  return name !== "" && name.length <= 255 && name !== "." && name !== ".." && name.trim() === name && !/[/\\:\p{Cc}\p{Cs}]/u.test(name);
}

/** Version of a model: 1, 2, 3, … */
export const modelVersion = z.coerce.number().int().min(1).max(2_147_483_647);

/** `name:version`. */
export const modelId = (name: string, version: number): string => `${name}:${version}`;

/**
 * A path inside a model: relative, `/` between its parts, inside. Files of a model lie at or below its `path`, the name of
 * the file or folder that was registered.
 */
export const modelPath = z
  .string()
  .min(1)
  .max(2048)
  .refine(
    (path) => !path.includes("\0") && path.split("/").every((part) => part !== "" && part !== "." && part !== ".."),
    "a path of a model is relative and has no empty, '.' or '..' part",
  );
