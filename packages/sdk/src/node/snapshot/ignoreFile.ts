import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BadRequest } from "@switchyard/protocol/errors";
import ignore from "ignore";
import { inWords, systemCode } from "../systemErrors.ts";

/** Says whether a path of the snapshot, with `/` between its parts, stays at home. */
export type Ignores = (path: string, isFolder: boolean) => boolean;

/** The first that exists counts alone: `.amlignore` replaces `.gitignore` (spec 04 §3). */
const IGNORE_FILES = [".amlignore", ".gitignore"] as const;

/** Reads the ignore file of a folder; only the one in the root counts. `patterns` come on top of it. */
export function readIgnoreFile(folder: string, patterns: readonly string[]): Ignores {
  const text = IGNORE_FILES.map((name) => readIfThere(join(folder, name))).find((found) => found !== null) ?? "";
  const rules = [text, ...patterns];
  if (rules.join("").trim() === "") return () => false;
  // git tells upper from lower case where the disk does
  const matcher = ignore({ ignorecase: false })
    .add(text.replace(/^\ufeff/, ""))
    .add([...patterns]);
  return (path, isFolder) => matcher.ignores(isFolder ? `${path}/` : path);
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw new BadRequest(`${path} cannot be read: ${inWords(error)}.`, { cause: error });
  }
}
