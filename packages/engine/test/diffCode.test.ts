import { createHash } from "node:crypto";
import { encodeTree, type TreeEntry } from "@switchyard/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { diffCode } from "../src/diff/diffCode.ts";
import { World } from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.close());

async function blob(text: string): Promise<string> {
  const sha256 = createHash("sha256").update(text).digest("hex");
  await world.artifacts.blobs.put(sha256, [Buffer.from(text)]);
  return sha256;
}

const file = async (name: string, text: string, mode = 0o644): Promise<TreeEntry> => {
  return { kind: "file", name, mode, size: text.length, sha256: await blob(text) };
};
const folder = async (name: string, entries: readonly TreeEntry[], mode = 0o755): Promise<TreeEntry> => {
  return { kind: "folder", name, mode, sha256: await blob(encodeTree(entries)), size: 0, files: 0 };
};

async function snapshot(entries: readonly TreeEntry[]): Promise<string> {
  const made = await world.store.snapshots.create("default", { root: await blob(encodeTree(entries)), files: 0, bytes: 0 });
  return made.snapshotId;
}

it("shows a change of mode alone, of a file and of a folder, and empty folders that came or went", async () => {
  const inner = await file("inner.py", "1\n");
  const before = await snapshot([
    await file("run.sh", "a\n"),
    await folder("gone", []),
    await folder("src", [inner]),
    await folder("filled", []),
  ]);
  const after = await snapshot([
    await file("run.sh", "a\n", 0o755),
    await folder("new", [await folder("empty", [])]),
    await folder("src", [inner], 0o700),
    await folder("filled", [inner]),
  ]);
  expect(await diffCode(world, before, after)).toEqual([
    { path: "filled/inner.py", status: "added", patch: expect.stringContaining("+1\n") },
    { path: "gone/", status: "removed", patch: null },
    { path: "new/empty/", status: "added", patch: null },
    { path: "run.sh", status: "changed", patch: "old mode 0644\nnew mode 0755\n" },
    { path: "src/", status: "changed", patch: "old mode 0755\nnew mode 0700\n" },
  ]);
});
