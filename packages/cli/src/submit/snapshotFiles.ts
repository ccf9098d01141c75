import type { Tree } from "@switchyard/protocol";
import type { SnapshotScan } from "@switchyard/sdk/node";

export interface SnapshotFile {
  readonly path: string;
  readonly size: number;
}

/** Every file of a scanned folder with its size, in the order of the folders. */
export function snapshotFiles(scan: SnapshotScan): SnapshotFile[] {
  const below = (sha256: string, folder: string): SnapshotFile[] => {
    const { entries } = JSON.parse(scan.trees.get(sha256) ?? '{"entries":[]}') as Tree;
    return entries.flatMap((entry) => {
      const path = `${folder}${entry.name}`;
      if (entry.kind === "folder") return below(entry.sha256, `${path}/`);
      return entry.kind === "file" ? [{ path, size: entry.size }] : [];
    });
  };
  return below(scan.root, "");
}
