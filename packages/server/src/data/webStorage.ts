import type { ByteRange } from "@switchyard/artifacts";
import { SwitchyardError } from "@switchyard/protocol";
import { FolderStorage } from "./folderStorage.ts";
import { type Mirrors, placeOf } from "./mirrors.ts";
import type { RemoteFile } from "./storage.ts";
import { askWeb, bodyOf, shown } from "./web.ts";

/** Single files on the web, each by its address. */
export class WebFiles {
  readonly #mirrors: Mirrors;
  readonly #limitBytes: number;

  constructor(mirrors: Mirrors, limitBytes: number) {
    this.#mirrors = mirrors;
    this.#limitBytes = limitBytes;
  }

  async stat(address: string): Promise<RemoteFile> {
    const place = placeOf(address, this.#mirrors);
    const file = inFolder(place.address);
    if (file !== null) {
      const seen = await file.storage.stat(file.path);
      return { ...noFacts, ...seen, path: nameOf(address) };
    }
    try {
      const answer = await askWeb(place.address, { method: "HEAD", trusted: place.trusted });
      answer.destroy();
      return factsOf(address, answer.headers);
    } catch (error) {
      // some servers do not answer HEAD: whether the file is there shows when it is read
      if (error instanceof SwitchyardError && error.code === "conflict") return { ...noFacts, path: nameOf(address) };
      throw error;
    }
  }

  async *read(address: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const place = placeOf(address, this.#mirrors);
    const file = inFolder(place.address);
    if (file !== null) return yield* file.storage.read(file.path, range);
    const end = range?.end === undefined ? "" : String(range.end - 1);
    const headers: Record<string, string> = range === undefined ? {} : { range: `bytes=${range.start}-${end}` };
    const answer = await askWeb(place.address, { method: "GET", trusted: place.trusted, headers });
    yield* bodyOf(answer, shown(address), this.#limitBytes);
  }
}

const noFacts = { size: null, modified: null, sha256: null, validator: null };

/** The last part of an address's path, as a file is called. */
export function nameOf(address: string): string {
  const parts = new URL(address).pathname.split("/").filter((part) => part !== "");
  return cleanName(parts.at(-1) ?? "index");
}

function cleanName(part: string): string {
  try {
    return decodeURIComponent(part).replace(/[/\0\\]/g, "_").replace(/^\.\.?$/, "_"); // biome-ignore format: one name
  } catch {
    return part;
  }
}

/** The facts that a web server tells of a file. */
export function factsOf(address: string, headers: { readonly [name: string]: string | string[] | undefined }): RemoteFile {
  const text = (name: string) => (typeof headers[name] === "string" ? headers[name] : undefined);
  const size = text("content-length");
  const modified = text("last-modified");
  const validator = text("etag") ?? (modified === undefined ? null : `${modified} ${size ?? ""}`);
  return {
    path: nameOf(address),
    size: size === undefined ? null : Number(size),
    modified: modified === undefined || Number.isNaN(Date.parse(modified)) ? null : new Date(modified),
    sha256: null,
    validator,
  };
}

/** A place that is a folder of this machine, by the operator's word. */
export function inFolder(address: string): { readonly storage: FolderStorage; readonly path: string } | null {
  if (!address.startsWith("folder:")) return null;
  const path = decodePath(address.slice("folder:".length).replace(/\?.*$/, ""));
  return { storage: new FolderStorage("/", "the operator's folder"), path: path.replace(/^\/+/, "") };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
