import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { ChecksumMismatch } from "@switchyard/protocol";
import { BundlePaths, checkLink } from "../bundle/bundlePaths.ts";
import type { BundleEntry } from "../contract.ts";
import type { TarEntry } from "./tar.ts";

const SMALL_BYTES = 1024 * 1024;

export type FileEntry = Extract<BundleEntry, { kind: "file" }>;

/** What a bundle carries in one folder of the job directory. */
export interface ShippedFolder {
  readonly folder: string;
  readonly entries: AsyncIterable<BundleEntry>;
}

/** What a bundle carries, read through once and checked: what must be on the other machine, and how the folders are made of it. */
export class Shipment {
  /** files by the SHA-256 of their bytes; empty ones are not among them */
  readonly blobs = new Map<string, FileEntry>();
  readonly #tree: BundleEntry[] = [];
  /** by blob, the first file that has its bytes */
  readonly #first = new Map<string, string>();

  static async of(folders: readonly ShippedFolder[], signal: AbortSignal): Promise<Shipment> {
    const shipment = new Shipment();
    for (const { folder, entries } of folders) await shipment.#take(folder, entries, signal);
    return shipment;
  }

  async #take(folder: string, entries: AsyncIterable<BundleEntry>, signal: AbortSignal): Promise<void> {
    const paths = new BundlePaths();
    this.#tree.push({ kind: "folder", path: folder, mode: 0o755 });
    for await (const entry of entries) {
      signal.throwIfAborted();
      paths.take(entry.path, entry.kind);
      if (entry.kind === "link") checkLink(entry.path, entry.target);
      const placed = { ...entry, path: `${folder}/${entry.path}` };
      if (placed.kind === "file" && placed.size > 0 && !this.blobs.has(placed.sha256)) {
        this.blobs.set(placed.sha256, placed);
        this.#first.set(placed.sha256, placed.path);
      }
      this.#tree.push(placed);
    }
  }

  get bytes(): number {
    return [...this.blobs.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** The folders, the links and the empty files as entries below `folder`. */
  frame(folder: string): TarEntry[] {
    return this.#tree.flatMap((entry): TarEntry[] => {
      const path = `${folder}/${entry.path}`;
      if (entry.kind === "folder") return [{ kind: "folder", path, mode: 0o755 }];
      if (entry.kind === "link") return [{ kind: "link", path, mode: 0o777, target: entry.target }];
      return entry.size === 0 ? [{ kind: "file", path, mode: 0o644, size: 0, bytes: async function* () {} }] : [];
    });
  }

  /** Its other files as hard links to blobs; `blobAt` says where a blob lies, null leaves its file out. */
  linked(folder: string, blobAt: (sha256: string) => string | null): TarEntry[] {
    return [...this.#first].flatMap(([sha256, path]): TarEntry[] => {
      const target = blobAt(sha256);
      return target === null ? [] : [{ kind: "hardlink", path: `${folder}/${path}`, mode: 0o644, target }];
    });
  }

  /** The folders in which files of these blobs lie, outer ones first. */
  foldersOf(folder: string, blobs: ReadonlySet<string>): TarEntry[] {
    const folders = new Set<string>();
    for (const [sha256, path] of this.#first) {
      if (!blobs.has(sha256)) continue;
      const parts = path.split("/").slice(0, -1);
      for (let depth = 1; depth <= parts.length; depth += 1) folders.add(parts.slice(0, depth).join("/"));
    }
    return [...folders].sort().map((path) => ({ kind: "folder", path: `${folder}/${path}`, mode: 0o755 }));
  }

  /**
   * Pairs `from NUL to NUL` of files whose bytes another file has: two links to one blob would, with some `cp`, become two
   * names of one copy.
   */
  copies(folder: string): string {
    return this.#tree
      .filter((entry): entry is FileEntry => entry.kind === "file" && entry.size > 0 && this.#first.get(entry.sha256) !== entry.path)
      .map((entry) => `${folder}/${this.#first.get(entry.sha256)}\0${folder}/${entry.path}\0`)
      .join("");
  }

  /** Modes other than the usual ones: lists of paths by mode, and of pairs `mode NUL path NUL` whose order counts. */
  modes(folder: string): { readonly byMode: ReadonlyMap<string, string>; readonly inOrder: string } {
    const byMode = new Map<string, string>();
    const inOrder: string[] = [];
    for (const entry of this.#tree) {
      if (entry.kind === "link") continue;
      const usual = entry.kind === "folder" ? 0o755 : 0o644;
      if (entry.mode === usual) continue;
      const mode = (entry.mode & 0o7777).toString(8).padStart(3, "0");
      const path = `${folder}/${entry.path}\0`;
      // A folder that may not be entered or written comes after what is in it.
      if (entry.kind === "folder" && (entry.mode & 0o700) !== 0o700) inOrder.unshift(`${mode}\0${path}`);
      else byMode.set(mode, (byMode.get(mode) ?? "") + path);
    }
    return { byMode, inOrder: inOrder.join("") };
  }
}

/**
 * The bytes of a file, checked against what the snapshot says they are. The last ones are given only when all are right,
 * so that a wrong file never arrives whole.
 */
export async function* checkedBytes(entry: FileEntry): AsyncIterable<Uint8Array> {
  const whole = await readSmall(entry);
  if (whole !== null) {
    requireHash(entry, whole.length, createHash("sha256").update(whole).digest("hex"));
    return yield whole;
  }
  const hash = createHash("sha256");
  let length = 0;
  let held: Uint8Array | undefined;
  for await (const bytes of entry.read()) {
    hash.update(bytes);
    length += bytes.length;
    if (length > entry.size) break;
    if (held !== undefined) yield held;
    held = bytes;
  }
  requireHash(entry, length, hash.digest("hex"));
  if (held !== undefined) yield held;
}

/** A small file at once where it lies on this machine: a stream costs more than its bytes do. */
async function readSmall({ localPath, size }: FileEntry): Promise<Uint8Array | null> {
  if (localPath === null || size > SMALL_BYTES) return null;
  return readFile(localPath).catch(() => null); // gone meanwhile: then it is read where it is kept
}

function requireHash({ path, size, sha256 }: FileEntry, length: number, hash: string): void {
  if (length === size && hash === sha256) return;
  throw new ChecksumMismatch(`The bytes of "${path}" are not those of the snapshot (SHA-256 ${sha256}). Submit the run again.`);
}
