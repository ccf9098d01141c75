// Mistakes in a run configuration: each is told with its file, line and column and the nearest valid key, before
// anything is sent; and a client that sends them all the same is refused as well.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { LiveServer } from "../support/liveServer.ts";

const desk = new Desk();
afterAll(() => desk.close());
desk.write("train.py", "print('trained')\n");

const GOOD = `script: train.py
arguments: [--epochs, 5]
target: local
environment:
  python:
    userManagedDependencies: true
    interpreterPath: python3
`;

async function submitWith(text: string, ...more: readonly string[]) {
  desk.write(".azureml/mine.runconfig", text);
  return desk.switchyard("run", "submit-script", "-c", "mine", ...more);
}

describe("a run configuration with", () => {
  it.each([
    ["a list where a text belongs", "script: train.py", "script: [train.py]", 1, /script: expected a text, came a list/],
    [
      "a text where a truth value belongs",
      "userManagedDependencies: true",
      "userManagedDependencies: perhaps",
      6,
      /userManagedDependencies.*true/,
    ],
    ["a mapping where a list belongs", "[--epochs, 5]", "{--epochs: 5}", 2, /arguments.*list/],
  ])("%s is refused", async (_what, good, bad, line, words) => {
    const { code, stderr } = await submitWith(GOOD.replace(good, bad));
    expect(stderr).toMatch(new RegExp(`mine\\.runconfig:${line}:\\d+: error`));
    expect(stderr.split("\n").find((each) => each.includes(`mine.runconfig:${line}:`))).toMatch(words);
    expect(code).toBe(2);
  });

  it("a duplicate key: both lines are named", async () => {
    const { code, stderr } = await submitWith(`${GOOD}target: local\n`);
    expect(code).toBe(2);
    expect(stderr).toMatch(/mine\.runconfig:8:\d+: error.*target.*\b3\b/);
  });

  it("broken YAML", async () => {
    const { code, stderr } = await submitWith(`${GOOD}history: [\n`);
    expect(code).toBe(2);
    expect(stderr).toMatch(/mine\.runconfig:[89]:\d+: error/);
  });

  it("none of these mistakes started a server or made a run", () => {
    expect(existsSync(join(desk.home, "server.json"))).toBe(false);
  });

  it.each([
    ["at the top", "target: local", "taget: local", 3, 'did you mean "target"'],
    ["in a section", "interpreterPath", "interpretrPath", 7, 'did you mean "interpreterPath"'],
  ])("an unknown key %s is kept, as old files need it, and told with the key that was meant", async (_where, good, bad, line, words) => {
    // what becomes of the run is not asked: without the interpreter's right key it wants a "python", which not every machine has
    const { code, stderr } = await submitWith(GOOD.replace(good, bad), "--async");
    const told = stderr.split("\n").find((each) => each.includes(`mine.runconfig:${line}:`));
    expect(told).toMatch(/:\d+: warning: /);
    expect(told).toContain(words);
    expect(code).toBe(0);
  });

  it("a name that no file has: where it was looked for is said, and which there are", async () => {
    const { code, stderr } = await desk.switchyard("run", "submit-script", "-c", "mien", "train.py");
    expect([2, 3]).toContain(code);
    expect(stderr).toContain("mien");
    expect(stderr).toContain("mine");
  });
});

it("is refused by the server too, whoever sends it", async () => {
  const server = new LiveServer();
  await server.start();
  try {
    const send = (runConfiguration: Record<string, unknown>) =>
      server.client
        .submitRun({
          params: { workspace: "default" },
          body: { experimentName: "raw", snapshotId: null, runConfiguration: runConfiguration as never },
        })
        .catch((error: unknown) => error);
    expect(await send({ script: ["train.py"] })).toMatchObject({ code: "bad_request", message: expect.stringContaining("script") });
    expect(await send({ script: "../train.py" })).toMatchObject({ code: expect.stringMatching(/path_escape|bad_request/) });
    expect(await send({ script: "train.py", target: "lcoal" })).toMatchObject({ code: "unknown_target" });
    expect((await server.client.listRuns({ params: { workspace: "default" }, query: {} })).items).toEqual([]);
  } finally {
    await server.close();
  }
});
