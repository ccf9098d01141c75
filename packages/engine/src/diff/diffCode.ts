import type { RunDiff, TreeEntry } from "@switchyard/protocol";
import { createTwoFilesPatch } from "diff";
import type { EngineContext } from "../context.ts";
import { SnapshotFolders } from "../snapshots/folders.ts";

/** Bigger files are only said to have changed. */
const PATCH_BYTES = 256 * 1024;
const MOST_PATCHES = 100;
/** Milliseconds a single patch may take. */
const PATCH_TIMEOUT_MS = 1000;

type Stored = Pick<EngineContext, "store" | "artifacts">;
type Changed = RunDiff["code"][number];
type Folder = Extract<TreeEntry, { kind: "folder" }>;
type Pair = { readonly path: string; readonly a: TreeEntry | undefined; readonly b: TreeEntry | undefined };

/** What differs between two snapshots. Folders of the same SHA-256 are not looked into. */
export async function diffCode(context: Stored, a: string | null, b: string | null): Promise<Changed[]> {
  if (a === b) return [];
  const changes: Changed[] = [];
  for await (const pair of pairs(new SnapshotFolders(context.artifacts), await rootOf(context, a), await rootOf(context, b), "")) {
    const patch = changes.length < MOST_PATCHES ? await patchOf(context, pair) : null;
    changes.push({ path: pair.path, status: pair.a === undefined ? "added" : pair.b === undefined ? "removed" : "changed", patch });
  }
  return changes;
}

async function rootOf({ store }: Stored, snapshotId: string | null): Promise<string | null> {
  return snapshotId === null ? null : ((await store.snapshots.get(snapshotId))?.root ?? null);
}

/** Files, links and folders that differ themselves, by path. */
async function* pairs(folders: SnapshotFolders, a: string | null, b: string | null, folder: string): AsyncGenerator<Pair> {
  if (a === b) return;
  const [left, right] = [await byName(folders, a), await byName(folders, b)];
  for (const name of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [x, y] = [left.get(name), right.get(name)];
    const path = folder === "" ? name : `${folder}/${name}`;
    const [xFolder, yFolder] = [folderOf(x), folderOf(y)];
    if (await showsItself(folders, xFolder, yFolder)) yield { path: `${path}/`, a: xFolder, b: yFolder };
    if (xFolder || yFolder) yield* pairs(folders, xFolder?.sha256 ?? null, yFolder?.sha256 ?? null, path);
    const [xLeaf, yLeaf] = [leafOf(x), leafOf(y)];
    if ((xLeaf !== undefined || yLeaf !== undefined) && !isSame(xLeaf, yLeaf)) yield { path, a: xLeaf, b: yLeaf };
  }
}

async function byName(folders: SnapshotFolders, sha256: string | null): Promise<Map<string, TreeEntry>> {
  if (sha256 === null) return new Map();
  return new Map((await folders.read(sha256)).map((entry) => [entry.name, entry]));
}

/** A folder is told by what is in it; itself it is named when it has nothing in it, or another mode. */
async function showsItself(folders: SnapshotFolders, a: Folder | undefined, b: Folder | undefined): Promise<boolean> {
  if (a !== undefined && b !== undefined) return a.mode !== b.mode;
  const only = a ?? b;
  return only !== undefined && (await folders.read(only.sha256)).length === 0;
}

const folderOf = (entry: TreeEntry | undefined) => (entry?.kind === "folder" ? entry : undefined);
const leafOf = (entry: TreeEntry | undefined) => (entry?.kind === "folder" ? undefined : entry);

function isSame(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  if (a?.kind === "file" && b?.kind === "file") return a.sha256 === b.sha256 && a.mode === b.mode;
  return a?.kind === "link" && b?.kind === "link" && a.target === b.target;
}

async function patchOf(context: Stored, { path, a, b }: Pair): Promise<string | null> {
  const modes = modeLines(a, b);
  const [before, after] = [await textOf(context, a), await textOf(context, b)];
  if (before === null || after === null || before === after) return modes === "" ? null : modes;
  return modes + (createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { timeout: PATCH_TIMEOUT_MS }) ?? "");
}

/** A change of the permissions, as git writes it. */
function modeLines(a: TreeEntry | undefined, b: TreeEntry | undefined): string {
  const [before, after] = [modeOf(a), modeOf(b)];
  return before === null || after === null || before === after ? "" : `old mode ${before}\nnew mode ${after}\n`;
}

function modeOf(entry: TreeEntry | undefined): string | null {
  return entry === undefined || entry.kind === "link" ? null : entry.mode.toString(8).padStart(4, "0");
}

/** The text of a small file; null when it is big or no text. */
async function textOf({ artifacts: { blobs } }: Stored, entry: TreeEntry | undefined): Promise<string | null> {
  if (entry === undefined || entry.kind === "folder") return "";
  if (entry.kind === "link") return `${entry.target}\n`;
  if (entry.size > PATCH_BYTES || (await blobs.size(entry.sha256)) === null) return null;
  const bytes = await blobs.readAll(entry.sha256);
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
