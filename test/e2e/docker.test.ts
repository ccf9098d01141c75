// Runs in containers, as a person has them: the template docker.runconfig, an image of one's own, and what can go wrong.
import { baseImage, type DockerLab, type PipIndex, startDocker, startPipIndex } from "@switchyard/compute/testing/docker";
import type { RunDetails, Why } from "@switchyard/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { blocksOf, commandsOf, typeAt } from "../support/guide.ts";

let docker: DockerLab;
let image: string;
let index: PipIndex;
let desk: Desk;
beforeAll(async () => {
  docker = await startDocker();
  image = await baseImage(docker, ["python3", "python3-venv"]);
  await docker.run("tag", image, GUIDE_IMAGE);
  index = await startPipIndex({ greeting: "1.5" });
  const settings = { SWITCHYARD_IMAGES: `cpu=${image}`, PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: "/dev/null" };
  desk = new Desk({ variables: { ...docker.env, ...settings } });
}, 300_000);
afterAll(async () => {
  await desk.close();
  await index.close();
});

/** the image that the guide's page names */
const GUIDE_IMAGE = "registry.example/team/train:1";
const TRAIN = `import os, sys
from azureml.core import Run
run = Run.get_context()
run.log("loss", 0.25)
with open("outputs/where.txt", "w") as file:
    file.write(sys.prefix)
print("in a container:", os.path.exists("/.dockerenv"))
`;
/** Other tests have containers on the same engine. */
const containersOf = (run: { runId: string }) => docker.run("ps", "--all", "--quiet", "--filter", `name=switchyard-${run.runId}`);
const why = (run: { runId: string }) => desk.json<Why>("run", "why", "-r", run.runId);
const logOf = async (run: { runId: string }) => {
  const ended = await desk.switchyard("run", "monitor-logs", "-r", run.runId);
  return ended.stdout + ended.stderr;
};

it("submit -c docker: the template's image is the operator's, and the conda file's packages are built into an image once", async () => {
  await desk.json("folder", "attach");
  desk.write("train.py", `import greeting; print("greeting", greeting.VERSION)\n${TRAIN}`);
  desk.write(".azureml/conda_dependencies.yml", "dependencies:\n- python\n- pip:\n  - azureml-defaults\n  - greeting\n");
  const first = await desk.submit("-c", "docker", "train.py");
  expect(first.run).toMatchObject({ status: "Completed" });
  const log = await logOf(first.run);
  expect(log).toContain("greeting 1.5");
  expect(log).toContain("in a container: True");
  const { properties } = await desk.show(first.run.runId);
  expect(properties["AzureML.DerivedImageName"]).toMatch(/^azureml\/azureml_[0-9a-f]{32}$/);
  expect(await docker.run("image", "ls", "--quiet", properties["AzureML.DerivedImageName"]!)).not.toBe("");
  const second = await desk.submit("-c", "docker", "train.py");
  expect(second.run).toMatchObject({ status: "Completed" });
  expect(second.run.warnings.join()).toContain("plain Python");
});

it("a run configuration with an image of one's own: nothing is installed, metrics and outputs come home, no container stays", async () => {
  desk.write("train.py", TRAIN);
  desk.write(".azureml/mine.runconfig", blocksOf("docker.md", "yaml")[0]!);
  const { run, code, stderr } = await desk.submit("-c", "mine");
  expect(stderr).toContain("no registry is given for baseImage; the public one is asked");
  expect({ code, status: run.status }).toEqual({ code: 0, status: "Completed" });
  expect(await logOf(run)).toContain("in a container: True");
  expect(JSON.stringify(await desk.json("run", "metrics", "-r", run.runId))).toContain("0.25");
  expect(await containersOf(run)).toBe("");
});

it("an image that cannot be had: the run fails and says which, where and what to do", async () => {
  desk.write(
    ".azureml/none.runconfig",
    `script: train.py
environment:
  python: {userManagedDependencies: true, interpreterPath: python3}
  docker: {enabled: true, baseImage: "team/none:1", baseImageRegistry: {address: "http://127.0.0.1:9/"}}
`,
  );
  const { run, code } = await desk.submit("-c", "none");
  expect(code).toBe(1);
  expect(run).toMatchObject({ status: "Failed", error: { code: "EnvironmentFailed" } });
  expect((await why(run)).summary).toMatch(/127\.0\.0\.1:9\/team\/none:1 is not on .* and cannot be pulled/);
});

it("arguments that the engine does not know: the run fails and says which", async () => {
  desk.write(
    ".azureml/bad.runconfig",
    `script: train.py
environment:
  python: {userManagedDependencies: true, interpreterPath: python3}
  docker: {enabled: true, baseImage: "${image}", arguments: [--no-such-thing]}
`,
  );
  const { run } = await desk.submit("-c", "bad");
  expect(run).toMatchObject({ status: "Failed", error: { code: "ContainerFailed" } });
  const told = await why(run);
  expect(told.summary).toContain("unknown flag: --no-such-thing");
  expect(told.hints.join()).toContain("Nothing of the script ran");
});

it("a Dockerfile by its path", async () => {
  desk.write("Dockerfile", `FROM ${image}\nRUN echo made > /etc/made-here\n`);
  desk.write("train.py", "print(open('/etc/made-here').read())\n");
  const runConfiguration = (path: string) => `script: train.py
environment:
  python: {userManagedDependencies: true, interpreterPath: python3}
  docker: {enabled: true, baseDockerfile: ${path}}
`;
  desk.write(".azureml/file.runconfig", runConfiguration("Dockerfile"));
  const { run } = await desk.submit("-c", "file");
  expect(run).toMatchObject({ status: "Completed" });
  expect(await logOf(run)).toContain("made");
  desk.write(".azureml/file.runconfig", runConfiguration("Dockerfile.none"));
  const { code, stderr } = await desk.switchyard("run", "submit-script", "-c", "file");
  expect([2, 3]).toContain(code);
  expect(stderr).toMatch(/Dockerfile\.none/);
});

it("cancel: the container ends with its run", async () => {
  desk.write("train.py", "import time\nprint('begun', flush=True)\ntime.sleep(600)\n");
  const run = await desk.json<RunDetails>("run", "submit-script", "-c", "mine", "--async", "train.py");
  await expect.poll(async () => (await desk.show(run.runId)).status, { timeout: 200_000, interval: 200 }).toBe("Running");
  await expect.poll(() => containersOf(run), { timeout: 200_000, interval: 200 }).not.toBe("");
  await desk.json("run", "cancel", "-r", run.runId);
  await expect.poll(async () => (await desk.show(run.runId)).status, { timeout: 200_000, interval: 200 }).toBe("Canceled");
  expect(await containersOf(run)).toBe("");
});

it("every command of docs/guide/docker.md works as it is written there", async () => {
  const reader = new Desk({ variables: desk.variables });
  try {
    reader.write("train.py", TRAIN);
    reader.write(".azureml/mine.runconfig", blocksOf("docker.md", "yaml")[0]!);
    for (const { line, refused } of commandsOf("docker.md")) {
      const { code, text } = await typeAt(reader, line);
      const expected = refused
        ? { line, code: expect.toBeOneOf([1, 2]), text: expect.stringContaining("Error:") }
        : { line, code: 0, text: "" };
      expect({ line, code, text: code === 0 ? "" : text }).toEqual(expected);
    }
  } finally {
    await reader.close();
  }
});
