// Names and archives that try to lead out of their folder, over every way in: uploads, snapshots, outputs, run ids.
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Run, TreeEntry } from "@switchyard/protocol";
import { encodeTree } from "@switchyard/protocol/snapshot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { LiveServer } from "../support/liveServer.ts";
import { until } from "../support/wait.ts";

const server = new LiveServer();
const outside = mkdtempSync(join(tmpdir(), "switchyard-outside-"));
beforeAll(() => server.start());
afterAll(async () => {
  await server.close();
  rmSync(outside, { recursive: true });
});

const workspace = { workspace: "default" };
const DEEP = `${"d/".repeat(10_000)}file`;
const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
const interactive = () => server.client.startInteractiveRun({ params: workspace, body: { experimentName: "hostile", snapshotId: null } });

describe("a file is not taken under a name that", () => {
  it.each([
    ["leads up", "../../escaped"],
    ["leads up on the way", "outputs/../../../escaped"],
    ["is absolute", "/tmp/switchyard-escaped"],
    ["has 10,000 levels", DEEP],
    ["has a NUL in it", "outputs/a\0b"],
    ["is longer than a file system takes", `outputs/${"n".repeat(300)}`],
  ])("%s", async (_what, path) => {
    const { runId } = await interactive();
    const refused = await caught(server.client.writeRunFile({ params: { ...workspace, runId, path }, body: new Uint8Array([1]) }));
    expect(refused).toMatchObject({ code: expect.stringMatching(/^(path_escape|bad_request|too_large)$/) });
    expect((refused as Error).message.length).toBeLessThan(1000);
    expect(await server.client.listRunFiles({ params: { ...workspace, runId }, query: {} })).toEqual([]);
  });

  // A client of our own encodes; somebody else's request may not.
  it.each(["..%2f..%2fescaped", "%2e%2e/%2e%2e/escaped", "..\\..\\escaped", "%2ftmp%2fswitchyard-escaped", "a%00b"])(
    "arrives as %s",
    async (raw) => {
      const { runId } = await interactive();
      const url = `${server.url}/api/v1/workspaces/default/runs/${runId}/files/${raw}`;
      const headers = { authorization: `Bearer ${readFileSync(join(server.home, "token"), "utf8").trim()}` };
      const { status } = await fetch(url, { method: "PUT", headers, body: "x" });
      const files = await server.client.listRunFiles({ params: { ...workspace, runId }, query: {} });
      // a backslash is a letter like any other here
      if (raw.includes("\\")) expect(files.every(({ path }) => !path.startsWith("/"))).toBe(true);
      else expect({ refused: status >= 400 && status < 500, files }).toEqual({ refused: true, files: [] });
      expect(escaped()).toEqual([]);
    },
  );
});

const sha = (text: string) => createHash("sha256").update(text).digest("hex");
const put = async (text: string) => {
  await server.client.putBlob({ params: { sha256: sha(text) }, body: Buffer.from(text) });
  return sha(text);
};
const file = async (name: string): Promise<TreeEntry> => ({ kind: "file", name, mode: 0o644, size: 1, sha256: await put("x") });

describe("a snapshot is refused whose", () => {
  const naming = async (root: string) => caught(server.client.createSnapshot({ params: workspace, body: { root } }));

  it.each(["..", ".", "a/b", "/etc/passwd", "a\0b", ""])("entry is called %j", async (name) => {
    const root = await put(JSON.stringify({ version: 1, entries: [await file(name)] }));
    expect(await naming(root)).toMatchObject({ code: "bad_request" });
  });

  it("entries share a name, so that a file would be written through a link", async () => {
    const link: TreeEntry = { kind: "link", name: "a", target: outside };
    const root = await put(JSON.stringify({ version: 1, entries: [link, await file("a")] }));
    expect(await naming(root)).toMatchObject({ code: "bad_request" });
  });

  it("folders are nested 10,000 deep", async () => {
    let root = await put(encodeTree([await file("train.py")]));
    const texts: string[] = [];
    for (let level = 0; level < 10_000; level++) {
      const text = encodeTree([{ kind: "folder", name: "d", mode: 0o755, sha256: root, size: 1, files: 1 }]);
      texts.push(text);
      root = sha(text);
    }
    for (let at = 0; at < texts.length; at += 1000) await server.client.putBlobs({ body: framed(texts.slice(at, at + 1000)) });
    const refused = await naming(root);
    expect(refused).toMatchObject({ code: "bad_request" });
    expect((refused as Error).message).toContain("nested deeper than");
  });
});

it.each([
  ["up", "../../../../outside"],
  ["away", "/etc/passwd"],
])("a snapshot whose link leads %s is never laid down: the run fails before it began and names the link", async (_where, target) => {
  const root = await put(encodeTree([{ kind: "link", name: "data", target }, await file("train.py")]));
  const { snapshotId } = await server.client.createSnapshot({ params: workspace, body: { root } });
  const environment = { python: { userManagedDependencies: true, interpreterPath: "python3" } };
  const { runId } = await server.client.submitRun({
    params: workspace,
    body: { experimentName: "hostile", snapshotId, runConfiguration: { script: "train.py", environment } },
  });
  const run = await until(200, "the run has ended", async () => {
    const now = await server.client.getRun({ params: { ...workspace, runId } });
    return now.endTimeUtc === null ? null : now;
  });
  expect(run).toMatchObject({
    status: "Failed",
    error: { code: "PathEscape", message: expect.stringContaining('The link "data" leads out') },
  });
  expect(run.attempts).toEqual([]);
  await until(60, "nothing is left where jobs are staged", async () => readdirSync(join(server.home, "site/staging")).length === 0);
});

it("a script's links out of its outputs do not come home, its own files do, and it is told", async () => {
  const secret = join(outside, "secret");
  writeFileSync(secret, "secret");
  const desk = new Desk();
  desk.write(
    "train.py",
    `import os
os.symlink(${JSON.stringify(secret)}, "outputs/link")
os.symlink(${JSON.stringify(outside)}, "outputs/folder")
os.symlink("model.txt", "outputs/inside")
open("outputs/model.txt", "w").write("model")
deep = "outputs"
for level in range(150):
    deep = os.path.join(deep, "d")
    os.mkdir(deep)
open(os.path.join(deep, "too-deep.txt"), "w").close()
`,
  );
  try {
    const { code, run } = await desk.submit("train.py");
    expect({ code, status: run.status }).toEqual({ code: 0, status: "Completed" });
    expect(await desk.json("run", "download", "-r", run.runId, "-d", "got")).toBeTruthy();
    expect(readFileSync(join(desk.project, "got/outputs/model.txt"), "utf8")).toBe("model");
    for (const name of ["link", "folder/secret"]) expect(existsSync(join(desk.project, "got/outputs", name))).toBe(false);
    expect(run.warnings.join("\n")).toMatch(/link|deep|levels/);
  } finally {
    await desk.close();
  }
});

it("an upload from a script under a hostile name is refused in the script's own words", async () => {
  const desk = new Desk();
  desk.write(
    "train.py",
    `from azureml.core import Run
run = Run.get_context()
open("a.txt", "w").write("a")
for name in ("../../escaped", "/tmp/switchyard-escaped", "d/" * 10000 + "f"):
    try:
        run.upload_file(name, "a.txt")
        print("taken", name[:40])
    except Exception as error:
        print("refused", name[:20], type(error).__name__, str(error)[:80])
run.upload_file("outputs/fine.txt", "a.txt")
`,
  );
  try {
    const { code, stderr, run } = await desk.submit("train.py");
    expect({ code, log: stderr }).toEqual({ code: 0, log: expect.stringMatching(/refused.*\n.*refused.*\n.*refused/) });
    const files = await filesOf(desk, run);
    expect(files).toContain("outputs/fine.txt");
    expect(files.filter((path) => path.includes("escaped"))).toEqual([]);
    expect(escaped()).toEqual([]);
  } finally {
    await desk.close();
  }
});

async function filesOf(desk: Desk, run: Run): Promise<string[]> {
  const files = await desk.json<{ path: string }[]>("run", "download", "-r", run.runId, "-d", "all");
  return files.map(({ path }) => path);
}

/** What a path that escaped would have left. */
function escaped(): string[] {
  const folders = [tmpdir(), server.home, join(server.home, "artifacts"), join(server.home, "artifacts/runs")].filter((folder) =>
    existsSync(folder),
  );
  return folders.flatMap((folder) => readdirSync(folder).filter((name) => name.includes("escaped")));
}

/** Blobs as one body: SHA-256, length, bytes. */
function framed(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(bytes.length));
      return [createHash("sha256").update(bytes).digest(), length, bytes];
    }),
  );
}
