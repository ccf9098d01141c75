import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { RangeNotSatisfiable } from "@switchyard/protocol";
import type { ByteRange } from "../contract.ts";

const CHUNK_BYTES = 256 * 1024;

/** Streams a range of a file as long as it is when the reading begins. Never follows a link in place of the file. */
export async function* readRange(path: string, range: ByteRange | undefined, name: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { size } = await file.stat();
    const { start, end } = within(range, size, name);
    for (let at = start; at < end; ) {
      const bytes = await readChunk(file, at, end);
      if (bytes.byteLength === 0) throw new Error(`${name} ended at byte ${at}; ${end} were there when the reading began.`);
      at += bytes.byteLength;
      yield bytes;
    }
  } finally {
    await file.close();
  }
}

async function readChunk(file: FileHandle, at: number, end: number): Promise<Uint8Array> {
  // a fresh buffer each time: who takes the chunk may keep it
  const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, end - at));
  const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, at);
  return buffer.subarray(0, bytesRead);
}

function within(range: ByteRange | undefined, size: number, name: string): { start: number; end: number } {
  const start = range?.start ?? 0;
  const end = Math.min(range?.end ?? size, size);
  if (!Number.isSafeInteger(start) || start < 0 || start > size || end < start) {
    throw new RangeNotSatisfiable(`${name} has ${size} bytes; bytes ${start} to ${range?.end ?? "the end"} are not all in it.`, {
      details: { size },
    });
  }
  return { start, end };
}
