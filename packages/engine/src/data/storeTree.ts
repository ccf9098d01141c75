import { createHash } from "node:crypto";
import type { ArtifactStorage } from "@switchyard/artifacts";
import { encodeTree, type TreeEntry } from "@switchyard/protocol";
import type { FrozenFile } from "./keeper.ts";

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: Map<string, FrozenFile>;
}

const newFolder = (): Folder => ({ folders: new Map(), files: new Map() });

/** Keeps a list of files as a tree, as snapshots are, and answers the SHA-256 of its root. `mode` is that of every file. */
export async function storeTree({ blobs }: ArtifactStorage, files: readonly FrozenFile[], mode: number): Promise<string> {
  const root = newFolder();
  for (const file of files) {
    const parts = file.path.split("/");
    const name = parts.pop() as string;
    folderAt(root, parts).files.set(name, file);
  }
  const texts = new Map<string, Uint8Array>();
  const { sha256 } = encode(root, mode, texts);
  await blobs.putMany([...texts].map(([sha256, bytes]) => ({ sha256, size: bytes.length, content: [bytes] })));
  return sha256;
}

function folderAt(root: Folder, parts: readonly string[]): Folder {
  return parts.reduce((folder, part) => {
    const inner = folder.folders.get(part) ?? newFolder();
    folder.folders.set(part, inner);
    return inner;
  }, root);
}

/** Object storage can have a file "a" beside "a/b"; on a disk the folder wins. */
function encode(folder: Folder, mode: number, texts: Map<string, Uint8Array>): { sha256: string; size: number; files: number } {
  const entries: TreeEntry[] = [];
  let size = 0;
  let count = 0;
  for (const [name, inner] of folder.folders) {
    const { sha256, ...counts } = encode(inner, mode, texts);
    entries.push({ kind: "folder", name, mode: 0o755, sha256, ...counts });
    size += counts.size;
    count += counts.files;
  }
  for (const [name, file] of folder.files) {
    if (folder.folders.has(name)) continue;
    entries.push({ kind: "file", name, mode, size: file.size, sha256: file.sha256 });
    size += file.size;
    count += 1;
  }
  const bytes = Buffer.from(encodeTree(entries));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  texts.set(sha256, bytes);
  return { sha256, size, files: count };
}
