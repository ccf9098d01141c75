import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Batch, Small } from "./batches.ts";
import { FileChanged } from "./fileChanged.ts";
import type { ScannedFile } from "./scanFolder.ts";
import { signatureOf } from "./signature.ts";

/** Of one blob in a body of many: 32 bytes of SHA-256, 8 of length (`putBlobs`). */
const HEADER_BYTES = 40;
/** What is handed to the socket at once: big enough that handing over costs little, small enough to be many in memory. */
const PIECE_BYTES = 512 * 1024;
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The body of `putBlobs`, read file by file straight into its place; a piece is good until the next one is asked for, as all
 * share one buffer. Throws FileChanged for a file that is not what was hashed.
 */
export function* readBatch(folder: string, batch: Batch): Generator<Uint8Array> {
  let buffer = Buffer.allocUnsafeSlow(0);
  for (let from = 0; from < batch.length; ) {
    let to = from;
    let size = 0;
    while (to < batch.length && (to === from || size + HEADER_BYTES + (batch[to] as Small).size <= PIECE_BYTES)) {
      size += HEADER_BYTES + (batch[to++] as Small).size;
    }
    if (buffer.length < size) buffer = Buffer.allocUnsafeSlow(Math.max(size, PIECE_BYTES));
    yield readPiece(folder, batch.slice(from, to), buffer.subarray(0, size));
    from = to;
  }
}

/** The same in one piece. */
export function wholeBatch(folder: string, batch: Batch): Uint8Array {
  return readPiece(folder, batch, Buffer.allocUnsafeSlow(batch.reduce((sum, { size }) => sum + HEADER_BYTES + size, 0)));
}

function readPiece(folder: string, blobs: Batch, piece: Buffer): Uint8Array {
  let at = 0;
  for (const { sha256, size, source } of blobs) {
    piece.write(sha256, at, "hex");
    piece.writeBigUInt64BE(BigInt(size), at + 32);
    const content = piece.subarray(at + HEADER_BYTES, at + HEADER_BYTES + size);
    if (typeof source === "string") content.write(source);
    else readFileInto(content, folder, source);
    at += HEADER_BYTES + size;
  }
  return piece;
}

function readFileInto(content: Buffer, folder: string, { path, signature }: ScannedFile): void {
  let file: number;
  try {
    file = openSync(join(folder, path), READ_ONLY);
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

/** A big file in pieces, each good until the next one is asked for. Throws FileChanged when it is not what was hashed. */
export async function* readBig(folder: string, { path, size, signature }: ScannedFile): AsyncGenerator<Uint8Array> {
  const handle = await open(join(folder, path), READ_ONLY).catch(() => {
    throw new FileChanged(path);
  });
  try {
    if (signatureOf(await handle.stat({ bigint: true })) !== signature) throw new FileChanged(path);
    const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
    for (let at = 0; at < size; ) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(PIECE_BYTES, size - at), at);
      if (bytesRead === 0) throw new FileChanged(path);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
