import type { BlobStorage } from "@switchyard/artifacts";
import type { SnapshotFolders } from "@switchyard/engine";
import { SnapshotIncomplete } from "@switchyard/protocol";

const BATCH = 2000;

/** Counts the files and bytes of a tree; SnapshotIncomplete, naming what to send, unless every blob of it is stored. */
export async function weighTree(folders: SnapshotFolders, blobs: BlobStorage, root: string): Promise<{ files: number; bytes: number }> {
  let files = 0;
  let bytes = 0;
  const unchecked = new Map<string, string>(); // the SHA-256 of a file to one path that has it
  for await (const { path, entry } of folders.walk(root)) {
    if (entry.kind !== "file") continue;
    files += 1;
    bytes += entry.size;
    unchecked.set(entry.sha256, path);
    if (unchecked.size >= BATCH) await requireStored(blobs, unchecked);
  }
  await requireStored(blobs, unchecked);
  return { files, bytes };
}

async function requireStored(blobs: BlobStorage, unchecked: Map<string, string>): Promise<void> {
  const missing = await blobs.missing(unchecked.keys());
  const [first] = missing;
  if (first !== undefined) {
    throw new SnapshotIncomplete(
      `${missing.length} blobs of the snapshot are not stored, that of "${unchecked.get(first)}" for one. Send them and try again.`,
      {
        details: { missing: missing.slice(0, 100) },
      },
    );
  }
  unchecked.clear();
}
