import { readFileSync } from "node:fs";

/** A file of a site as text; empty when it is not there, which somebody else may see to at any moment. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
