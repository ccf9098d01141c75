// The tarball as people install it: into an empty prefix, for somebody whose home is empty, and on a Node too old for it.
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Run } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const place = mkdtempSync(join(tmpdir(), "switchyard-package-"));
const prefix = join(place, "prefix");
const program = join(prefix, "node_modules/.bin/switchyard");
const installed = join(prefix, "node_modules/switchyard");
// Nothing of this repository may help the installed program along.
const empty = { HOME: join(place, "person"), SWITCHYARD_SERVER_ENTRY: "", SWITCHYARD_HOME: "" };
let desk: Desk;
let tarball: string;

beforeAll(async () => {
  const built = await builtPackage();
  execFileSync("npm", ["pack", built, "--pack-destination", place, "--loglevel=error"], { stdio: "pipe" });
  tarball = join(place, readdirSync(place).find((name) => name.endsWith(".tgz"))!);
  execFileSync("npm", ["install", "--prefix", prefix, "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline", tarball], {
    stdio: "pipe",
  });
  execFileSync("mkdir", ["-p", empty.HOME]);
  desk = new Desk({ program: [program], home: join(empty.HOME, ".switchyard"), variables: empty });
});
afterAll(async () => {
  await desk.close();
  rmSync(place, { recursive: true, force: true });
});

describe("the installed package", () => {
  it("is small, needs one package beside it, and brings the server, the supervisor and the Python client", () => {
    expect(statSync(tarball).size).toBeLessThan(5 * 1024 * 1024);
    expect(Object.keys(JSON.parse(readFileSync(join(installed, "package.json"), "utf8")).dependencies)).toEqual(["better-sqlite3"]);
    for (const part of ["dist/server.js", "supervisor/supervise", "python/azureml/core/run.py", "LICENSE"]) {
      expect(existsSync(join(installed, part))).toBe(true);
    }
    const compiled = execFileSync("find", [installed, "-name", "*.pyc"], { encoding: "utf8" });
    expect(compiled).toBe("");
  });

  it("does the main job: submit, list, show, diff, download, status, down", async () => {
    desk.write(
      "train.py",
      `import os, sys
from azureml.core import Run
run = Run.get_context()
run.log("accuracy", float(sys.argv[1]))
open("outputs/model.txt", "w").write("model " + sys.argv[1])
print("trained", sys.argv[1])
`,
    );
    expect((await desk.switchyard("--version")).stdout).toMatch(/^switchyard \d+\.\d+\.\d+\n$/);
    const first = await desk.submit("-e", "mnist", "train.py", "0.5");
    expect(first).toMatchObject({
      code: 0,
      run: { status: "Completed", metrics: { accuracy: 0.5 } },
      stderr: expect.stringContaining("trained 0.5"),
    });
    desk.write("train.py", `${readFileSync(join(desk.project, "train.py"), "utf8")}# better\n`);
    const second = await desk.submit("-e", "mnist", "train.py", "0.75");
    const query = "[?status=='Completed'].{id:runId,acc:metrics.accuracy}";
    const table = await desk.switchyard("run", "list", "-e", "mnist", "--query", query, "-o", "table");
    expect(table.code).toBe(0);
    expect(table.stdout).toMatch(new RegExp(`${second.run.runId} +0\\.75\\n${first.run.runId} +0\\.5\\n`));
    expect(await desk.show(first.run.runId)).toMatchObject({ runId: first.run.runId, target: "local" } satisfies Partial<Run>);
    const diff = await desk.json<{ code: { path: string }[]; metrics: unknown[] }>("run", "diff", "-r", first.run.runId, second.run.runId);
    expect(diff).toMatchObject({ code: [{ path: "train.py", status: "changed" }], metrics: [{ what: "accuracy", a: 0.5, b: 0.75 }] });
    await desk.json("run", "download", "-r", first.run.runId, "-d", "got");
    expect(readFileSync(join(desk.project, "got/outputs/model.txt"), "utf8")).toBe("model 0.5");
    expect(await desk.json("status")).toMatchObject({ running: true, home: desk.home });
    await desk.json("down");
    expect((await desk.switchyard("status")).code).toBe(4);
  });

  it("keeps to its home: the person's folder holds nothing else", () => {
    expect(readdirSync(empty.HOME)).toEqual([".switchyard"]);
    expect((statSync(desk.home).mode & 0o777).toString(8)).toBe("700");
  });
});

describe("on an old Node", () => {
  const bin = () => join(installed, "bin/switchyard.mjs");
  const words = /^switchyard needs Node 22\.13 or newer and this is Node \S+: .*npx --package node@24 switchyard.*\n$/;

  it("the program says in one line what to do, and ends with 1", async () => {
    const old = "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.19.1'}})";
    const { code, stdout, stderr } = await new OldDesk([process.execPath, "--import", old, bin()]).status();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(words);
  });

  it("really: with every older Node that this machine has", async () => {
    for (const node of olderNodes()) {
      const { code, stdout, stderr } = await new OldDesk([node, bin()]).status();
      expect({ node, code, stdout, stderr }).toEqual({ node, code: 1, stdout: "", stderr: expect.stringMatching(words) });
    }
  });
});

/** What `npm test` has built already, else a new build: other tests may be running what lies there. */
async function builtPackage(): Promise<string> {
  const entry = process.env.SWITCHYARD_SERVER_ENTRY;
  if (entry) return resolve(dirname(entry), "..");
  await promisify(execFile)(process.execPath, [join(ROOT, "scripts/build.ts")], { cwd: ROOT });
  return join(ROOT, "dist/package");
}

class OldDesk extends Desk {
  constructor(oldProgram: readonly string[]) {
    super({ program: oldProgram });
  }

  async status() {
    try {
      return await this.switchyard("status");
    } finally {
      rmSync(this.place, { recursive: true });
    }
  }
}

function olderNodes(): string[] {
  const places = ["/usr/bin/node", "/usr/local/bin/node", ...(process.env.PATH ?? "").split(":").map((folder) => join(folder, "node"))];
  return [...new Set(places)].filter((path) => {
    if (!existsSync(path)) return false;
    const [major = 0, minor = 0] = execFileSync(path, ["-p", "process.versions.node"], { encoding: "utf8" }).split(".").map(Number);
    return major < 22 || (major === 22 && minor < 13);
  });
}
