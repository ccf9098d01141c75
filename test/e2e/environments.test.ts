// Environments that cannot be made: the run fails before its script began, and says what is wrong with which package.
import type { RunDetails, Why } from "@switchyard/protocol";
import { afterAll, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";

const desk = new Desk();
afterAll(() => desk.close());
desk.write("train.py", "open('outputs/ran', 'w').close()\n");

const why = (run: { runId: string }) => desk.json<Why>("run", "why", "-r", run.runId);
const started = (run: RunDetails) => run.attempts.some((attempt) => attempt.startTimeUtc !== null);

it("a conda file with a package that does not exist: the package is named, and nothing half-built is used again", async () => {
  desk.write("conda.yml", "dependencies:\n  - pip:\n      - switchyard-no-such-package-xyz==1.0\n");
  for (const _try of ["first", "again"]) {
    const { code, run } = await desk.submit("--conda-file", "conda.yml", "train.py");
    expect(code).toBe(1);
    expect(run).toMatchObject({ status: "Failed", error: { code: "EnvironmentFailed" } });
    expect(started(run as RunDetails)).toBe(false);
    const told = await why(run);
    expect(told.summary).toContain("switchyard-no-such-package-xyz");
    expect(told.hints.join(" ")).toContain("conda file");
    expect(told.lastLines.map(({ file }) => file)).toContain("azureml-logs/20_image_build_log.txt");
  }
});

it("a Python that is nowhere: the version is named, and what is there", async () => {
  desk.write("future.yml", "dependencies:\n  - python=3.99\n");
  const { code, run } = await desk.submit("--conda-file", "future.yml", "train.py");
  expect(code).toBe(1);
  expect(run.error).toMatchObject({ code: "EnvironmentFailed" });
  expect((await why(run)).summary).toMatch(/3\.99/);
});

it.each([
  ["is missing", null, /none\.yml/],
  ["is not YAML", "dependencies: [", /none\.yml:\d+/],
  ["has no list of dependencies", "dependencies: 5\n", /none\.yml:1:.*dependencies/],
])("a conda file that %s is refused before anything is sent", async (_what, text, words) => {
  if (text !== null) desk.write("none.yml", text);
  const { code, stderr } = await desk.switchyard("submit", "--conda-file", "none.yml", "train.py");
  expect([2, 3]).toContain(code);
  expect(stderr).toMatch(words);
});

it("a registered environment is used by its name, from the run configuration and from the command line", async () => {
  const environment = {
    name: "mine",
    python: { userManagedDependencies: true, interpreterPath: "python3" },
    environmentVariables: { A: "b" },
  };
  desk.write("mine/azureml_environment.json", JSON.stringify(environment));
  await desk.json("environment", "register", "-d", "mine");
  desk.write("named.py", "import os\nassert os.environ['A'] == 'b'\n");
  desk.write(".azureml/named.runconfig", "script: named.py\nenvironment: {name: mine, version: '1'}\n");
  for (const words of [
    ["-c", "named"],
    ["--environment", "mine:1", "named.py"],
  ]) {
    const { code, run } = await desk.submit(...words);
    expect({ code, environment: run.environment }).toEqual({ code: 0, environment: { name: "mine", version: "1" } });
  }
  expect(await desk.json("environment", "show", "-n", "mine")).toMatchObject({ version: "1" });
});

it.each([
  ["name", "mime", "mime"],
  ["version", "mine:7", "of version 7"],
])("an environment of a %s that was not registered is not found", async (_what, named, words) => {
  const { code, stderr } = await desk.switchyard("submit", "--environment", named, "train.py");
  expect(code).toBe(3);
  expect(stderr).toContain(words);
});
