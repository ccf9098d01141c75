import type { TreeEntry } from "./tree.ts";

/** The one text of a folder: no white space, keys in a fixed order, entries sorted. */
export function encodeTree(entries: readonly TreeEntry[]): string {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return JSON.stringify({ version: 1, entries: sorted.map(inFixedOrder) });
}

function inFixedOrder(entry: TreeEntry): TreeEntry {
  switch (entry.kind) {
    case "file":
      return { kind: "file", name: entry.name, mode: entry.mode, size: entry.size, sha256: entry.sha256 };
    case "folder":
      return { kind: "folder", name: entry.name, mode: entry.mode, sha256: entry.sha256, size: entry.size, files: entry.files };
    case "link":
      return { kind: "link", name: entry.name, target: entry.target };
  }
}

/** Deepest nesting of folders that a snapshot may have; deeper trees are refused by name. */
export const MAX_TREE_DEPTH = 256;
