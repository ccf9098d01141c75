import { open } from "node:fs/promises";
import { join } from "node:path";
import type { SwitchyardClient } from "../../client.ts";
import { type Batch, batchesOf, readBatch } from "./batches.ts";
import { FileChanged, firstChanged } from "./fileChanged.ts";
import type { Missing } from "./findMissing.ts";
import type { ScannedFile, SnapshotScan } from "./scanFolder.ts";
import { signatureOf } from "./signature.ts";
import type { UploadOptions, UploadProgress } from "./uploadSnapshot.ts";

/** From here on a file travels alone, as a stream: it is never held in memory. */
const BIG_BYTES = 1024 * 1024;
const CHUNK_BYTES = 512 * 1024;
/** One request is stored while the next one is read; more would only fill the server's memory. */
const REQUESTS_AT_ONCE = 3;

/** Sends files, then the folders that name them. Throws FileChanged when a file is no longer what was hashed. */
export async function sendBlobs(client: SwitchyardClient, scan: SnapshotScan, missing: Missing, options: UploadOptions): Promise<void> {
  const progress = new Progress(missing, options.onProgress);
  const small = missing.files.filter((file) => file.size <= BIG_BYTES);
  const big = missing.files.filter((file) => file.size > BIG_BYTES);
  const jobs = [
    ...batchesOf(small.map((file) => ({ sha256: file.sha256, size: file.size, source: file }))).map(
      (batch) => () => sendBatch(client, scan, batch, progress, options.signal),
    ),
    ...big.map((file) => () => sendBig(client, scan, file, progress, options.signal)),
  ];
  await inTurns(jobs);
  // an edit of a file that had travelled already would be in the snapshot half: with others of the same edit, without this one
  const changed = firstChanged(scan);
  if (changed !== null) throw new FileChanged(changed);
  for (const batch of batchesOf(missing.trees.map(({ sha256, text }) => ({ sha256, size: Buffer.byteLength(text), source: text })))) {
    await sendBatch(client, scan, batch, progress, options.signal);
  }
}

async function sendBatch(
  client: SwitchyardClient,
  scan: SnapshotScan,
  batch: Batch,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  await client.putBlobs({ body: readBatch(scan.folder, batch), signal });
  progress.add(
    batch.reduce((sum, blob) => sum + blob.size, 0),
    batch.length,
  );
}

async function sendBig(
  client: SwitchyardClient,
  scan: SnapshotScan,
  file: ScannedFile,
  progress: Progress,
  outer: AbortSignal | undefined,
): Promise<void> {
  // an error while reading has to come out as itself, not as the failed request that it causes
  const stop = new AbortController();
  const signal = outer ? AbortSignal.any([outer, stop.signal]) : stop.signal;
  const body = () => readWatched(scan.folder, file, stop);
  await client.putBlob({ params: { sha256: file.sha256 }, body, signal });
  progress.add(file.size, 1);
}

async function* readWatched(folder: string, file: ScannedFile, stop: AbortController): AsyncGenerator<Uint8Array> {
  try {
    yield* readUnchanged(folder, file);
  } catch (error) {
    stop.abort(error);
    throw error;
  }
}

async function* readUnchanged(folder: string, { path, size, signature }: ScannedFile): AsyncGenerator<Uint8Array> {
  const handle = await open(join(folder, path)).catch(() => {
    throw new FileChanged(path);
  });
  try {
    if (signatureOf(await handle.stat({ bigint: true })) !== signature) throw new FileChanged(path);
    for (let at = 0; at < size; ) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, size - at)), 0, undefined, at);
      if (bytesRead === 0) throw new FileChanged(path);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
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

class Progress {
  readonly #onProgress: UploadOptions["onProgress"];
  #now: UploadProgress;

  constructor({ files, trees }: Missing, onProgress: UploadOptions["onProgress"]) {
    const totalBytes = files.reduce((sum, file) => sum + file.size, 0) + trees.reduce((sum, tree) => sum + Buffer.byteLength(tree.text), 0);
    this.#onProgress = onProgress;
    this.#now = { sentBytes: 0, totalBytes, sentBlobs: 0, totalBlobs: files.length + trees.length };
    this.#onProgress?.(this.#now);
  }

  add(bytes: number, blobs: number): void {
    this.#now = { ...this.#now, sentBytes: this.#now.sentBytes + bytes, sentBlobs: this.#now.sentBlobs + blobs };
    this.#onProgress?.(this.#now);
  }
}
