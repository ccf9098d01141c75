import { createHash, hash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { inWords, systemCode } from "../systemErrors.ts";
import { signatureOf } from "./signature.ts";
import type { Turns } from "./turns.ts";
import type { FoundFile } from "./walkFolder.ts";

const BUFFER_BYTES = 1024 * 1024;

/** `changed`: the file is not what the walk saw, or went away, so that the folder has to be looked at again. */
export type Hashed = { readonly sha256: string } | { readonly changed: true } | { readonly unreadable: string };

/** Hashes files one after the other into one buffer; synchronous reads, because small files are most of what there is. */
export class FileHasher {
  readonly #folder: string;
  readonly #turns: Turns;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);

  constructor(folder: string, turns: Turns) {
    this.#folder = folder;
    this.#turns = turns;
  }

  async hash(file: FoundFile): Promise<Hashed> {
    let descriptor: number;
    try {
      descriptor = openSync(join(this.#folder, file.path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      const code = systemCode(error);
      return code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR" ? { changed: true } : { unreadable: inWords(error) };
    }
    try {
      const { sha256, size } = await this.#read(descriptor);
      const same = size === file.size && signatureOf(fstatSync(descriptor, { bigint: true })) === file.signature;
      return same ? { sha256 } : { changed: true };
    } catch (error) {
      return systemCode(error) === "EISDIR" ? { changed: true } : { unreadable: inWords(error) };
    } finally {
      closeSync(descriptor);
    }
  }

  async #read(descriptor: number): Promise<{ sha256: string; size: number }> {
    const first = readSync(descriptor, this.#buffer, 0, BUFFER_BYTES, null);
    if (first < BUFFER_BYTES && readSync(descriptor, this.#buffer, first, 1, null) === 0) {
      return { sha256: hash("sha256", this.#buffer.subarray(0, first), "hex"), size: first };
    }
    return this.#readBig(descriptor);
  }

  async #readBig(descriptor: number): Promise<{ sha256: string; size: number }> {
    const sum = createHash("sha256");
    let size = 0;
    for (;;) {
      const count = readSync(descriptor, this.#buffer, 0, BUFFER_BYTES, size);
      if (count === 0) return { sha256: sum.digest("hex"), size };
      sum.update(this.#buffer.subarray(0, count));
      size += count;
      await this.#turns.giveWay();
    }
  }
}
