import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ChecksumMismatch, DiskFull, PathEscape } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openArtifacts } from "../openArtifacts.ts";
import { collect, sha256 } from "../testing/content.ts";
import { describeArtifacts } from "../testing/describeArtifacts.ts";

describeArtifacts("folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "artifacts-"));
  return {
    open: () => openArtifacts(`folder:${folder}`),
    remove: async () => rmSync(folder, { recursive: true }),
  };
});

describe("a folder as artifact storage", () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "artifacts-")));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const open = () => openArtifacts(`folder:${folder}`);

  it("refuses URLs it does not know and relative folders", async () => {
    await expect(openArtifacts("s3://bucket")).rejects.toThrow(/write folder:/);
    await expect(openArtifacts("folder:")).rejects.toThrow(/write folder:/);
    await expect(openArtifacts("folder:relative/path")).rejects.toThrow(/must be an absolute path/);
  });

  it("refuses a marker that it cannot read", async () => {
    writeFileSync(join(folder, "artifacts.json"), '{"version":2,"storageId":"x"}');
    await expect(open()).rejects.toThrow(/newer Switchyard/);
    writeFileSync(join(folder, "artifacts.json"), "garbage");
    await expect(open()).rejects.toThrow(/not a marker/);
  });

  it("tells where a blob lies, and null when it does not", async () => {
    const { blobs } = await open();
    const content = Buffer.from("here");
    expect(blobs.localPath(sha256(content))).toBeNull();
    await blobs.put(sha256(content), [content]);
    expect(blobs.localPath(sha256(content))).toBe(join(folder, "blobs", sha256(content).slice(0, 2), sha256(content).slice(2)));
  });

  it("copies no file of a run that becomes a blob", async () => {
    const { blobs, runFiles } = await open();
    const content = Buffer.from("a model");
    await runFiles.put("run_1", "outputs/model.pkl", [content]);
    await runFiles.keepAsBlob("run_1", "outputs/model.pkl");
    const own = statSync(join(folder, "runs", "run_1", "files", "outputs", "model.pkl"));
    expect(statSync(blobs.localPath(sha256(content))!).ino).toBe(own.ino);
    expect(readdirSync(join(folder, "temp"))).toEqual([]);
  });

  it("takes a file that became a blob for young, however old it is", async () => {
    const { blobs, runFiles } = await open();
    const content = Buffer.from("an old model");
    await runFiles.put("run_1", "outputs/model.pkl", [content]);
    utimesSync(join(folder, "runs", "run_1", "files", "outputs", "model.pkl"), new Date(0), new Date(0));
    const before = Date.now();
    await runFiles.keepAsBlob("run_1", "outputs/model.pkl");
    for await (const { modified } of blobs.list()) expect(modified.getTime()).toBeGreaterThan(before - 10_000);
  });

  it("notices a blob that the disk damaged", async () => {
    const { blobs } = await open();
    const content = Buffer.from("sound");
    await blobs.put(sha256(content), [content]);
    writeFileSync(blobs.localPath(sha256(content))!, "rotten");
    await expect(blobs.readAll(sha256(content))).rejects.toThrow(ChecksumMismatch);
  });

  it("never writes, reads or lists through a link that leads out", async () => {
    const { runFiles } = await open();
    await runFiles.put("run_1", "outputs/a", [Buffer.from("a")]);
    const outside = join(folder, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "secret"), "secret");
    const files = join(folder, "runs/run_1/files");
    symlinkSync(outside, join(files, "linked"));
    symlinkSync(join(outside, "secret"), join(files, "outputs/link"));
    await expect(runFiles.put("run_1", "linked/b", [])).rejects.toThrow(PathEscape);
    await expect(runFiles.writeAt("run_1", "linked/deep/er/b", 0, Buffer.from("x"))).rejects.toThrow(PathEscape);
    await expect(runFiles.writeAt("run_1", "outputs/link", 0, Buffer.from("x"))).rejects.toThrow(PathEscape);
    await expect(collect(runFiles.read("run_1", "linked/secret"))).rejects.toThrow(PathEscape);
    await expect(collect(runFiles.read("run_1", "outputs/link"))).rejects.toThrow(/no file/);
    expect((await runFiles.list("run_1")).map((file) => file.path)).toEqual(["outputs/a"]);
    expect(readdirSync(outside)).toEqual(["secret"]);
    // replacing the link itself is harmless: the rename puts a file in its place
    await runFiles.put("run_1", "outputs/link", [Buffer.from("mine")]);
    expect((await collect(runFiles.read("run_1", "outputs/link"))).toString()).toBe("mine");
  });

  it("removes what dead processes left in temp, and only that", async () => {
    await open();
    const [old, young, removed] = ["old", "young", "removed-run"].map((name) => join(folder, "temp", name)) as [string, string, string];
    writeFileSync(old, "");
    writeFileSync(young, "");
    mkdirSync(join(removed, "files"), { recursive: true });
    const longAgo = new Date(Date.now() - 25 * 3600 * 1000);
    for (const path of [old, removed]) utimesSync(path, longAgo, longAgo);
    await open();
    expect([old, young, removed].map(existsSync)).toEqual([false, true, false]);
  });

  for (const point of ["blob.before-rename", "blob.after-rename"]) {
    it(`keeps whole things whole when killed at ${point}`, async () => {
      const { blobs, runFiles } = await open();
      await runFiles.put("run_1", "outputs/replaced", [Buffer.from("old")]);
      for (const what of ["blob", "put", "finish"]) expect(killedWhileWriting(folder, what, point)).toBe("SIGKILL");
      const done = point === "blob.after-rename";
      const content = Buffer.from("new content");
      expect(await blobs.missing([sha256(content)])).toEqual(done ? [] : [sha256(content)]);
      expect((await collect(runFiles.read("run_1", "outputs/replaced"))).toString()).toBe(done ? "new content" : "old");
      expect((await runFiles.stat("run_1", "outputs/replaced"))?.sha256).toBe(sha256(done ? content : Buffer.from("old")));
      expect(await runFiles.finish("run_1", "outputs/pieces", content.length)).toEqual({ size: content.length, sha256: sha256(content) });
    });
  }

  it("names the folder when the disk is full, and stores nothing half", async ({ skip }) => {
    const small = join(folder, "small");
    mkdirSync(small);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", small]).status !== 0) skip("needs the right to mount a small tmpfs");
    try {
      const { blobs, runFiles } = await openArtifacts(`folder:${small}`);
      const big = Buffer.alloc(2_000_000, 1);
      const together = [1, 2, 3].map((fill) => Buffer.alloc(600_000, fill));
      for (const attempt of [
        () => blobs.put(sha256(big), [big]),
        () => blobs.putMany(together.map((bytes) => ({ sha256: sha256(bytes), size: bytes.length, content: [bytes] }))),
        () => runFiles.put("run_1", "outputs/big", [big]),
      ]) {
        await expect(attempt()).rejects.toThrow(DiskFull);
        await expect(attempt()).rejects.toThrow(small);
      }
      expect(await blobs.missing([sha256(big)])).toEqual([sha256(big)]);
      expect(readdirSync(join(small, "temp"))).toEqual([]);
      await expect(runFiles.writeAt("run_1", "logs/a", 0, big)).rejects.toThrow(DiskFull);
    } finally {
      spawnSync("umount", [small]);
    }
  });
});

/** Runs a process that stores "new content" and is killed at the fail point; returns the signal that ended it. */
function killedWhileWriting(folder: string, what: string, point: string): string | null {
  const script = fileURLToPath(new URL("../testing/killedWriter.ts", import.meta.url));
  return spawnSync(process.execPath, [script, folder, what, point], { timeout: 30_000 }).signal;
}
