import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HashCache } from "./hashCache.ts";
import { type SnapshotScan, scanFolder } from "./scanFolder.ts";

describe("the hash cache", () => {
  let place: string;
  let folder: string;
  let home: string;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "cache-"));
    folder = join(place, "project");
    home = join(place, "home");
    mkdirSync(folder);
  });
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  const write = (path: string, text = path) => writeFileSync(join(folder, path), text);
  const scan = (options = {}) => scanFolder(folder, { home, ...options });
  const age = (path: string, seconds = 3600) => utimesSync(join(folder, path), new Date(), Date.now() / 1000 - seconds);
  /** Makes a file old in every way: the time of its last change of state cannot be set, so the hash is dated later. */
  const remember = (found: SnapshotScan, changedAgoSeconds: number) => {
    const cache = HashCache.open(home, found.folder);
    const now = BigInt(Date.now()) * 1_000_000n;
    for (const { signature, sha256 } of found.entries) cache.set(signature, sha256, now - BigInt(changedAgoSeconds) * 1_000_000_000n, now);
    cache.save();
  };
  const lie = (found: SnapshotScan) => {
    const [file] = readdirSync(join(home, "cache"));
    const path = join(home, "cache", file!);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(found.entries[0]!.sha256, "e".repeat(64)));
  };

  it("spares reading what it knows", async () => {
    write("a.txt");
    const first = await scan();
    remember(first, 3600);
    lie(first); // a hash that no content has can only come from the cache
    expect((await scan()).entries[0]!.sha256).toBe("e".repeat(64));
    expect((await scan({ home: null })).root).toBe(first.root);
  });

  it("does not believe in files that changed shortly before they were hashed", async () => {
    write("a.txt");
    remember(await scan(), 1);
    expect(HashCache.open(home, folder).get((await scan()).entries[0]!.signature)).toBeUndefined();
  });

  it("notices an edit that keeps size and time of modification", async () => {
    write("a.txt", "one");
    age("a.txt");
    const first = await scan();
    remember(first, 3600);
    write("a.txt", "two");
    age("a.txt");
    expect((await scan()).entries[0]!.sha256).toBe(sha256("two"));
  });

  it("notices a file that another one was put in the place of", async () => {
    write("a.txt", "one");
    write("b.txt", "two");
    remember(await scan(), 3600);
    renameSync(join(folder, "b.txt"), join(folder, "a.txt"));
    expect((await scan()).entries.map((entry) => entry.sha256)).toEqual([sha256("two")]);
  });

  it("survives garbage, and a home that cannot be written", async () => {
    write("a.txt");
    const first = await scan();
    remember(first, 3600);
    const [file] = readdirSync(join(home, "cache"));
    for (const garbage of ["", "other header\n", "switchyard hashes 1\ngarbage\n1:2:3:4:5 abc\n", "\0\0\0\0"]) {
      writeFileSync(join(home, "cache", file!), garbage);
      expect((await scan()).root).toBe(first.root);
    }
    expect((await scan({ home: "/proc/none" })).root).toBe(first.root);
  });
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
