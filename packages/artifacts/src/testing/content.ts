import { createHash } from "node:crypto";
import type { Content } from "../contract.ts";

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
export const text = async (content: Content): Promise<string> => (await collect(content)).toString();

export async function collect(content: Content): Promise<Buffer> {
  return Buffer.concat(await all(content));
}

export async function all<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}
