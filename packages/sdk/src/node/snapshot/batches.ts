import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { FileChanged } from "./fileChanged.ts";
import type { ScannedFile } from "./scanFolder.ts";
import { signatureOf } from "./signature.ts";

/** A small blob on its way: a file to be read, or the text of a folder. */
export interface Small {
  readonly sha256: string;
  readonly size: number;
  readonly source: ScannedFile | string;
}
export type Batch = readonly Small[];

const BATCH_BYTES = 8 * 1024 * 1024;
const BATCH_BLOBS = 1000;
/** Of one blob in a batch: 32 bytes of SHA-256, 8 of length (`putBlobs`). */
const HEADER_BYTES = 40;

/** Divides blobs into requests of some megabytes each. */
export function batchesOf(blobs: readonly Small[]): Batch[] {
  const batches: Small[][] = [];
  let room = 0;
  for (const blob of blobs) {
    const last = batches.at(-1);
    if (last === undefined || room < blob.size || last.length === BATCH_BLOBS) {
      batches.push([blob]);
      room = BATCH_BYTES - blob.size;
    } else {
      last.push(blob);
      room -= blob.size;
    }
  }
  return batches;
}

/** The body of one request, read straight into its place. Throws FileChanged for a file that is not what was hashed. */
export function readBatch(folder: string, batch: Batch): Uint8Array<ArrayBuffer> {
  const body = Buffer.from(new ArrayBuffer(batch.reduce((sum, blob) => sum + HEADER_BYTES + blob.size, 0)));
  let at = 0;
  for (const { sha256, size, source } of batch) {
    body.write(sha256, at, "hex");
    body.writeBigUInt64BE(BigInt(size), at + 32);
    const content = body.subarray(at + HEADER_BYTES, at + HEADER_BYTES + size);
    if (typeof source === "string") content.write(source);
    else readFileInto(content, folder, source);
    at += HEADER_BYTES + size;
  }
  return body;
}

function readFileInto(content: Buffer, folder: string, { path, signature }: ScannedFile): void {
  let file: number;
  try {
    file = openSync(join(folder, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    throw new FileChanged(path);
  }
  try {
    for (let done = 0; done < content.length; ) {
      const count = readSync(file, content, done, content.length - done, done);
      if (count === 0) throw new FileChanged(path);
      done += count;
    }
    if (signatureOf(fstatSync(file, { bigint: true })) !== signature) throw new FileChanged(path);
  } finally {
    closeSync(file);
  }
}
