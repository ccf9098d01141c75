import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { framedBlobs } from "../src/http/framedBlobs.ts";
import { passingChunks } from "../src/http/passingChunks.ts";

async function* copies(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield new Uint8Array(bytes.subarray(at, at + size));
}

describe("passingChunks", () => {
  it("gives the memory of a chunk back when the next one is asked for", async () => {
    const seen: Uint8Array[] = [];
    for await (const chunk of passingChunks(copies(Buffer.alloc(100_000, 1), 40_000))) {
      expect(chunk.every((byte) => byte === 1)).toBe(true);
      seen.push(chunk);
    }
    expect(seen.map((chunk) => chunk.length)).toEqual([0, 0, 0]);
  });

  it("leaves memory alone that a chunk may share with others", async () => {
    const shared = Buffer.alloc(100_000, 1);
    async function* parts() {
      yield shared.subarray(0, 50_000);
      yield new Uint8Array(10);
    }
    const seen: Uint8Array[] = [];
    for await (const chunk of passingChunks(parts())) seen.push(chunk);
    expect(seen.map((chunk) => chunk.length)).toEqual([50_000, 10]);
  });

  it("keeps framed blobs whole wherever chunks end, in the middle of a header too", async () => {
    const blobs = Array.from({ length: 3 }, () => randomBytes(20_000));
    const body = Buffer.concat(blobs.flatMap((bytes) => [createHash("sha256").update(bytes).digest(), lengthOf(bytes), bytes]));
    for (let size = 20_000; size <= 20_080; size++) {
      for await (const { sha256, content } of framedBlobs(passingChunks(copies(body, size)))) {
        const sum = createHash("sha256");
        for await (const piece of content) sum.update(piece);
        expect(sum.digest("hex")).toBe(sha256);
      }
    }
  });
});

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(bytes.length));
  return length;
}
