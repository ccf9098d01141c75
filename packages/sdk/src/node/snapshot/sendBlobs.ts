import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { SwitchyardClient } from "../../client.ts";
import { sendOverHttp } from "../sendOverHttp.ts";
import { type Batch, batchesOf } from "./batches.ts";
import { FileChanged, firstChanged } from "./fileChanged.ts";
import type { Missing } from "./findMissing.ts";
import { Progress } from "./progress.ts";
import { readBatch, readBig, wholeBatch } from "./readBlobs.ts";
import type { ScannedFile, SnapshotScan } from "./scanFolder.ts";
import type { UploadOptions } from "./uploadSnapshot.ts";

/** From here on a file travels alone. */
const BIG_BYTES = 1024 * 1024;
/** One request is stored while the next one is read; more would only fill the server's memory. */
const REQUESTS_AT_ONCE = 3;

const pack = promisify(gzip);

/** Sends files, then the folders that name them. Throws FileChanged when a file is no longer what was hashed. */
export async function sendBlobs(client: SwitchyardClient, scan: SnapshotScan, missing: Missing, options: UploadOptions): Promise<void> {
  const sender = new Sender(client, scan.folder, new Progress(missing, options.onProgress), options.signal);
  const small = missing.files
    .filter((file) => file.size <= BIG_BYTES)
    .map((file) => ({ sha256: file.sha256, size: file.size, source: file }));
  const big = missing.files.filter((file) => file.size > BIG_BYTES);
  await inTurns([...batchesOf(small).map((batch) => () => sender.sendBatch(batch)), ...big.map((file) => () => sender.sendBig(file))]);
  // an edit of a file that had travelled already would be in the snapshot half: with others of the same edit, without this one
  const changed = firstChanged(scan);
  if (changed !== null) throw new FileChanged(changed);
  const trees = missing.trees.map(({ sha256, text }) => ({ sha256, size: Buffer.byteLength(text), source: text }));
  for (const batch of batchesOf(trees)) await sender.sendFolders(batch);
}

class Sender {
  readonly #client: SwitchyardClient;
  readonly #folder: string;
  readonly #progress: Progress;
  readonly #signal: AbortSignal | undefined;

  constructor(client: SwitchyardClient, folder: string, progress: Progress, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#folder = folder;
    this.#progress = progress;
    this.#signal = signal;
  }

  async sendBatch(batch: Batch): Promise<void> {
    await this.#sending(
      () => readBatch(this.#folder, batch),
      (body, signal) => this.#client.putBlobs({ body, signal, sendStream: sendOverHttp }),
    );
    this.#progress.taken(batch.length);
  }

  /** Folders are mostly words and digits: packed they take a third, and they are most of what an edit sends. */
  async sendFolders(batch: Batch): Promise<void> {
    const body = new Uint8Array(await pack(wholeBatch(this.#folder, batch)));
    await this.#client.putBlobs({ body, headers: { "content-encoding": "gzip" }, signal: this.#signal });
    this.#progress.shrunk(batch.reduce((sum, blob) => sum + blob.size, 0) - body.byteLength);
    this.#progress.sent(body.byteLength);
    this.#progress.taken(batch.length);
  }

  async sendBig(file: ScannedFile): Promise<void> {
    await this.#sending(
      () => readBig(this.#folder, file),
      (body, signal) => this.#client.putBlob({ params: { sha256: file.sha256 }, body, signal, sendStream: sendOverHttp }),
    );
    this.#progress.taken(1);
  }

  /** Sends one body. An error while it is read comes out as itself, not as the failed request that it causes. */
  async #sending(
    read: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    send: (body: () => AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<unknown>,
  ): Promise<void> {
    const stop = new AbortController();
    const counted = this.#progress.counting();
    async function* watched(): AsyncGenerator<Uint8Array> {
      try {
        yield* counted(read());
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }
    await send(watched, this.#signal ? AbortSignal.any([this.#signal, stop.signal]) : stop.signal);
  }
}

/** Runs jobs, a few at a time; after a failure no further one begins, and those under way are waited for. */
async function inTurns(jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (failures.length === 0 && next < jobs.length) {
      await (jobs[next++] as () => Promise<void>)().catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, work));
  if (failures.length > 0) throw failures.find((failure) => failure instanceof FileChanged) ?? failures[0];
}
