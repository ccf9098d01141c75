import { createHash } from "node:crypto";
import { realpathSync, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import type { TreeEntry } from "@switchyard/protocol";
import { BadRequest, Conflict, NotFound } from "@switchyard/protocol/errors";
import { encodeTree } from "@switchyard/protocol/snapshot";
import { defaultHome } from "../home.ts";
import { inWords, systemCode } from "../systemErrors.ts";
import { HashCache } from "./hashCache.ts";
import { FileHasher } from "./hashFiles.ts";
import { type Ignores, readIgnoreFile } from "./ignoreFile.ts";
import { Turns } from "./turns.ts";
import { type FoundFile, type FoundFolder, walkFolder } from "./walkFolder.ts";
import { warningsOf } from "./warnings.ts";

export interface ScanOptions {
  /** ignore patterns on top of the folder's own ignore file */
  readonly ignore?: readonly string[];
  /** default: the folder's own ignore file counts; false: everything in the folder travels */
  readonly ignoreFiles?: boolean;
  /** whose `cache/` remembers hashes; null: no cache */
  readonly home?: string | null;
  /** warn when more than this is about to travel */
  readonly warnBytes?: number;
}

export interface ScannedTree {
  /** what the blob of this folder holds: `encodeTree(entries)` */
  readonly text: string;
  readonly entries: readonly TreeEntry[];
}

export interface ScannedFile {
  /** relative to the folder, with `/` between its parts */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** the state of the file that was hashed */
  readonly signature: string;
}

/** A folder as it would travel. The bytes stay where they are until they are uploaded. */
export interface SnapshotScan {
  readonly folder: string;
  readonly options: ScanOptions;
  /** SHA-256 of the root tree: names all there is in the snapshot */
  readonly root: string;
  readonly trees: ReadonlyMap<string, ScannedTree>;
  readonly entries: readonly ScannedFile[];
  readonly files: number;
  readonly bytes: number;
  readonly warnings: readonly string[];
  /** what ignore rules kept at home; folders end with `/` */
  readonly excluded: readonly string[];
}

/** What the Azure ML v1 world took at most; here it is only worth a warning. */
const WARN_BYTES = 300_000_000;
/** How often a folder that changes while it is read is looked at again. */
export const MAX_LOOKS = 4;
const NAMED_AT_MOST = 20;

/** Scans a folder into a Merkle tree of SHA-256. Throws BadRequest that names everything which cannot travel. */
export async function scanFolder(folder: string, options: ScanOptions = {}): Promise<SnapshotScan> {
  const real = realFolder(folder);
  const home = options.home === undefined ? defaultHome() : options.home;
  const cache = home === null ? null : HashCache.open(home, real);
  for (let looks = 1; ; looks++) {
    const found = await look(real, options, cache);
    if ("scan" in found) return found.scan;
    if (looks === MAX_LOOKS) throw keepsChanging(real, found.changed);
  }
}

/** The error for a folder in which somebody writes all the time. */
export function keepsChanging(folder: string, path: string): Conflict {
  return new Conflict(
    `${path} in ${folder} keeps changing while the folder is read. Stop what writes to it, or list it in .amlignore, and submit again.`,
    {
      details: { path },
    },
  );
}

function realFolder(folder: string): string {
  try {
    const real = realpathSync(folder);
    if (!statSync(real).isDirectory()) throw new BadRequest(`${folder} is not a folder; a snapshot is taken of a folder.`);
    return real;
  } catch (error) {
    if (error instanceof BadRequest) throw error;
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR")
      throw new NotFound(`Folder ${folder} does not exist.`, { cause: error });
    throw new BadRequest(`Folder ${folder} cannot be read: ${inWords(error)}.`, { cause: error });
  }
}

/** What ignore rules say, and a server's home that lies in the folder: it changes all the time, and holds keys. */
function whatStaysAtHome(folder: string, options: ScanOptions): Ignores {
  const ignores = options.ignoreFiles === false ? () => false : readIgnoreFile(folder, options.ignore ?? []);
  const home = relative(folder, realOrSame(options.home ?? defaultHome()));
  if (home === "" || home.startsWith("..")) return ignores;
  const path = home.split(sep).join("/");
  return (candidate, isFolder) => candidate === path || ignores(candidate, isFolder);
}

function realOrSame(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

async function look(folder: string, options: ScanOptions, cache: HashCache | null): Promise<{ scan: SnapshotScan } | { changed: string }> {
  const walk = await walkFolder(folder, whatStaysAtHome(folder, options));
  const refused = [...walk.refused];
  const sums = new Map<FoundFile, string>();
  const turns = new Turns();
  const hasher = new FileHasher(folder, turns);
  for (const file of walk.files) {
    const hashed = await hashOnce(file, hasher, cache);
    if ("changed" in hashed) return { changed: file.path };
    if ("unreadable" in hashed) refused.push(`${file.path} cannot be read: ${hashed.unreadable}`);
    else sums.set(file, hashed.sha256);
    await turns.giveWay();
  }
  if (refused.length > 0) throw cannotTravel(folder, refused);
  cache?.save();
  return { scan: assemble(folder, options, walk.root, sums, walk.excluded) };
}

async function hashOnce(file: FoundFile, hasher: FileHasher, cache: HashCache | null) {
  const known = cache?.get(file.signature);
  if (known !== undefined) return { sha256: known };
  const hashedNs = BigInt(Date.now()) * 1_000_000n;
  const hashed = await hasher.hash(file);
  if ("sha256" in hashed) cache?.set(file.signature, hashed.sha256, file.changedNs, hashedNs);
  return hashed;
}

function assemble(
  folder: string,
  options: ScanOptions,
  found: FoundFolder,
  sums: ReadonlyMap<FoundFile, string>,
  excluded: readonly string[],
): SnapshotScan {
  const trees = new Map<string, ScannedTree>();
  const root = addTree(found, sums, trees);
  const entries = [...sums].map(([{ path, size, signature }, sha256]) => ({ path, size, sha256, signature }));
  const warnings = warningsOf(trees, root.sha256, { files: root.files, bytes: root.size }, options.warnBytes ?? WARN_BYTES);
  return {
    folder,
    options,
    root: root.sha256,
    trees,
    entries,
    files: root.files,
    bytes: root.size,
    warnings,
    excluded: [...excluded].sort(),
  };
}

/** Adds the tree of a folder and of all folders in it; answers the folder's hash and weight. */
function addTree(folder: FoundFolder, sums: ReadonlyMap<FoundFile, string>, trees: Map<string, ScannedTree>) {
  const entries: TreeEntry[] = folder.links.map(({ name, target }) => ({ kind: "link", name, target }));
  let size = 0;
  let files = 0;
  for (const inner of folder.folders) {
    const below = addTree(inner, sums, trees);
    entries.push({ kind: "folder", name: inner.name, mode: inner.mode, ...below });
    size += below.size;
    files += below.files;
  }
  for (const file of folder.files) {
    entries.push({ kind: "file", name: file.name, mode: file.mode, size: file.size, sha256: sums.get(file) as string });
    size += file.size;
    files++;
  }
  const text = encodeTree(entries);
  const sha256 = createHash("sha256").update(text).digest("hex");
  trees.set(sha256, { text, entries });
  return { sha256, size, files };
}

function cannotTravel(folder: string, refused: readonly string[]): BadRequest {
  const named = refused.slice(0, NAMED_AT_MOST).map((what) => `\n  ${what}`);
  const more = refused.length > NAMED_AT_MOST ? `\n  … and ${refused.length - NAMED_AT_MOST} more` : "";
  return new BadRequest(
    `Folder ${folder} cannot be submitted as it is:${named.join("")}${more}\nRemove these, or list them in .amlignore (or .gitignore).`,
    {
      details: { refused: refused.slice(0, 1000) },
    },
  );
}
