import { PathEscape } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { BundlePaths, checkLink } from "../../src/bundle/bundlePaths.ts";
import { parseEnded, parsePids } from "../../src/site/attempts.ts";
import { ProcessTable, parseProcessList, parseProcStat } from "../../src/site/processes.ts";

describe("what a supervisor wrote down", () => {
  it("names its processes, with 0 and - for those there are none of", () => {
    expect(parsePids("10 1234 0 - 0 - boot-1\n")).toEqual({
      supervisor: { pid: 10, start: "1234" },
      waiter: { pid: 0, start: null },
      script: { pid: 0, start: null },
      bootId: "boot-1",
    });
  });

  it.each(["", "10 12", "garbage"])("is nothing when it is cut short: %j", (text) => {
    expect(parsePids(text)).toBeNull();
  });

  it.each(["", "{", '{"kind":"started","at":"2026-01-01T00:00:00Z","pid":1}', '{"kind":"ended"}'])(
    "is an unknown end when damaged: %j",
    (text) => {
      expect(parseEnded(text)).toMatchObject({ exitCode: null, because: "unknown" });
    },
  );
});

describe("processes", () => {
  it("finds the start of a process whose command holds spaces and parentheses", () => {
    const line = `42 (a) S (b c) R 1 42 42 ${"0 ".repeat(15)}987654 0 0`;
    expect(parseProcStat(line)).toBe("987654");
  });

  it("takes a zombie for dead", () => {
    expect(parseProcStat(`42 (sh) Z 1 42 42 ${"0 ".repeat(15)}987654 0 0`)).toBeNull();
  });

  it("reads the list of ps, as macOS gives it", () => {
    const list = "    1 Ss   Mon Nov  3 09:00:01 2025\n   77 Z    Mon Nov  3 09:00:02 2025\n";
    expect(parseProcessList(list)).toEqual(new Map([[1, "Mon_Nov_3_09:00:01_2025"]]));
  });

  it("knows itself, and nobody by its pid with another start or of another boot", () => {
    const table = new ProcessTable();
    const me = { pid: process.pid, start: null };
    expect(table.isAlive(me, table.bootId)).toBe(true);
    expect(table.isAlive({ ...me, start: "1" }, table.bootId)).toBe(false);
    expect(table.isAlive(me, "another-boot")).toBe(table.bootId === null);
    expect(table.isAlive({ pid: 0, start: null }, table.bootId)).toBe(false);
  });
});

describe("paths of a bundle", () => {
  it("takes what lies in folders that came before", () => {
    const paths = new BundlePaths();
    expect([paths.take("a", "folder"), paths.take("a/b", "file")]).toEqual(["a", "a/b"]);
  });

  it.each(["", "/", "a//b", "./a", "a/.", "..", "a\0b", "/etc/passwd"])("refuses %j", (path) => {
    expect(() => new BundlePaths().take(path, "file")).toThrow(PathEscape);
  });

  it("refuses a path of 10,000 levels with a short message", () => {
    const path = Array.from({ length: 10_000 }, () => "d").join("/");
    expect(() => new BundlePaths().take(path, "file")).toThrow(/10000 folders deep/);
  });

  it.each([
    ["a/l", "../b"],
    ["l", "."],
    ["a/b/l", "../../c/d"],
  ])("lets link %s point to %s", (path, target) => {
    expect(checkLink(path, target)).toBe(target);
  });

  it.each([
    ["l", ".."],
    ["a/l", "../.."],
    ["l", "/etc"],
    ["l", ""],
    ["l", "a/../b"],
  ])("does not let link %s point to %j", (path, target) => {
    expect(() => checkLink(path, target)).toThrow(PathEscape);
  });
});
