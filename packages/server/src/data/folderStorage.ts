import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ByteRange } from "@switchyard/artifacts";
import { Conflict, DiskFull, Forbidden, NotFound } from "@switchyard/protocol";
import type { DatastoreStorage, RemoteFile } from "./storage.ts";

/** A folder of this machine, or of a disk that it shares. Links are followed as long as they stay inside. */
export class FolderStorage implements DatastoreStorage {
  readonly #folder: string;
  readonly #name: string;

  /** `name` is how messages call it. */
  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  addressOf(path: string): string {
    return `folder:${join(this.#folder, path)}`;
  }

  async *list(prefix: string, after = ""): AsyncGenerator<RemoteFile> {
    const below = prefix.includes("/") ? prefix.slice(0, prefix.lastIndexOf("/")) : "";
    const found: RemoteFile[] = [];
    for await (const file of this.#walk(below)) if (file.path.startsWith(prefix) && file.path > after) found.push(file);
    yield* found.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async stat(path: string): Promise<RemoteFile | null> {
    try {
      const real = await this.#inside(path);
      const seen = await stat(real, { bigint: true });
      if (!seen.isFile()) return null;
      const modified = new Date(Number(seen.mtimeMs));
      return { path, size: Number(seen.size), modified, sha256: null, validator: `${seen.size} ${seen.mtimeNs} ${seen.ino}` };
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  async *read(path: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const before = await this.stat(path);
    if (before === null) throw new NotFound(`${this.#name} has no file "${path}".`);
    const bounds = range === undefined ? {} : { start: range.start, ...(range.end === undefined ? {} : { end: range.end - 1 }) };
    yield* createReadStream(await this.#inside(path), bounds) as AsyncIterable<Uint8Array>;
    if ((await this.stat(path))?.validator !== before.validator) {
      throw new Conflict(`"${path}" of ${this.#name} changed while it was read. Try again when nobody writes to it.`);
    }
  }

  async write(path: string, file: { readonly size: number; read(): AsyncIterable<Uint8Array> }): Promise<void> {
    const to = join(this.#folder, path);
    const partial = `${to}.${process.pid}.partial`;
    try {
      await mkdir(dirname(to), { recursive: true });
      await this.#inside(dirname(path));
      await pipeline(Readable.from(file.read()), createWriteStream(partial, { flags: "w" }));
      const handle = await open(partial, "r+");
      await handle.sync().finally(() => handle.close());
      await rename(partial, to);
    } catch (error) {
      await rm(partial, { force: true }).catch(() => {});
      if (["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "")) {
        throw new DiskFull(`No space is left on the disk of ${this.#name}. Free some there.`, { cause: error });
      }
      if (["EACCES", "EROFS", "EPERM", "ENOTDIR", "EISDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) {
        throw new Conflict(`"${path}" cannot be written to ${this.#name}: ${(error as Error).message}.`, { cause: error });
      }
      throw error;
    }
  }

  async *#walk(folder: string): AsyncGenerator<RemoteFile> {
    let entries: Awaited<ReturnType<typeof readNames>>;
    try {
      entries = await readNames(await this.#inside(folder));
    } catch (error) {
      if (isAbsent(error)) return;
      throw error;
    }
    for (const entry of entries) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.name.endsWith(".partial")) continue;
      // folders behind links could lead in a circle; files behind links are just files
      if (entry.isDirectory()) yield* this.#walk(path);
      else if (entry.isFile() || entry.isSymbolicLink()) {
        const file = await this.stat(path).catch((error: unknown) => {
          if (error instanceof Forbidden) return null; // a link that leads out is not part of the datastore
          throw error;
        });
        if (file !== null) yield file;
      }
    }
  }

  /** The real path, if it is inside the folder. */
  async #inside(path: string): Promise<string> {
    const root = await realpath(this.#folder);
    const real = await realpath(join(root, path));
    const way = relative(root, real);
    if (way === ".." || way.startsWith(`..${sep}`))
      throw new Forbidden(`"${path}" of ${this.#name} is a link that leads out of it, so it is not read.`);
    return real;
  }
}

const readNames = (folder: string) => readdir(folder, { withFileTypes: true });
const isAbsent = (error: unknown): boolean => ["ENOENT", "ENOTDIR", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "");
