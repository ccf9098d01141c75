import { PathEscape } from "@switchyard/protocol";

/** Refuses an id that is not one plain name: it becomes part of paths, host names and labels. */
export function requireNodeId(id: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(id)) return id;
  throw new PathEscape(
    `"${id.slice(0, 200)}" cannot be a node's id: it may have letters, digits, "_" and "-", begins with a letter or digit, and has at most 100 characters.`,
  );
}
