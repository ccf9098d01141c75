// The same runs with Podman, which has no daemon: what differs between the engines.
import type { JobEnvironment } from "@switchyard/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { baseImage, startPipIndex, startPodman } from "../../src/testing/docker/index.ts";
import {
  BUILD_LOG,
  CONTROL_LOG,
  type ContainerLab,
  containerSite,
  containersOf,
  DRIVER_LOG,
  inContainer,
  MINUTES_5,
  python,
  shell,
  uniqueName,
} from "./containerLab.ts";
import { eventually, isAlive, type JobOptions, kill, type TestJob, type TestSite } from "./harness.ts";

let lab: ContainerLab;
let site: TestSite;
beforeAll(async () => {
  const docker = await startPodman();
  lab = { docker, image: await baseImage(docker, ["python3", "python3-venv"]) };
}, MINUTES_5);
afterAll(() => lab.docker.close(), MINUTES_5);
beforeEach(() => {
  site = containerSite(lab, "dash");
  site.variables.SWITCHYARD_DOCKER = lab.docker.cli;
});
afterEach(() => site.clean());

const place = (id: string, options: JobOptions) => site.place(uniqueName(id), { ...inContainer(lab), ...options });
const log = (job: TestJob) => job.read(DRIVER_LOG);

it("runs a script with its variables and passes the exit code on", async () => {
  const job = place("all", { ...python("import os, sys; print(os.environ['A']); sys.exit(7)"), variables: { A: "a b" } });
  expect(await job.run()).toMatchObject({ exitCode: 7, because: null });
  expect(log(job)).toBe("a b\n");
  expect(job.read(CONTROL_LOG)).toContain("Made the container");
  expect(await containersOf(lab, job)).toEqual([]);
});

it("stops a script with grace, and one that nobody watches any more", async () => {
  const script = "trap 'echo asked; exit 5' TERM; echo ready; while :; do sleep 0.05; done";
  const graceful = place("graceful", shell(script));
  await graceful.launch();
  await eventually("it runs", () => log(graceful).includes("ready"));
  await site.supervise("stop", graceful.folder, "20", "canceled");
  expect(await graceful.ended()).toMatchObject({ exitCode: 5, because: "canceled" });
  const orphan = place("orphan", shell("echo ready; exec sleep 600"));
  await orphan.launch();
  const { supervisor, waiter, script: watcher } = await orphan.pids();
  await eventually("it runs", () => log(orphan).includes("ready"));
  kill(supervisor, waiter, watcher);
  await eventually("they are gone", () => ![supervisor, waiter, watcher].some(isAlive));
  expect((await site.supervise("finish", orphan.folder, "1")).code).toBe(3);
  await site.supervise("stop", orphan.folder, "1", "canceled");
  expect(await orphan.ended()).toMatchObject({ because: "canceled" });
  for (const job of [graceful, orphan]) expect(await containersOf(lab, job)).toEqual([]);
});

it("builds the packages of a system-managed environment into an image", async () => {
  const index = await startPipIndex({ greeting: "1.5" });
  Object.assign(site.variables, { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: "/dev/null" });
  const builtAs = `azureml_${"0123456789abcdef".repeat(2)}`;
  const requirements = "greeting\n";
  const environment: JobEnvironment = {
    kind: "system",
    name: builtAs,
    conda: "",
    requirements,
    whyNotPip: null,
    python: null,
    mayBuild: true,
  };
  const options = { ...python("import greeting; print(greeting.VERSION)"), environment, requirements, ...inContainer(lab, { builtAs }) };
  for (const id of ["first", "second"]) {
    const job = place(id, options);
    expect(await job.run()).toMatchObject({ exitCode: 0 });
    expect(log(job)).toBe("1.5\n");
    expect(job.read(BUILD_LOG)).toContain(id === "first" ? "Successfully installed greeting-1.5" : "was built before");
  }
  await index.close();
});

it("explains what cannot be", async () => {
  const missing = place("missing", { ...shell("true"), ...inContainer(lab, { image: "127.0.0.1:9/team/none:1" }) });
  expect(await missing.run()).toMatchObject({ because: "environment_failed" });
  expect(log(missing)).toMatch(/127\.0\.0\.1:9\/team\/none:1 is not on \S+ and cannot be pulled/);
  const unknown = place("unknown", { ...shell("true"), ...inContainer(lab, { arguments: ["--no-such-option"] }) });
  expect(await unknown.run()).toMatchObject({ because: "container_failed" });
  expect(log(unknown)).toMatch(/does not accept the container arguments .*unknown flag: --no-such-option/);
  const command = place("command", { command: { kind: "command", argv: ["no-such-command"] } });
  expect(await command.run()).toMatchObject({ because: "interpreter_missing" });
});
