import { randomBytes } from "node:crypto";
import { Conflict, NotFound, PathEscape } from "@switchyard/protocol";
import { expect, it } from "vitest";
import type { RunFileStorage } from "../contract.ts";
import { collect, inPieces, sha256, text } from "./content.ts";

/** What every backend promises of the files of runs. */
export function describeRunFiles(runFiles: () => RunFileStorage): void {
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

  it("tells apart what is written at once under one name", async () => {
    const contents = ["one", "two", "six", "ten"];
    for (let round = 0; round < 30; round += 1) {
      const put = (path: string, replace: boolean) =>
        Promise.allSettled(contents.map((text) => runFiles().put("run_1", path, [Buffer.from(text)], { replace })));
      expect((await put(`replaced/${round}`, true)).every(({ status }) => status === "fulfilled")).toBe(true);
      const kept = await put(`kept/${round}`, false);
      expect(kept.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    }
    for (const seen of await runFiles().list("run_1")) {
      expect(seen.sha256, seen.path).toBe(sha256(await collect(runFiles().read("run_1", seen.path))));
    }
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

  it("removes a file, or all that lies below a path, and nothing else", async () => {
    for (const path of ["model/MLmodel", "model/data/weights.bin", "model.txt"]) await runFiles().put("run_1", path, [Buffer.from(path)]);
    await runFiles().remove("run_1", "model/MLmodel");
    expect((await runFiles().list("run_1")).map(({ path }) => path)).toEqual(["model.txt", "model/data/weights.bin"]);
    await runFiles().remove("run_1", "model");
    await runFiles().remove("run_1", "model");
    await runFiles().remove("run_1", "model.txt/nothing");
    expect((await runFiles().list("run_1")).map(({ path }) => path)).toEqual(["model.txt"]);
    await runFiles().put("run_1", "model/MLmodel", [Buffer.from("again")]);
    expect(await text(runFiles().read("run_1", "model/MLmodel"))).toBe("again");
    await expect(runFiles().remove("run_1", "../run_2")).rejects.toThrow(PathEscape);
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
