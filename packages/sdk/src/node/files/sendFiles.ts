import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename, resolve } from "node:path";
import { BadRequest } from "@switchyard/protocol/errors";
import type { SwitchyardClient } from "../../client.ts";
import { sendOverHttp } from "../sendOverHttp.ts";
import { findFiles, type LocalFile } from "./findFiles.ts";

/** Files that the server has as blobs now. */
export interface SentFiles {
  /** name of the file or folder; all paths begin with it */
  readonly path: string;
  readonly content: readonly { readonly path: string; readonly sha256: string }[];
  /** the same, with sizes */
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly size: number }[];
  readonly bytes: number;
}

export interface SendOptions {
  readonly signal?: AbortSignal;
  /** told before each step, in words for a person */
  readonly say?: (what: string) => void;
}

/** Up to here files travel together. */
const SMALL_BYTES = 1024 * 1024;
const BATCH_BYTES = 32 * 1024 * 1024;

type HashedFile = LocalFile & { readonly sha256: string };

/** Sends the file or all files of the folder at `path`, those that the server lacks. What broke off goes on when it is called again. */
export async function sendFiles(client: SwitchyardClient, path: string, { signal, say = () => {} }: SendOptions = {}): Promise<SentFiles> {
  const files: HashedFile[] = [];
  for (const file of findFiles(path)) {
    say(`Reading ${file.path}`);
    files.push({ ...file, sha256: await hashOf(file, signal) });
  }
  const { missing } = await client.missingBlobs({ body: { sha256: [...new Set(files.map(({ sha256 }) => sha256))] }, signal });
  const wanted = missing.map((sha256) => files.find((file) => file.sha256 === sha256) as HashedFile);
  for (const batch of batchesOf(wanted.filter(({ size }) => size <= SMALL_BYTES))) {
    say(`Sending ${batch[0]?.path} and ${batch.length - 1} more`);
    await client.putBlobs({ body: () => framed(batch), signal, sendStream: sendOverHttp });
  }
  for (const file of wanted.filter(({ size }) => size > SMALL_BYTES)) {
    say(`Sending ${file.path}`);
    await client.putBlob({ params: { sha256: file.sha256 }, body: () => bytesOf(file), signal, sendStream: sendOverHttp });
  }
  const content = files.map(({ path, sha256 }) => ({ path, sha256 }));
  const sized = files.map(({ path, sha256, size }) => ({ path, sha256, size }));
  return { path: basename(resolve(path)), content, files: sized, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

async function hashOf(file: LocalFile, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of bytesOf(file)) {
    signal?.throwIfAborted();
    hash.update(bytes);
  }
  return hash.digest("hex");
}

/** The bytes of a file, exactly as many as it had when it was found. */
async function* bytesOf({ file, size }: LocalFile): AsyncGenerator<Uint8Array> {
  let left = size;
  if (left === 0) return;
  for await (const bytes of createReadStream(file, { end: size - 1 })) {
    left -= bytes.length;
    yield bytes;
  }
  if (left > 0) throw new BadRequest(`${file} became shorter while it was read. Try again when nothing writes to it.`);
}

function* batchesOf(files: readonly HashedFile[]): Generator<HashedFile[]> {
  let batch: HashedFile[] = [];
  let bytes = 0;
  for (const file of files) {
    if (batch.length > 0 && bytes + file.size > BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(file);
    bytes += file.size;
  }
  if (batch.length > 0) yield batch;
}

async function* framed(files: readonly HashedFile[]): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    const header = Buffer.alloc(40);
    header.write(file.sha256, "hex");
    header.writeBigUInt64BE(BigInt(file.size), 32);
    yield header;
    yield* bytesOf(file);
  }
}
