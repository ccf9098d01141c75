import { randomBytes } from "node:crypto";
import { NotFound, PathEscape } from "@switchyard/protocol";
import { expect, it } from "vitest";
import type { ArtifactStorage } from "../contract.ts";
import { collect, sha256 as sumOf, text } from "./content.ts";

const sha256 = (content: string | Uint8Array) => sumOf(Buffer.from(content as string));

/** What every backend promises of files of runs that are kept as blobs. */
export function describeKeptFiles(storage: () => ArtifactStorage): void {
  const bytes = randomBytes(100_000);
  const MODEL = "outputs/model.pkl";

  it("makes a whole file a blob, as often as it is asked, and both know their SHA-256", async () => {
    const { blobs, runFiles } = storage();
    await runFiles.put("run_1", MODEL, [bytes]);
    for (let time = 0; time < 3; time++) {
      expect(await runFiles.keepAsBlob("run_1", MODEL)).toEqual({ size: bytes.length, sha256: sha256(bytes) });
    }
    expect(await collect(blobs.read(sha256(bytes)))).toEqual(bytes);
    await blobs.put(sha256(bytes), [bytes]);
    expect(await blobs.keep(sha256(bytes))).toBe(bytes.length);
    expect(await runFiles.stat("run_1", MODEL)).toMatchObject({ size: bytes.length, sha256: sha256(bytes) });
    expect(await storage().blobs.keep(sha256("other"))).toBeNull();
  });

  it("keeps the blob whatever becomes of the file", async () => {
    const { blobs, runFiles } = storage();
    await runFiles.put("run_1", "outputs/a", [Buffer.from("one")]);
    await runFiles.put("run_1", "outputs/b", [Buffer.from("two")]);
    await runFiles.put("run_1", "outputs/c", [Buffer.from("three")]);
    for (const name of ["a", "b", "c"]) await runFiles.keepAsBlob("run_1", `outputs/${name}`);
    await runFiles.put("run_1", "outputs/a", [Buffer.from("eno")]);
    await runFiles.writeAt("run_1", "outputs/b", 0, Buffer.from("owt"));
    await runFiles.writeAt("run_1", "outputs/b", 3, Buffer.from("!"));
    await runFiles.removeRun("run_2");
    expect(await text(runFiles.read("run_1", "outputs/b"))).toBe("owt!");
    await runFiles.removeRun("run_1");
    expect(await text(blobs.read(sha256("one")))).toBe("one");
    expect(await text(blobs.read(sha256("two")))).toBe("two");
    expect(await text(blobs.read(sha256("three")))).toBe("three");
  });

  it("keeps the file whatever becomes of the blob", async () => {
    const { blobs, runFiles } = storage();
    await runFiles.put("run_1", MODEL, [bytes]);
    await runFiles.keepAsBlob("run_1", MODEL);
    await blobs.remove(sha256(bytes));
    expect(await collect(runFiles.read("run_1", MODEL))).toEqual(bytes);
    await runFiles.keepAsBlob("run_1", MODEL);
    expect(await blobs.readAll(sha256(bytes))).toEqual(bytes);
  });

  it("takes a file that still grows as it is now", async () => {
    const { blobs, runFiles } = storage();
    await runFiles.writeAt("run_1", "logs/a.txt", 0, Buffer.from("so far"));
    expect(await runFiles.keepAsBlob("run_1", "logs/a.txt")).toEqual({ size: 6, sha256: sha256("so far") });
    await runFiles.writeAt("run_1", "logs/a.txt", 6, Buffer.from(", and on"));
    expect(await text(blobs.read(sha256("so far")))).toBe("so far");
    expect(await text(runFiles.read("run_1", "logs/a.txt"))).toBe("so far, and on");
  });

  it("says what is not there, and does not leave the run", async () => {
    await expect(storage().runFiles.keepAsBlob("run_1", "outputs/none")).rejects.toThrow(NotFound);
    for (const path of ["../x", "/etc/passwd", "a/../../b", ""])
      await expect(storage().runFiles.keepAsBlob("run_1", path)).rejects.toThrow(PathEscape);
  });

  it("is done once when many ask at once", async () => {
    const { blobs, runFiles } = storage();
    await runFiles.put("run_1", MODEL, [bytes]);
    const kept = await Promise.all(Array.from({ length: 8 }, () => runFiles.keepAsBlob("run_1", MODEL)));
    expect(new Set(kept.map((one) => one.sha256))).toEqual(new Set([sha256(bytes)]));
    expect(await blobs.readAll(sha256(bytes))).toEqual(bytes);
  });
}
