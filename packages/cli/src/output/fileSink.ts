import { fstatSync, writeSync } from "node:fs";
import type { Sink } from "../world.ts";

/**
 * Where the program's output goes. Node writes what is redirected into a file once and forgets what did not fit on the disk: that would be
 * half a list and an exit code of 0. Here everything is written, or the error is thrown.
 */
export function sinkOf(stream: NodeJS.WriteStream & { readonly fd: number }): Sink {
  const place = fstatSync(stream.fd);
  const isFile = place.isFile() || (place.isCharacterDevice() && !stream.isTTY);
  return isFile ? { write: (chunk) => writeAll(stream.fd, chunk) } : stream;
}

function writeAll(fd: number, chunk: string | Uint8Array): true {
  const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
  } catch (error) {
    throw Object.assign(error as Error, { path: "standard output" }); // errors name the file that they are about
  }
  return true;
}
