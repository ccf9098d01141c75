// The Python client scans a folder into the same snapshot as the TypeScript one: same tree, same ids, same things left at home.
import { execFile, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { scanFolder } from "@switchyard/sdk/node";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { within } from "../support/wait.ts";

const PYTHON = resolve(import.meta.dirname, "../../python");
/** Answers a line of JSON for every folder named on its input. */
const SCANNER = `
import json, sys
from switchyard_client.errors import AzureMLException
from switchyard_client.snapshots.scanning import scan_folder
for line in sys.stdin:
    try:
        scan = scan_folder(json.loads(line), None)
        said = {"root": scan.root, "trees": {key: text.decode() for key, (_, text) in scan.trees.items()},
                "files": scan.files, "bytes": scan.bytes, "excluded": scan.excluded, "warnings": scan.warnings}
    except AzureMLException as error:
        said = {"refused": sorted(error.message.splitlines()[1:-1])}
    except Exception as error:
        said = {"crashed": repr(error)}
    print(json.dumps(said), flush=True)
`;

const root = mkdtempSync(join(tmpdir(), "switchyard-scan-"));
const scanner = spawn("python3", ["-c", SCANNER], {
  env: { ...process.env, PYTHONPATH: PYTHON },
  stdio: ["pipe", "pipe", "inherit"],
});
const answers = createInterface({ input: scanner.stdout })[Symbol.asyncIterator]();
afterAll(() => {
  scanner.kill();
  rmSync(root, { recursive: true, force: true });
});

async function scannedByPython(folder: string): Promise<unknown> {
  scanner.stdin.write(`${JSON.stringify(folder)}\n`);
  return JSON.parse((await within(100, "Python has scanned", answers.next())).value as string);
}

async function scannedByUs(folder: string): Promise<unknown> {
  try {
    const { trees, root, files, bytes, excluded, warnings } = await scanFolder(folder, { home: null });
    return { root, trees: Object.fromEntries([...trees].map(([sha256, { text }]) => [sha256, text])), files, bytes, excluded, warnings };
  } catch (error) {
    return { refused: (error as Error).message.split("\n").slice(1, -1).sort() };
  }
}

let count = 0;
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

async function expectTheSame(folder: string): Promise<void> {
  expect(await scannedByPython(folder)).toEqual(await scannedByUs(folder));
}

it("is the same for names, modes and links of every kind", async () => {
  const folder = folderOf({
    "train.py": "print(1)",
    "deep/er/and/deeper.txt": "x",
    "deep/same.txt": "x",
    "ümläut \u{1f600} \u2028.txt": "",
    "\uffee after an emoji in code points, before it in UTF-16": "1",
    'quote" back\\slash \t tab \u0007 bell \u007f': "2",
    "empty/.keep": "",
    "venv/pyvenv.cfg": "home = x",
    "below/.git/HEAD": "ref",
  });
  mkdirSync(join(folder, "nothing in it"));
  chmodSync(join(folder, "train.py"), 0o755);
  chmodSync(join(folder, "deep"), 0o700);
  symlinkSync("train.py", join(folder, "link"));
  symlinkSync("../train.py", join(folder, "deep/up"));
  symlinkSync("nowhere", join(folder, "dangling"));
  await expectTheSame(folder);
});

it("refuses the same", async () => {
  const folder = folderOf({ "a.txt": "a", "in/b.txt": "b" });
  symlinkSync("/etc/passwd", join(folder, "absolute"));
  symlinkSync("../../x", join(folder, "in/out"));
  symlinkSync(root, join(folder, "in/far"));
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/in/bad `), Buffer.from([0xff])]), "");
  await promisify(execFile)("mkfifo", [join(folder, "pipe")]);
  const said = (await scannedByPython(folder)) as { refused: string[] };
  expect(said.refused).toHaveLength(5);
  expect(said).toEqual(await scannedByUs(folder));
});

const FILES = Object.fromEntries(
  ["a", "b.txt", "ab", "a/b", "a.b/a", "x/a/b.txt", "x/a/c", "x/y/a/b", "x y/a b", "[a]", "a*b", "-", "#x", "!x", "x/ ", "a\\b", "A/B", "data/1.csv", "data/2/3.csv", ".hidden", "b/.gitignore"]
    .filter((path) => path !== "a")
    .map((path) => [path, path]),
); // biome-ignore format: one line tells the list

it.each([
  "a", "/a", "a/", "*", "*\n!a", "*.txt", "a/*", "a/**", "**/a", "**/a/b", "x/**/b", "**/", "**", "/**", "***", "a**b", "x/**b", "?", "[ab]", "[!a]*", "[^a]*",
  "[a-c]", "[]a]", "[", "[a", "\\a", "\\#x", "\\!x", "#x", "!a", "a \n", "a\\ ", "x\\ y", "x y/", "*.csv\n!data/1.csv", "data\n!data/1.csv", "data/*\n!data/1.csv",
  ".*", "*/b", "x/*/b", "/x/a/", "a\\\\b", "\\", "a\\", "\ufeffa", "a\r\nab\r\n", "//", "/", "", "   ", "[a-]", "[--a]", "[z-a]", "[\\]]", "[[]a]", "{a,b}", "a+", "(a)", "x/", "!*", "b.txt/",
])("leaves the same at home by the pattern %j", async (pattern) => {
  const folder = folderOf({ ...FILES, ".amlignore": pattern, ".gitignore": "never read" });
  await expectTheSame(folder);
}); // biome-ignore format: one line tells the list

it("leaves the same at home by patterns nobody thought of", async () => {
  const folder = folderOf(FILES);
  const word = fc.array(
    fc.constantFrom(
      "a",
      "b",
      "x",
      "/",
      "*",
      "**",
      "**/",
      "?",
      ".",
      "!",
      "#",
      "\\ ",
      " ",
      "[a-b]",
      "[!a]",
      "data",
      "txt",
      "\\",
      "[",
      "]",
      "[^b]",
      "[]",
      "  ",
      "x/a",
      "\\*",
    ),
    { maxLength: 7 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 3 }), async (lines) => {
      writeFileSync(join(folder, ".gitignore"), lines.map((line) => line.join("")).join("\n"));
      await expectTheSame(folder);
    }),
    { numRuns: 120 },
  );
}, 400_000);
