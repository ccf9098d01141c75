import { encodeTree, entryName, type TreeEntry, tree } from "@switchyard/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const names = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).filter((name) => entryName.safeParse(name).success);
const hashes = fc.stringMatching(/^[0-9a-f]{64}$/);
const modes = fc.integer({ min: 0, max: 0o777 });
const sizes = fc.nat();
const entries: fc.Arbitrary<TreeEntry> = fc.oneof(
  fc.record({ kind: fc.constant("file" as const), name: names, mode: modes, size: sizes, sha256: hashes }),
  fc.record({ kind: fc.constant("folder" as const), name: names, mode: modes, size: sizes, sha256: hashes, files: sizes }),
  fc.record({ kind: fc.constant("link" as const), name: names, target: fc.string({ minLength: 1 }) }),
);
const folders = fc.uniqueArray(entries, { selector: (entry) => entry.name });

/** The same object with its keys in another order. */
function turned<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).reverse()) as T;
}

describe("tree", () => {
  it("has one text, whatever the order of entries and of their keys", () => {
    fc.assert(fc.property(folders, (folder) => encodeTree(folder.map(turned).reverse()) === encodeTree(folder)));
  });

  it("can be read back", () => {
    fc.assert(
      fc.property(folders, (folder) => {
        const read = tree.parse(JSON.parse(encodeTree(folder)));
        expect(new Map(read.entries.map((entry) => [entry.name, entry]))).toEqual(new Map(folder.map((entry) => [entry.name, entry])));
      }),
    );
  });

  it("keeps its text over versions of the program: stored hashes depend on it", () => {
    const folder: TreeEntry[] = [
      { kind: "link", name: "z", target: "a" },
      { kind: "file", name: "a", mode: 0o644, size: 3, sha256: "0".repeat(64) },
      { kind: "folder", name: "B", mode: 0o755, sha256: "1".repeat(64), size: 3, files: 1 },
    ];
    expect(encodeTree(folder)).toBe(
      `{"version":1,"entries":[{"kind":"folder","name":"B","mode":493,"sha256":"${"1".repeat(64)}","size":3,"files":1},` +
        `{"kind":"file","name":"a","mode":420,"size":3,"sha256":"${"0".repeat(64)}"},{"kind":"link","name":"z","target":"a"}]}`,
    );
    expect(encodeTree([])).toBe('{"version":1,"entries":[]}');
  });

  it.each(["", ".", "..", "a/b", "a\0b", "x".repeat(256)])("refuses %j as a name in a folder", (name) => {
    expect(entryName.safeParse(name).success).toBe(false);
  });
});
