import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileOf, type TarEntry, writeTar } from "../../src/ssh/tar.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-tar-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function bytesOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of writeTar(entries)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe.each([["tar"], ["busybox tar"]])("archives, unpacked by %s", (tar) => {
  const unpack = (archive: Buffer) =>
    execFileSync("sh", ["-c", `cd ${folder} && EXTRACT_UNSAFE_SYMLINKS=1 ${tar} -xof -`], {
      input: archive,
      stdio: ["pipe", "pipe", "pipe"],
    });

  it("keep names of any length and letters, modes and links", async () => {
    const long = `${"folder-with-a-long-name/".repeat(9)}file-${"x".repeat(120)}.txt`;
    const folders = long.split("/").slice(0, -1).map((_, index, all): TarEntry => ({ kind: "folder", path: all.slice(0, index + 1).join("/"), mode: 0o755 })); // biome-ignore format: one line
    const odd = "grüße 'quoted' \"x\" \\ $HOME \n newline.txt";
    unpack(
      await bytesOf([
        ...folders,
        fileOf(long, "long"),
        fileOf(odd, "odd"),
        fileOf("run.sh", "#!/bin/sh\n", 0o755),
        fileOf("empty", ""),
        fileOf("block", "b".repeat(512)),
        { kind: "link", path: "up", mode: 0o777, target: "../../elsewhere" },
        { kind: "link", path: "far", mode: 0o777, target: `a/${"b".repeat(150)}` },
        { kind: "hardlink", path: "again", mode: 0o644, target: long },
      ]),
    );
    expect(readFileSync(join(folder, long), "utf8")).toBe("long");
    expect(readFileSync(join(folder, odd), "utf8")).toBe("odd");
    expect(lstatSync(join(folder, "run.sh")).mode & 0o777).toBe(0o755);
    expect([statSync(join(folder, "empty")).size, statSync(join(folder, "block")).size]).toEqual([0, 512]);
    expect(readlinkSync(join(folder, "up"))).toBe("../../elsewhere");
    expect(readlinkSync(join(folder, "far"))).toBe(`a/${"b".repeat(150)}`);
    expect(statSync(join(folder, "again")).ino).toBe(statSync(join(folder, long)).ino);
  });
});

describe("an archive", () => {
  it("is not finished when a file has other bytes than it was announced with", async () => {
    const entry: TarEntry = { kind: "file", path: "a", mode: 0o644, size: 5, bytes: async function* () { yield Buffer.from("abc"); } }; // biome-ignore format: one line
    await expect(bytesOf([entry])).rejects.toThrow("3 bytes and not the 5");
  });

  it("names sizes beyond 8 GiB as GNU tar does", async () => {
    const pieces = writeTar([{ kind: "file", path: "big", mode: 0o644, size: 10 * 2 ** 30, bytes: async function* () {} }]);
    const header = await (pieces[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>).next();
    mkdirSync(join(folder, "x"));
    writeFileSync(join(folder, "big.tar"), Buffer.from(header.value as Uint8Array));
    const listed = execFileSync("sh", ["-c", `tar -tvf ${join(folder, "big.tar")} 2>/dev/null || :`], { encoding: "utf8" });
    expect(listed).toContain("10737418240");
  });
});
