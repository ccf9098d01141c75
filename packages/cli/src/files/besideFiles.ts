import type { SnapshotScan } from "@switchyard/sdk/node";

/** What travels and is no file. */
export interface BesideFiles {
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** paths with a `/` at their end */
  readonly emptyFolders: readonly string[];
}

/** The symbolic links and the empty folders of a scanned folder, by path. */
export function besideFiles({ root, trees }: Pick<SnapshotScan, "root" | "trees">): BesideFiles {
  const links: { path: string; target: string }[] = [];
  const emptyFolders: string[] = [];
  const look = (sha256: string, folder: string) => {
    const entries = trees.get(sha256)?.entries ?? [];
    if (entries.length === 0 && folder !== "") emptyFolders.push(folder);
    for (const entry of entries) {
      if (entry.kind === "link") links.push({ path: `${folder}${entry.name}`, target: entry.target });
      if (entry.kind === "folder") look(entry.sha256, `${folder}${entry.name}/`);
    }
  };
  look(root, "");
  return { links: links.sort((a, b) => (a.path < b.path ? -1 : 1)), emptyFolders: emptyFolders.sort() };
}
