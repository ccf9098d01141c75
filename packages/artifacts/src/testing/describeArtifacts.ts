import { createHash, randomBytes } from "node:crypto";
import { ChecksumMismatch, Conflict, NotFound, PathEscape, RangeNotSatisfiable } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ArtifactStorage, Content } from "../contract.ts";

/** A storage under test: `open` opens the same place again, as another process would. */
export interface ArtifactsUnderTest {
  open(): Promise<ArtifactStorage>;
  remove(): Promise<void>;
}

/** What every backend promises, as tests. */
export function describeArtifacts(name: string, make: () => Promise<ArtifactsUnderTest>): void {
  describe(`${name} artifacts`, () => {
    let place: ArtifactsUnderTest;
    let storage: ArtifactStorage;
    beforeEach(async () => {
      place = await make();
      storage = await place.open();
    });
    afterEach(() => place.remove());

    it("keeps one id for everybody who opens it", async () => {
      const others = await Promise.all([place.open(), place.open()]);
      expect(others.map((other) => other.storageId)).toEqual([storage.storageId, storage.storageId]);
      expect(storage.storageId).not.toBe("");
    });
    describe("blobs", () => describeBlobs(() => storage));
    describe("run files", () => describeRunFiles(() => storage));
  });
}

function describeBlobs(current: () => ArtifactStorage): void {
  const { blobs } = lazily(current);

  it("gives back what was put, whole and in ranges", async () => {
    const bytes = randomBytes(700_000);
    await blobs().put(sha256(bytes), inPieces(bytes, 100_000));
    expect(Buffer.from(await blobs().readAll(sha256(bytes)))).toEqual(bytes);
    expect(await collect(blobs().read(sha256(bytes)))).toEqual(bytes);
    expect(await collect(blobs().read(sha256(bytes), { start: 10, end: 300_000 }))).toEqual(bytes.subarray(10, 300_000));
    expect(await collect(blobs().read(sha256(bytes), { start: 699_999, end: 9_000_000 }))).toEqual(bytes.subarray(699_999));
    expect(await blobs().size(sha256(bytes))).toBe(700_000);
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
    await expect(blobs().putMany([{ sha256: announced, bytes: Buffer.from("other") }])).rejects.toThrow(ChecksumMismatch);
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
    const many = Array.from({ length: 60 }, (_, i) => Buffer.from(`blob ${i % 50}`)).map((bytes) => ({ sha256: sha256(bytes), bytes }));
    expect(await blobs().putMany(many.slice(0, 10))).toBe(10);
    expect(await blobs().putMany(many)).toBe(40);
    expect(await blobs().missing(many.map((blob) => blob.sha256))).toEqual([]);
    expect(await blobs().putMany([])).toBe(0);
  });

  it("takes small blobs in the pieces that they arrived in", async () => {
    const bytes = randomBytes(300_000);
    const pieces = [bytes.subarray(0, 7), bytes.subarray(7, 200_000), bytes.subarray(200_000)];
    await expect(blobs().putMany([{ sha256: sha256(bytes), bytes: pieces.slice(1) }])).rejects.toThrow(ChecksumMismatch);
    expect(
      await blobs().putMany([
        { sha256: sha256(bytes), bytes: pieces },
        { sha256: sha256(Buffer.of()), bytes: [] },
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

function describeRunFiles(current: () => ArtifactStorage): void {
  const { runFiles } = lazily(current);
  const LOG = "attempts/1/azureml-logs/70_driver_log.txt";

  it("takes a growing file at absolute offsets, each write as often as it comes", async () => {
    await runFiles().writeAt("run_1", LOG, 0, Buffer.from("one\n"));
    await runFiles().writeAt("run_1", LOG, 4, Buffer.from("two\n"));
    await runFiles().writeAt("run_1", LOG, 4, Buffer.from("two\n"));
    await runFiles().writeAt("run_1", LOG, 0, Buffer.from("one\n"));
    expect(await text(runFiles().read("run_1", LOG))).toBe("one\ntwo\n");
    expect(await runFiles().stat("run_1", LOG)).toMatchObject({ path: LOG, size: 8, sha256: null });
  });

  it("refuses a write that would leave a gap", async () => {
    await expect(runFiles().writeAt("run_1", LOG, 1, Buffer.from("x"))).rejects.toThrow(Conflict);
    await runFiles().writeAt("run_1", LOG, 0, Buffer.from("x"));
    await expect(runFiles().writeAt("run_1", LOG, 2, Buffer.from("x"))).rejects.toThrow(/gap.*1 bytes/);
  });

  it("stores a file whole and knows its SHA-256", async () => {
    const bytes = randomBytes(300_000);
    const stored = await runFiles().put("run_1", "outputs/model.pkl", inPieces(bytes, 77_777));
    expect(stored).toEqual({ size: 300_000, sha256: sha256(bytes) });
    expect(await runFiles().stat("run_1", "outputs/model.pkl")).toMatchObject({ size: 300_000, sha256: sha256(bytes) });
    expect(await collect(runFiles().read("run_1", "outputs/model.pkl", { start: 5, end: 9 }))).toEqual(bytes.subarray(5, 9));
  });

  it("replaces a whole file, or refuses to when asked not to", async () => {
    await runFiles().put("run_1", "outputs/a.txt", [Buffer.from("old")]);
    await runFiles().put("run_1", "outputs/a.txt", [Buffer.from("new")]);
    expect(await text(runFiles().read("run_1", "outputs/a.txt"))).toBe("new");
    await runFiles().put("run_1", "outputs/a.txt", [Buffer.from("new")], { replace: false });
    await expect(runFiles().put("run_1", "outputs/a.txt", [Buffer.from("other")], { replace: false })).rejects.toThrow(Conflict);
    expect(await text(runFiles().read("run_1", "outputs/a.txt"))).toBe("new");
    await runFiles().put("run_1", "outputs/b.txt", [Buffer.from("b")], { replace: false });
    expect(await text(runFiles().read("run_1", "outputs/b.txt"))).toBe("b");
  });

  it("stores a file in pieces that go on where they were cut", async () => {
    const bytes = randomBytes(90_000);
    expect(await runFiles().partialSize("run_1", "outputs/big.bin")).toBe(0);
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 50_000);
      throw new Error("cut");
    }
    await expect(runFiles().writePart("run_1", "outputs/big.bin", 0, cut())).rejects.toThrow("cut");
    expect(await runFiles().partialSize("run_1", "outputs/big.bin")).toBe(50_000);
    expect(await runFiles().stat("run_1", "outputs/big.bin")).toBeNull();
    await expect(runFiles().finish("run_1", "outputs/big.bin", 90_000)).rejects.toThrow(/50000 have arrived/);
    expect(await runFiles().writePart("run_1", "outputs/big.bin", 50_000, [bytes.subarray(50_000)])).toBe(90_000);
    expect(await runFiles().finish("run_1", "outputs/big.bin", 90_000)).toEqual({ size: 90_000, sha256: sha256(bytes) });
    expect(await runFiles().finish("run_1", "outputs/big.bin", 90_000)).toEqual({ size: 90_000, sha256: sha256(bytes) });
    expect(await collect(runFiles().read("run_1", "outputs/big.bin"))).toEqual(bytes);
    expect(await runFiles().partialSize("run_1", "outputs/big.bin")).toBe(0);
  });

  it("takes a piece that begins earlier as the new truth from there on, and refuses a gap", async () => {
    await runFiles().writePart("run_1", "outputs/x", 0, [Buffer.from("abcdef")]);
    expect(await runFiles().writePart("run_1", "outputs/x", 2, [Buffer.from("XY")])).toBe(4);
    await expect(runFiles().writePart("run_1", "outputs/x", 5, [Buffer.from("!")])).rejects.toThrow(Conflict);
    expect(await runFiles().finish("run_1", "outputs/x", 4)).toEqual({ size: 4, sha256: sha256(Buffer.from("abXY")) });
  });

  it("stores an empty file", async () => {
    await runFiles().put("run_1", "outputs/empty", []);
    const finished = await runFiles().finish("run_1", "outputs/pieces-of-nothing", 0);
    expect(finished.size).toBe(0);
    expect(await text(runFiles().read("run_1", "outputs/empty"))).toBe("");
  });

  it("lists by path and prefix, one run at a time", async () => {
    for (const path of ["outputs/b", "outputs/a/x", "outputs.txt", "logs/a"]) await runFiles().put("run_1", path, [Buffer.from(path)]);
    await runFiles().put("run_10", "outputs/other", []);
    await runFiles().writePart("run_1", "outputs/unfinished", 0, [Buffer.from("x")]);
    const paths = async (prefix?: string) => (await runFiles().list("run_1", prefix)).map((file) => file.path);
    expect(await paths()).toEqual(["logs/a", "outputs.txt", "outputs/a/x", "outputs/b"]);
    expect(await paths("outputs/")).toEqual(["outputs/a/x", "outputs/b"]);
    expect(await paths("outputs/a")).toEqual(["outputs/a/x"]);
    expect(await paths("outp")).toEqual(["outputs.txt", "outputs/a/x", "outputs/b"]);
    expect(await paths("none/")).toEqual([]);
    expect(await runFiles().list("run_2")).toEqual([]);
    expect((await runFiles().list("run_1"))[0]!.sha256).toBe(sha256(Buffer.from("logs/a")));
  });

  it("forgets a SHA-256 when the file grows after all", async () => {
    await runFiles().put("run_1", "logs/a", [Buffer.from("a")]);
    await runFiles().writeAt("run_1", "logs/a", 1, Buffer.from("b"));
    expect(await runFiles().stat("run_1", "logs/a")).toMatchObject({ size: 2, sha256: null });
  });

  it("removes all of a run", async () => {
    await runFiles().put("run_1", "outputs/a", [Buffer.from("a")]);
    await runFiles().writePart("run_1", "outputs/b", 0, [Buffer.from("b")]);
    await runFiles().removeRun("run_1");
    await runFiles().removeRun("run_1");
    expect(await runFiles().list("run_1")).toEqual([]);
    expect(await runFiles().partialSize("run_1", "outputs/b")).toBe(0);
    await expect(collect(runFiles().read("run_1", "outputs/a"))).rejects.toThrow(NotFound);
    // the hash that ran along with the pieces is gone too
    await runFiles().writePart("run_1", "outputs/b", 0, [Buffer.from("c")]);
    expect((await runFiles().finish("run_1", "outputs/b", 1)).sha256).toBe(sha256(Buffer.from("c")));
  });

  it("refuses a file where a folder is, and the other way round", async () => {
    await runFiles().put("run_1", "outputs/a", [Buffer.from("a")]);
    await expect(runFiles().put("run_1", "outputs/a/b", [])).rejects.toThrow(Conflict);
    await expect(runFiles().writeAt("run_1", "outputs", 0, Buffer.from("x"))).rejects.toThrow(Conflict);
    await expect(collect(runFiles().read("run_1", "outputs"))).rejects.toThrow(NotFound);
    await expect(collect(runFiles().read("run_1", "outputs/a/b"))).rejects.toThrow(NotFound);
  });

  it("keeps names that are unusual but harmless", async () => {
    for (const path of ["outputs/ü ñ 文件.txt", "outputs/..hidden", "outputs/a\\b", "outputs/new\nline", "%2e%2e/x"]) {
      await runFiles().put("run_1", path, [Buffer.from(path)]);
      expect(await text(runFiles().read("run_1", path))).toBe(path);
    }
  });

  it("keeps the files of a run whose id is as long as an id may be", async () => {
    const [a, b] = [`${"x".repeat(255)}a`, `${"x".repeat(255)}b`] as const;
    await runFiles().put(a, "f", [Buffer.from("a")]);
    await runFiles().put(b, "f", [Buffer.from("b")]);
    expect(await text(runFiles().read(a, "f"))).toBe("a");
  });

  const BAD_PATHS: Record<string, string> = {
    "..": "..",
    "a way up": "outputs/../../run_2/outputs/a",
    "a way up at the end": "outputs/..",
    "an absolute path": "/etc/passwd",
    nothing: "",
    ".": ".",
    "an empty part": "outputs//a",
    "a slash at the end": "outputs/",
    NUL: "outputs/a\0b",
    "half a character": "outputs/\ud800",
    "10,000 levels": Array(10_000).fill("a").join("/"),
    "a name of 300 bytes": `outputs/${"n".repeat(300)}`,
    "a name of 100 characters and 300 bytes": `outputs/${"文".repeat(100)}`,
    "a path of 5,000 bytes": Array(50).fill("p".repeat(100)).join("/"),
  };
  it.each(Object.entries(BAD_PATHS))("refuses %s as a path", async (_, path) => {
    await expect(runFiles().put("run_1", path, [])).rejects.toThrow(PathEscape);
    await expect(runFiles().writeAt("run_1", path, 0, Buffer.from("x"))).rejects.toThrow(PathEscape);
    await expect(runFiles().writePart("run_1", path, 0, [])).rejects.toThrow(PathEscape);
    await expect(runFiles().finish("run_1", path, 0)).rejects.toThrow(PathEscape);
    await expect(runFiles().stat("run_1", path)).rejects.toThrow(PathEscape);
    await expect(collect(runFiles().read("run_1", path))).rejects.toThrow(PathEscape);
  });

  it.each(["..", "a/b", "", "-x", "a\0"])("refuses %j as a run", async (runId) => {
    await expect(runFiles().put(runId, "outputs/a", [])).rejects.toThrow("is not a run id");
    await expect(runFiles().list(runId)).rejects.toThrow("is not a run id");
    await expect(runFiles().removeRun(runId)).rejects.toThrow("is not a run id");
  });
}

function lazily(current: () => ArtifactStorage) {
  return { blobs: () => current().blobs, runFiles: () => current().runFiles };
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const text = async (content: Content): Promise<string> => (await collect(content)).toString();

async function collect(content: Content): Promise<Buffer> {
  return Buffer.concat(await all(content));
}

async function all<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}
