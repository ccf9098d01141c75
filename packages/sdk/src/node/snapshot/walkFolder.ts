import { type BigIntStats, type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { MAX_TREE_DEPTH } from "@switchyard/protocol/snapshot";
import { inWords, systemCode } from "../systemErrors.ts";
import type { Ignores } from "./ignoreFile.ts";
import { whyLinkIsRefused } from "./links.ts";
import { signatureOf } from "./signature.ts";
import { Turns } from "./turns.ts";

/** A file as it was seen; its bytes are hashed later. */
export interface FoundFile {
  readonly name: string;
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  readonly signature: string;
  /** the later of its two times of change, in nanoseconds since 1970 */
  readonly changedNs: bigint;
}

export interface FoundFolder {
  readonly name: string;
  readonly path: string;
  readonly mode: number;
  readonly files: FoundFile[];
  readonly folders: FoundFolder[];
  readonly links: { readonly name: string; readonly target: string }[];
}

export interface Walk {
  readonly root: FoundFolder;
  readonly files: readonly FoundFile[];
  /** what an ignore rule kept at home; folders end with `/` */
  readonly excluded: readonly string[];
  /** what cannot travel, and why, in words */
  readonly refused: readonly string[];
}

/** Looks at everything in a folder that no rule ignores. Never follows a link. */
export async function walkFolder(folder: string, ignores: Ignores): Promise<Walk> {
  const walker = new Walker(folder, ignores);
  const root: FoundFolder = { name: "", path: "", mode: 0o755, files: [], folders: [], links: [] };
  await walker.look(root, 1);
  return { root, files: walker.files, excluded: walker.excluded, refused: walker.refused };
}

class Walker {
  readonly files: FoundFile[] = [];
  readonly excluded: string[] = [];
  readonly refused: string[] = [];
  readonly #folder: string;
  readonly #ignores: Ignores;
  readonly #turns = new Turns();

  constructor(folder: string, ignores: Ignores) {
    this.#folder = folder;
    this.#ignores = ignores;
  }

  async look(into: FoundFolder, depth: number): Promise<void> {
    for (const entry of this.#entriesOf(into)) {
      const path = into.path === "" ? entry.name : `${into.path}/${entry.name}`;
      if (this.#ignores(path, entry.isDirectory())) this.excluded.push(entry.isDirectory() ? `${path}/` : path);
      else await this.#take(into, entry, path, depth);
      await this.#turns.giveWay();
    }
  }

  async #take(into: FoundFolder, entry: Dirent, path: string, depth: number): Promise<void> {
    if (entry.isSymbolicLink()) this.#takeLink(into, entry.name, path);
    else if (entry.isFile()) this.#takeFile(into, entry.name, path);
    else if (!entry.isDirectory()) this.refused.push(`${path} is ${kindOf(entry)}`);
    else if (depth >= MAX_TREE_DEPTH) this.refused.push(`${shortened(path)} lies more than ${MAX_TREE_DEPTH} folders deep`);
    else {
      const stat = this.#lstat(path);
      if (stat === null) return;
      const folder: FoundFolder = { name: entry.name, path, mode: modeOf(stat), files: [], folders: [], links: [] };
      into.folders.push(folder);
      await this.look(folder, depth + 1);
    }
  }

  #takeFile(into: FoundFolder, name: string, path: string): void {
    const stat = this.#lstat(path);
    if (stat === null) return;
    const changedNs = stat.mtimeNs > stat.ctimeNs ? stat.mtimeNs : stat.ctimeNs;
    const file = { name, path, mode: modeOf(stat), size: Number(stat.size), signature: signatureOf(stat), changedNs };
    into.files.push(file);
    this.files.push(file);
  }

  #takeLink(into: FoundFolder, name: string, path: string): void {
    const link = whyLinkIsRefused(this.#folder, path);
    if ("refused" in link) this.refused.push(`${path} ${link.refused}`);
    else into.links.push({ name, target: link.target });
  }

  #entriesOf({ path }: FoundFolder): Dirent[] {
    const folder = join(this.#folder, path);
    try {
      const entries = readdirSync(folder, { withFileTypes: true });
      // a name that is not UTF-8 arrives with U+FFFD in it; only then is it worth asking for the bytes
      if (!entries.some((entry) => entry.name.includes("\ufffd"))) return entries;
      const broken = new Set(namesThatAreNotUtf8(folder));
      for (const name of broken) this.refused.push(`${path === "" ? "" : `${path}/`}${name} has a name that is not UTF-8`);
      return entries.filter((entry) => !broken.has(entry.name));
    } catch (error) {
      if (path === "" || systemCode(error) !== "ENOENT")
        this.refused.push(`${shortened(path || this.#folder)} cannot be read: ${inWords(error)}`);
      return [];
    }
  }

  /** Null for what went away since its folder was read: then it was never there. */
  #lstat(path: string): BigIntStats | null {
    try {
      return lstatSync(join(this.#folder, path), { bigint: true });
    } catch (error) {
      if (systemCode(error) !== "ENOENT") this.refused.push(`${shortened(path)} cannot be read: ${inWords(error)}`);
      return null;
    }
  }
}

function namesThatAreNotUtf8(folder: string): string[] {
  const names = readdirSync(folder, { encoding: "buffer" });
  return names.filter((name) => !Buffer.from(name.toString("utf8")).equals(name)).map((name) => name.toString("utf8"));
}

const modeOf = (stat: BigIntStats): number => Number(stat.mode) & 0o777;
const shortened = (path: string): string => (path.length > 300 ? `${path.slice(0, 300)}…` : path);

function kindOf(entry: Dirent): string {
  if (entry.isSocket()) return "a socket";
  if (entry.isFIFO()) return "a named pipe";
  return entry.isBlockDevice() || entry.isCharacterDevice() ? "a device" : "neither file, folder nor link";
}
