import { BadRequest, PathEscape } from "../errors.ts";

const MOST_BYTES = 1024;

/**
 * A path on a datastore in its one spelling: relative, `/` between its parts, no `.`; empty for the whole datastore. Throws
 * PathEscape for one that leads out.
 */
export function cleanDataPath(text: string): string {
  const parts = text.replaceAll("\\", "/").split("/").filter((part) => part !== "" && part !== "."); // biome-ignore format: short
  if (parts.includes("..")) throw new PathEscape(`"${text}" leads out of its datastore: leave out the "..".`);
  const path = parts.join("/");
  if (path.includes("\0")) throw new BadRequest(`The path ${JSON.stringify(text.slice(0, 80))} has a NUL character. Remove it.`);
  if (new TextEncoder().encode(path).length > MOST_BYTES) {
    throw new BadRequest(`The path "${path.slice(0, 80)}…" is longer than ${MOST_BYTES} bytes. Shorten it.`);
  }
  return path;
}

/** Whether a path asks for all that match it, rather than for one file or folder. */
export const isGlob = (path: string): boolean => /[*?]/.test(path);

/** The folder before the first part with a wildcard: what names of files are relative to. */
export function folderOfGlob(path: string): string {
  const parts = path.split("/");
  return parts.slice(0, parts.findIndex(isGlob)).join("/");
}

/** A test for paths that match: `*` and `?` stay within a part, `**` goes through folders. */
export function globMatcher(glob: string): (path: string) => boolean {
  const parts = glob.split("/");
  let text = "";
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    if (part === "**") text += last ? ".*" : "(?:[^/]+/)*";
    else
      text +=
        part
          .replace(/[.+^${}()|[\]\\]/g, "\\$&")
          .replace(/\*+/g, "[^/]*")
          .replaceAll("?", "[^/]") + (last ? "" : "/");
  }
  const pattern = new RegExp(`^${text}$`, "s");
  return (path) => pattern.test(path);
}
