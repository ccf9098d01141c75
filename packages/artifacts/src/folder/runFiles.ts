import { randomUUID } from "node:crypto";
import { type BigIntStats, constants } from "node:fs";
import { link, open, rename, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Conflict, failPoint, NotFound } from "@switchyard/protocol";
import type { ByteRange, Content, RunFileStat, RunFileStorage, WholeFile } from "../contract.ts";
import { checkRunPath, runFolderName } from "../runPath.ts";
import { giveToBlobs, linkAsBlob, partFromBlob } from "./blobLinks.ts";
import type { FolderBlobs } from "./blobs.ts";
import { explain, isCode } from "./diskErrors.ts";
import { checkFolderOf } from "./insideFolder.ts";
import { listFiles, statOrNull } from "./listFiles.ts";
import { Pieces } from "./pieces.ts";
import { readRange } from "./readRange.ts";
import { Sums } from "./sums.ts";
import { syncFolder, writeFully, writeTemporary } from "./temporaryFile.ts";

/** Files of a run below `runs/<runId>/`: `files/` can be read, `partial/` is still arriving, `sums.jsonl` knows whole files. */
export class FolderRunFiles implements RunFileStorage {
  readonly #root: string;
  readonly #runs: string;
  readonly #temp: string;
  readonly #pieces = new Pieces();
  readonly #blobs: FolderBlobs;

  constructor(places: { root: string; runs: string; temp: string }, blobs: FolderBlobs) {
    this.#blobs = blobs;
    this.#root = places.root;
    this.#runs = places.runs;
    this.#temp = places.temp;
  }

  async writeAt(runId: string, path: string, offset: number, bytes: Uint8Array): Promise<void> {
    const { file } = this.#places(runId, path);
    await this.#explained(runId, path, async () => {
      const handle = await openGrowing(file, this.#temp);
      try {
        const { size } = await handle.stat();
        if (offset > size)
          throw new Conflict(`A write at byte ${offset} of ${path} of run ${runId} leaves a gap: only ${size} bytes are there.`, {
            details: { size },
          });
        await writeFully(handle, bytes, offset);
      } finally {
        await handle.close();
      }
    });
  }

  async partialSize(runId: string, path: string): Promise<number> {
    return this.#pieces.size(this.#places(runId, path).partial);
  }

  async writePart(runId: string, path: string, offset: number, content: Content): Promise<number> {
    const { partial } = this.#places(runId, path);
    return this.#explained(runId, path, async () => {
      await checkFolderOf(partial, { make: true });
      return this.#pieces.write(partial, offset, content);
    });
  }

  async finish(runId: string, path: string, size: number): Promise<WholeFile> {
    const { partial } = this.#places(runId, path);
    return this.#explained(runId, path, async () => {
      const finished = await this.#finishedBefore(runId, path, size, partial);
      if (finished !== null) return finished;
      await checkFolderOf(partial, { make: true });
      const sha256 = await this.#pieces.finish(partial, size);
      await this.#give(runId, path, partial, sha256, true);
      return { size, sha256 };
    });
  }

  async put(runId: string, path: string, content: Content, options: { readonly replace?: boolean } = {}): Promise<WholeFile> {
    this.#places(runId, path);
    return this.#explained(runId, path, async () => {
      const written = await writeTemporary(this.#temp, content);
      try {
        await this.#give(runId, path, written.path, written.sha256, options.replace ?? true);
      } catch (error) {
        await unlink(written.path).catch(() => {});
        throw error;
      }
      return { size: written.size, sha256: written.sha256 };
    });
  }

  async stat(runId: string, path: string): Promise<RunFileStat | null> {
    const { file, sums } = this.#places(runId, path);
    const seen = await statOrNull(file);
    if (seen === null || !seen.isFile()) return null;
    await checkFolderOf(file, { make: false });
    return toStat(path, seen, await sums.load());
  }

  async list(runId: string, prefix = ""): Promise<RunFileStat[]> {
    if (prefix !== "") checkRunPath(prefix.endsWith("/") ? prefix.slice(0, -1) : prefix);
    const { files, sums } = this.#ofRun(runId);
    const found = await listFiles(files, prefix);
    const sumOf = found.length === 0 ? () => null : await sums.load();
    return found.map(({ path, seen }) => toStat(path, seen, sumOf));
  }

  async *read(runId: string, path: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const { file } = this.#places(runId, path);
    try {
      await checkFolderOf(file, { make: false });
      if (!(await statOrNull(file))?.isFile()) throw noSuchFile(runId, path);
      yield* readRange(file, range, `${path} of run ${runId}`);
    } catch (error) {
      throw isCode(error, "ENOENT", "ENOTDIR") ? noSuchFile(runId, path) : explain(error, this.#root, `reading ${path} of run ${runId}`);
    }
  }

  async keepAsBlob(runId: string, path: string): Promise<WholeFile> {
    const { file, sums } = this.#places(runId, path);
    const stat = await this.stat(runId, path);
    if (stat === null) throw noSuchFile(runId, path);
    const { sha256, size } = stat;
    return this.#explained(runId, path, async () => {
      if (sha256 === null) return await this.#copyAsBlob(runId, path);
      const sumOf = await sums.load();
      const linked = await linkAsBlob(file, this.#blobs.placeOf(sha256), this.#temp, (seen) => sumOf(path, seen) === sha256);
      return linked ? { size, sha256 } : await this.#copyAsBlob(runId, path);
    });
  }

  async #copyAsBlob(runId: string, path: string): Promise<WholeFile> {
    const { path: copy, ...whole } = await writeTemporary(this.#temp, this.read(runId, path));
    await giveToBlobs(copy, this.#blobs.placeOf(whole.sha256));
    return whole;
  }

  async remove(runId: string, path: string): Promise<void> {
    const { file } = this.#places(runId, path);
    const gone = join(this.#temp, `removed-${randomUUID()}`);
    await this.#explained(runId, path, async () => {
      try {
        await checkFolderOf(file, { make: false });
        await rename(file, gone); // a folder goes at once
      } catch (error) {
        if (isCode(error, "ENOENT", "ENOTDIR")) return;
        throw error;
      }
      await syncFolder(dirname(file));
      await rm(gone, { recursive: true, force: true });
    });
  }

  async removeRun(runId: string): Promise<void> {
    const { folder } = this.#ofRun(runId);
    const gone = join(this.#temp, `removed-${randomUUID()}`);
    this.#pieces.forget(folder);
    try {
      // renamed first: a process killed half-way leaves all of the run or, in temp, nothing that anybody sees
      await rename(folder, gone);
    } catch (error) {
      if (isCode(error, "ENOENT")) return;
      throw explain(error, this.#root, `removing the files of run ${runId}`);
    }
    await rm(gone, { recursive: true, force: true });
  }

  /** Gives a flushed file its name, noting its sum first. */
  async #give(runId: string, path: string, from: string, sha256: string, replace: boolean): Promise<void> {
    const { file, sums } = this.#places(runId, path);
    await checkFolderOf(file, { make: true });
    await sums.add(path, sha256, (await statOrNull(from)) as BigIntStats);
    failPoint("blob.before-rename");
    if (replace) await rename(from, file);
    else await this.#giveOnce(runId, path, from, file, sha256);
    failPoint("blob.after-rename");
    await syncFolder(dirname(file));
  }

  async #giveOnce(runId: string, path: string, from: string, file: string, sha256: string): Promise<void> {
    try {
      await link(from, file);
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
      const there = await this.#sha256(runId, path);
      if (there !== sha256)
        throw new Conflict(`File ${path} of run ${runId} is there already with other bytes; use another name.`, { cause: error });
    }
    await unlink(from);
  }

  async #sha256(runId: string, path: string): Promise<string | null> {
    return (await this.stat(runId, path))?.sha256 ?? null;
  }

  /** A process killed after the rename is asked again to finish what has its name already. */
  async #finishedBefore(runId: string, path: string, size: number, partial: string): Promise<WholeFile | null> {
    if ((await statOrNull(partial)) !== null) return null;
    const there = await this.stat(runId, path);
    return there !== null && there.sha256 !== null && there.size === size ? { size, sha256: there.sha256 } : null;
  }

  #ofRun(runId: string) {
    const folder = join(this.#runs, runFolderName(runId));
    return { folder, files: join(folder, "files"), partial: join(folder, "partial"), sums: new Sums(join(folder, "sums.jsonl")) };
  }

  #places(runId: string, path: string) {
    const { files, partial, sums } = this.#ofRun(runId);
    checkRunPath(path);
    return { file: join(files, path), partial: join(partial, path), sums };
  }

  async #explained<T>(runId: string, path: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw explain(error, this.#root, `storing ${path} of run ${runId}`);
    }
  }
}

async function openGrowing(file: string, temp: string) {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;
  await partFromBlob(file, temp);
  try {
    await checkFolderOf(file, { make: false });
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
    await checkFolderOf(file, { make: true });
  }
  return open(file, flags, 0o644);
}

function toStat(path: string, seen: BigIntStats, sumOf: (path: string, seen: BigIntStats) => string | null): RunFileStat {
  return { path, size: Number(seen.size), modified: seen.mtime, sha256: sumOf(path, seen) };
}

const noSuchFile = (runId: string, path: string) => new NotFound(`Run ${runId} has no file ${JSON.stringify(path)}.`);
