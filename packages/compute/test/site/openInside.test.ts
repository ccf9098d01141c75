import { execFileSync } from "node:child_process";
import { closeSync, fstatSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openInside } from "../../src/site/openInside.ts";

describe("a file of a script's", () => {
  let place: string;
  let folder: string;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "switchyard-open-"));
    folder = join(place, "attempt");
    for (const path of ["attempt/logs", "elsewhere"]) mkdirSync(join(place, path), { recursive: true });
    for (const path of ["attempt/logs/a.txt", "elsewhere/a.txt"]) writeFileSync(join(place, path), path);
  });
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  const textOf = (root: string, file: string): string | null => {
    const descriptor = openInside(root, file);
    if (descriptor === null) return null;
    try {
      return readFileSync(descriptor, "utf8");
    } finally {
      closeSync(descriptor);
    }
  };

  it("is opened, also when the folder itself is reached through a link", () => {
    symlinkSync(folder, join(place, "link"));
    expect(textOf(folder, "logs/a.txt")).toBe("attempt/logs/a.txt");
    expect(textOf(join(place, "link"), "logs/a.txt")).toBe("attempt/logs/a.txt");
  });

  it("is not opened when it is a link, or a folder above it has become one", () => {
    symlinkSync("a.txt", join(folder, "logs/b.txt"));
    expect(textOf(folder, "logs/b.txt")).toBeNull();
    renameSync(join(folder, "logs"), join(folder, "moved"));
    symlinkSync(join(place, "elsewhere"), join(folder, "logs"));
    expect(textOf(folder, "logs/a.txt")).toBeNull();
    rmSync(join(folder, "logs"));
    symlinkSync("moved", join(folder, "logs"));
    expect(textOf(folder, "logs/a.txt")).toBeNull();
  });

  it("is not waited for when it is a pipe, and need not be there", () => {
    execFileSync("mkfifo", [join(folder, "logs/pipe")]);
    const descriptor = openInside(folder, "logs/pipe");
    expect(descriptor === null || fstatSync(descriptor).isFIFO()).toBe(true);
    if (descriptor !== null) closeSync(descriptor);
    expect(openInside(folder, "logs/none.txt")).toBeNull();
    expect(openInside(folder, "logs/a.txt/b")).toBeNull();
  });
});
