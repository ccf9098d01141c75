import { randomBytes } from "node:crypto";
import { ChecksumMismatch, NotFound, RangeNotSatisfiable } from "@switchyard/protocol";
import { expect, it } from "vitest";
import type { ArrivingBlob, BlobStorage } from "../contract.ts";
import { all, collect, inPieces, sha256 } from "./content.ts";

const blob = (bytes: Buffer, announced = sha256(bytes)): ArrivingBlob => ({ sha256: announced, size: bytes.length, content: [bytes] });

/** What every backend promises of blobs. */
export function describeBlobs(blobs: () => BlobStorage): void {
  it("gives back what was put, whole and in ranges", async () => {
    const bytes = randomBytes(700_000);
    await blobs().put(sha256(bytes), inPieces(bytes, 100_000));
    expect(Buffer.from(await blobs().readAll(sha256(bytes)))).toEqual(bytes);
    expect(await collect(blobs().read(sha256(bytes)))).toEqual(bytes);
    expect(await collect(blobs().read(sha256(bytes), { start: 10, end: 300_000 }))).toEqual(bytes.subarray(10, 300_000));
    expect(await collect(blobs().read(sha256(bytes), { start: 699_999, end: 9_000_000 }))).toEqual(bytes.subarray(699_999));
    expect(await blobs().size(sha256(bytes))).toBe(700_000);
  });

  it("stores bytes whose SHA-256 nobody knew, once, and nothing of what breaks off", async () => {
    const bytes = randomBytes(300_000);
    const found = { sha256: sha256(bytes), size: 300_000 };
    expect(await blobs().add(inPieces(bytes, 70_000))).toEqual(found);
    expect(await blobs().add([bytes])).toEqual(found);
    expect(await collect(blobs().read(found.sha256))).toEqual(bytes);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("half of it");
      throw new Error("connection lost");
    }
    await expect(blobs().add(broken())).rejects.toThrow("connection lost");
    expect(await blobs().size(sha256(Buffer.from("half of it")))).toBeNull();
  });

  it("refuses a range that is not in the blob", async () => {
    const bytes = Buffer.from("seven b");
    await blobs().put(sha256(bytes), [bytes]);
    await expect(collect(blobs().read(sha256(bytes), { start: 8 }))).rejects.toThrow(RangeNotSatisfiable);
    await expect(collect(blobs().read(sha256(bytes), { start: 5, end: 3 }))).rejects.toThrow(RangeNotSatisfiable);
    await expect(collect(blobs().read(sha256(bytes), { start: -1 }))).rejects.toThrow(RangeNotSatisfiable);
  });

  it("stores nothing when the bytes are not those announced", async () => {
    const announced = sha256(Buffer.from("announced"));
    await expect(blobs().put(announced, [Buffer.from("other")])).rejects.toThrow(ChecksumMismatch);
    await expect(blobs().putMany([blob(Buffer.from("other"), announced)])).rejects.toThrow(ChecksumMismatch);
    expect(await blobs().missing([announced])).toEqual([announced]);
  });

  it("stores nothing of a transfer that breaks off", async () => {
    const bytes = Buffer.from("whole");
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytes;
      throw new Error("connection lost");
    }
    await expect(blobs().put(sha256(bytes), broken())).rejects.toThrow("connection lost");
    expect(await blobs().size(sha256(bytes))).toBeNull();
  });

  it("leaves a blob that is there alone, whoever puts it and however often at once", async () => {
    const bytes = randomBytes(200_000);
    await Promise.all(Array.from({ length: 8 }, () => blobs().put(sha256(bytes), inPieces(bytes, 50_000))));
    await blobs().put(sha256(bytes), [bytes]);
    expect(await collect(blobs().read(sha256(bytes)))).toEqual(bytes);
    expect(await all(blobs().list())).toHaveLength(1);
  });

  it("stores many at once and says how many were new", async () => {
    const many = Array.from({ length: 60 }, (_, i) => Buffer.from(`blob ${i % 50}`)).map((bytes) => blob(bytes));
    expect(await blobs().putMany(many.slice(0, 10))).toBe(10);
    expect(await blobs().putMany(many)).toBe(40);
    expect(await blobs().missing(many.map((blob) => blob.sha256))).toEqual([]);
    expect(await blobs().putMany([])).toBe(0);
  });

  it("takes small blobs in the pieces that they arrived in", async () => {
    const bytes = randomBytes(300_000);
    const pieces = [bytes.subarray(0, 7), bytes.subarray(7, 200_000), bytes.subarray(200_000)];
    await expect(blobs().putMany([{ ...blob(bytes), content: pieces.slice(1) }])).rejects.toThrow(ChecksumMismatch);
    expect(
      await blobs().putMany([
        { ...blob(bytes), content: pieces },
        { ...blob(Buffer.of()), content: [] },
      ]),
    ).toBe(2);
    expect(await collect(blobs().read(sha256(bytes)))).toEqual(bytes);
  });

  it("keeps an empty blob", async () => {
    const empty = Buffer.alloc(0);
    await blobs().put(sha256(empty), []);
    expect(await blobs().size(sha256(empty))).toBe(0);
    expect(await collect(blobs().read(sha256(empty)))).toEqual(empty);
  });

  it("says which are missing, each once", async () => {
    const [a, b, c] = ["a", "b", "c"].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
    await blobs().put(sha256(b), [b]);
    expect(await blobs().missing([a, b, c, a].map(sha256))).toEqual([sha256(a), sha256(c)]);
  });

  it("lists and removes", async () => {
    const [a, b] = [Buffer.from("a"), Buffer.from("bb")];
    await blobs().put(sha256(a), [a]);
    await blobs().put(sha256(b), [b]);
    const listed = await all(blobs().list());
    expect(listed.map(({ sha256, size }) => ({ sha256, size })).sort((x, y) => x.size - y.size)).toEqual([
      { sha256: sha256(a), size: 1 },
      { sha256: sha256(b), size: 2 },
    ]);
    await blobs().remove(sha256(a));
    await blobs().remove(sha256(a));
    expect(await blobs().size(sha256(a))).toBeNull();
    await expect(collect(blobs().read(sha256(a)))).rejects.toThrow(NotFound);
    await expect(blobs().readAll(sha256(a))).rejects.toThrow(NotFound);
  });

  it("makes a blob young again when it is put again, so that garbage collection leaves it", async () => {
    const bytes = Buffer.from("again");
    await blobs().put(sha256(bytes), [bytes]);
    const [first] = await all(blobs().list());
    await expect
      .poll(async () => {
        await blobs().put(sha256(bytes), [bytes]);
        const [now] = await all(blobs().list());
        return now!.modified.getTime() > first!.modified.getTime();
      })
      .toBe(true);
  });

  it.each(["", "abc", "../../etc/passwd", "A".repeat(64), `${"a".repeat(63)}/`])("refuses %j as a SHA-256", async (name) => {
    await expect(blobs().put(name, [])).rejects.toThrow("is not a SHA-256");
    await expect(blobs().missing([name])).rejects.toThrow("is not a SHA-256");
    await expect(collect(blobs().read(name))).rejects.toThrow("is not a SHA-256");
  });
}
