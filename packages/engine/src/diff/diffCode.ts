import type { RunDiff, TreeEntry } from "@switchyard/protocol";
import { createTwoFilesPatch } from "diff";
import type { EngineContext } from "../context.ts";
import { SnapshotFolders } from "../snapshots/folders.ts";

/** Bigger files are only said to have changed. */
const PATCH_BYTES = 256 * 1024;
const MOST_PATCHES = 100;
/** Milliseconds a single patch may take. */
const PATCH_TIMEOUT_MS = 1000;

type Changed = RunDiff["code"][number];
type Pair = { readonly path: string; readonly a: TreeEntry | undefined; readonly b: TreeEntry | undefined };

/** What differs between two snapshots. Folders of the same SHA-256 are not looked into. */
export async function diffCode(context: EngineContext, a: string | null, b: string | null): Promise<Changed[]> {
  if (a === b) return [];
  const changes: Changed[] = [];
  for await (const pair of pairs(new SnapshotFolders(context.artifacts), await rootOf(context, a), await rootOf(context, b), "")) {
    const patch = changes.length < MOST_PATCHES ? await patchOf(context, pair) : null;
    changes.push({ path: pair.path, status: pair.a === undefined ? "added" : pair.b === undefined ? "removed" : "changed", patch });
  }
  return changes;
}

async function rootOf({ store }: EngineContext, snapshotId: string | null): Promise<string | null> {
  return snapshotId === null ? null : ((await store.snapshots.get(snapshotId))?.root ?? null);
}

/** Files and links that differ, by path. */
async function* pairs(folders: SnapshotFolders, a: string | null, b: string | null, folder: string): AsyncGenerator<Pair> {
  if (a === b) return;
  const [left, right] = [await byName(folders, a), await byName(folders, b)];
  for (const name of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [x, y] = [left.get(name), right.get(name)];
    const path = folder === "" ? name : `${folder}/${name}`;
    const [xFolder, yFolder] = [folderOf(x), folderOf(y)];
    if (xFolder !== null || yFolder !== null) yield* pairs(folders, xFolder, yFolder, path);
    const [xLeaf, yLeaf] = [leafOf(x), leafOf(y)];
    if ((xLeaf !== undefined || yLeaf !== undefined) && !isSame(xLeaf, yLeaf)) yield { path, a: xLeaf, b: yLeaf };
  }
}

async function byName(folders: SnapshotFolders, sha256: string | null): Promise<Map<string, TreeEntry>> {
  if (sha256 === null) return new Map();
  return new Map((await folders.read(sha256)).map((entry) => [entry.name, entry]));
}

const folderOf = (entry: TreeEntry | undefined) => (entry?.kind === "folder" ? entry.sha256 : null);
const leafOf = (entry: TreeEntry | undefined) => (entry?.kind === "folder" ? undefined : entry);

function isSame(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  if (a?.kind === "file" && b?.kind === "file") return a.sha256 === b.sha256 && a.mode === b.mode;
  return a?.kind === "link" && b?.kind === "link" && a.target === b.target;
}

async function patchOf(context: EngineContext, { path, a, b }: Pair): Promise<string | null> {
  const [before, after] = [await textOf(context, a), await textOf(context, b)];
  if (before === null || after === null) return null;
  return createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { timeout: PATCH_TIMEOUT_MS }) ?? null;
}

/** The text of a small file; null when it is big or no text. */
async function textOf({ artifacts: { blobs } }: EngineContext, entry: TreeEntry | undefined): Promise<string | null> {
  if (entry === undefined) return "";
  if (entry.kind === "link") return `${entry.target}\n`;
  if (entry.kind !== "file" || entry.size > PATCH_BYTES || (await blobs.size(entry.sha256)) === null) return null;
  const bytes = await blobs.readAll(entry.sha256);
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
