import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { Conflict } from "@switchyard/protocol";
import type { Content } from "../contract.ts";
import { isCode } from "./diskErrors.ts";
import { readRange } from "./readRange.ts";
import { writeFully } from "./temporaryFile.ts";

/** How many unfinished files keep a running hash; others are read once more at the end. */
const MAX_RUNNING_HASHES = 64;

/** Files that arrive in pieces. Their hash runs along while one process receives all pieces in order. */
export class Pieces {
  readonly #running = new Map<string, { hash: Hash; size: number }>();

  async size(file: string): Promise<number> {
    try {
      return (await lstat(file)).size;
    } catch (error) {
      if (isCode(error, "ENOENT", "ENOTDIR")) return 0;
      throw error;
    }
  }

  /** Writes from `offset` on, dropping what was there beyond it. */
  async write(file: string, offset: number, content: Content): Promise<number> {
    const handle = await open(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
    try {
      const { size } = await handle.stat();
      if (offset > size)
        throw new Conflict(`The piece begins at byte ${offset}, but only ${size} bytes are there; go on at ${size}.`, {
          details: { size },
        });
      if (offset < size) await handle.truncate(offset);
      const hash = this.#take(file, offset);
      let at = offset;
      for await (const bytes of content) {
        await writeFully(handle, bytes, at);
        hash?.update(bytes);
        at += bytes.byteLength;
      }
      if (hash !== null) this.#keep(file, hash, at);
      return at;
    } finally {
      await handle.close();
    }
  }

  /** The SHA-256 of all pieces, which must be `size` bytes; flushed to the disk. */
  async finish(file: string, size: number): Promise<string> {
    const handle = await open(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
    try {
      const there = (await handle.stat()).size;
      if (there !== size)
        throw new Conflict(`The file should have ${size} bytes, but ${there} have arrived; go on at ${there}.`, {
          details: { size: there },
        });
      await handle.sync();
    } finally {
      await handle.close();
    }
    const hash = this.#take(file, size) ?? (await hashOf(file));
    return hash.digest("hex");
  }

  forget(below: string): void {
    for (const file of this.#running.keys()) if (file.startsWith(below)) this.#running.delete(file);
  }

  /** The running hash if it stands at `offset`. It is taken out: a piece that fails half-way must not leave it behind. */
  #take(file: string, offset: number): Hash | null {
    const running = this.#running.get(file);
    this.#running.delete(file);
    if (running?.size === offset) return running.hash;
    return offset === 0 ? createHash("sha256") : null;
  }

  #keep(file: string, hash: Hash, size: number): void {
    this.#running.set(file, { hash, size });
    const [oldest] = this.#running.keys();
    if (this.#running.size > MAX_RUNNING_HASHES && oldest !== undefined) this.#running.delete(oldest);
  }
}

async function hashOf(file: string): Promise<Hash> {
  const hash = createHash("sha256");
  for await (const bytes of readRange(file, undefined, file)) hash.update(bytes);
  return hash;
}
