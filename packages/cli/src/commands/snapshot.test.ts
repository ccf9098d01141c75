import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scanFolder } from "@switchyard/sdk/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../test/fakes.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-snapshot-"));
  writeFileSync(join(folder, "train.py"), "print()\n");
  mkdirSync(join(folder, "data/empty"), { recursive: true });
  symlinkSync("../train.py", join(folder, "data/link"));
  mkdirSync(join(folder, ".git"));
  writeFileSync(join(folder, ".git/HEAD"), "ref\n");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const dryRun = (words: string[], terminal = false) =>
  runCli(["snapshot", "--dry-run", "--home", join(folder, "none"), ...words], { cwd: folder, sdk: { scanFolder }, terminal });

describe("snapshot --dry-run", () => {
  it("lists links and empty folders beside the files", async () => {
    expect(JSON.parse((await dryRun([])).stdout)).toMatchObject({
      fileCount: 2,
      links: [{ path: "data/link", target: "../train.py" }],
      emptyFolders: ["data/empty/"],
    });
    const { stdout } = await dryRun([], true);
    expect(stdout).toContain("Symbolic links:\n  data/link -> ../train.py\n\nEmpty folders:\n  data/empty/\n");
    const table = (await dryRun(["-o", "table"])).stdout;
    for (const row of [/file +train\.py +8/, /link +data\/link +\.\.\/train\.py/, /empty folder +data\/empty\//])
      expect(table).toMatch(row);
  });

  it.each(["table", "tsv"])("warns beside the rows of %s", async (format) => {
    const { stdout, stderr } = await dryRun(["-o", format]);
    expect(stderr).toMatch(/Warning: \.git\/ /);
    expect(stdout).not.toContain("Warning");
  });
});
