// What a person reads when a run cannot have its container.
import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { JobContainer } from "@switchyard/protocol";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import {
  CONTROL_LOG,
  type ContainerLab,
  containerSite,
  containersOf,
  DRIVER_LOG,
  inContainer,
  MINUTES_5,
  python,
  shell,
  startContainerLab,
  uniqueName,
} from "./containerLab.ts";
import { eventually, find, type JobOptions, type TestJob, type TestSite } from "./harness.ts";

let lab: ContainerLab;
let site: TestSite;
beforeAll(async () => {
  lab = await startContainerLab();
}, MINUTES_5);
beforeEach(() => {
  site = containerSite(lab, "dash");
});
afterEach(() => site.clean());

const place = (container: Partial<JobContainer> = {}, more: JobOptions = shell("echo ran")) =>
  site.place(uniqueName("error"), { ...more, ...inContainer(lab, container) });
const said = (job: TestJob) => job.read(DRIVER_LOG);

/** Runs it to its end and gives what the script's log then says. */
async function fails(job: TestJob, because: string): Promise<string> {
  expect(await job.run()).toMatchObject({ because, exitCode: null });
  expect(await containersOf(lab, job)).toEqual([]);
  expect(job.read(CONTROL_LOG)).toContain(said(job).replace("Switchyard: ", "").trim());
  return said(job);
}

/** As on a machine without any container engine. */
function hideEngines(): void {
  const folder = join(site.tools, "all");
  execFileSync("mkdir", [folder]);
  for (const path of (process.env.PATH ?? "").split(":").filter(existsSync)) {
    spawnSync("sh", ["-c", 'ln -s "$0"/* "$1"/ 2>/dev/null; rm -f "$1"/docker* "$1"/podman*', path, folder]);
  }
  site.variables.PATH = `${site.tools}:${folder}`;
}

it("no engine: says what to install where", async () => {
  hideEngines();
  expect(await fails(place(), "container_failed")).toMatch(/docker or podman was not found on \S+\. Install Docker or Podman there/);
  site.variables.SWITCHYARD_DOCKER = "/opt/nowhere/docker";
  expect(await fails(place(), "container_failed")).toMatch(/\/opt\/nowhere\/docker was not found/);
});

it("an engine that does not run", async () => {
  site.variables.DOCKER_HOST = `unix://${site.root}/none.sock`;
  expect(await fails(place(), "container_failed")).toMatch(
    /does not run: .*Start it \(for Docker: systemctl start docker\), or set DOCKER_HOST/,
  );
});

it("an engine that does not run, and another one that does: the other is taken", async () => {
  const host = site.variables.DOCKER_HOST;
  delete site.variables.DOCKER_HOST;
  const tool = (name: string, text: string) => writeFileSync(join(site.tools, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const real = execFileSync("sh", ["-c", "command -v docker"], { encoding: "utf8" }).trim();
  tool("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
  tool("podman", `DOCKER_HOST='${host}' exec '${real}' "$@"`);
  const job = place();
  expect(await job.run(), said(job)).toMatchObject({ exitCode: 0 });
});

it("an image that is nowhere", async () => {
  const job = place({ image: "127.0.0.1:9/team/none:1" });
  expect(await fails(job, "environment_failed")).toMatch(
    /The image 127\.0\.0\.1:9\/team\/none:1 is not on \S+ and cannot be pulled: .*refused/,
  );
});

it.each([
  ["an option that there is not", ["--no-such-option", "1"], /does not accept the container arguments .*unknown flag: --no-such-option/],
  ["two words in one item", ["--memory 64m"], /does not accept the container arguments .*unknown flag: --memory 64m.*each word is an item/],
  ["a value that is none", ["--memory", "much"], /does not accept the container arguments .*much/],
  ["a folder that is not there", ["--mount", "type=bind,source=/no/such,target=/data"], /bind source path does not exist: \/no\/such/],
])("%s among the arguments", async (_what, words, expected) => {
  expect(await fails(place({ arguments: words }), "container_failed")).toMatch(expected);
});

it("a word that is no option is not taken for the image", async () => {
  expect(await fails(place({ arguments: [lab.image] }), "container_failed")).toMatch(/is no option, so the engine took it for the image/);
});

it("a shared memory that is no size", async () => {
  expect(await fails(place({ shmSize: "lots" }), "container_failed")).toMatch(/shmSize.*lots/);
});

it("an image without a shell, and one without Python", async () => {
  const without = async (what: string) => {
    const tag = `switchyard-test/without:${uniqueName("x")}`;
    const folder = mkdtempSync(join(tmpdir(), "switchyard-image-"));
    execFileSync("sh", ["-c", `printf 'FROM %s\\nRUN rm -f %s\\n' '${lab.image}' '${what}' >Dockerfile`], { cwd: folder });
    await lab.docker.run("build", "--network", "host", "--tag", tag, folder);
    rmSync(folder, { recursive: true });
    return tag;
  };
  const noShell = place({ image: await without("/bin/sh /usr/bin/sh") });
  expect(await fails(noShell, "container_failed")).toContain("The image has no shell sh, which a run needs in it.");
  const noPython = place({ image: await without("/usr/bin/python3") }, python("print(1)"));
  expect(await fails(noPython, "interpreter_missing")).toContain(
    'The Python interpreter "python3" was not found or cannot be executed in the image.',
  );
});

it("a script that is not in the snapshot, a command that the image has not", async () => {
  const script: JobOptions = { command: { kind: "python", script: "none.py", arguments: [] } };
  expect(await fails(place({}, script), "script_missing")).toContain('"none.py" is not in the snapshot');
  const command: JobOptions = { command: { kind: "command", argv: ["no-such-command"] } };
  expect(await fails(place({}, command), "interpreter_missing")).toContain('The command "no-such-command" was not found in the image.');
});

/** Another account of this machine; with the groups it is in. */
const asAccount = (groups: readonly string[]) => [
  "--reuid",
  "4711",
  "--regid",
  "4711",
  groups.length === 0 ? "--clear-groups" : `--groups=${groups.join(",")}`,
];

async function runAs(job: TestJob, groups: readonly string[]): Promise<void> {
  chownSync(dirname(site.root), 4711, 4711);
  execFileSync("chown", ["-R", "4711:4711", dirname(site.root)]);
  const words = [...asAccount(groups), site.shell, join(job.folder, ".switchyard/supervise"), "launch", job.folder];
  const { status, stderr } = spawnSync("setpriv", words, { env: { ...site.variables, HOME: site.root }, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
}

it("an account that may not use the engine is told how it may; with the right group, its files are its own", async () => {
  const socket = (lab.docker.env.DOCKER_HOST ?? "").replace("unix://", "");
  const { gid } = statSync(socket);
  const refused = place();
  await runAs(refused, []);
  expect(await refused.ended()).toMatchObject({ because: "container_failed" });
  expect(said(refused)).toMatch(/may not use the container engine on \S+: .*ermission denied.* Add it to the engine's group/);
  const text =
    "open('outputs/mine', 'w').write('x'); import os; os.makedirs('outputs/deep'); print(os.getuid(), os.getgid(), os.access(os.environ['HOME'], os.W_OK))";
  const allowed = place({}, python(text));
  await runAs(allowed, [String(gid)]);
  expect(await allowed.ended()).toMatchObject({ exitCode: 0 });
  expect(said(allowed)).toBe("4711 4711 True\n");
  for (const path of ["outputs/mine", "outputs/deep", ".switchyard/attempts/1/azureml-logs/80_driver_log.txt"]) {
    expect([path, statSync(join(allowed.folder, path)).uid]).toEqual([path, 4711]);
  }
});

it("GPUs are handed on where the engine can, by the engine's own flag, unless the arguments choose", async () => {
  // no GPU here: a client that says it has the runtime, notes what it is asked, and lets the engine do the rest
  const real = find("docker");
  const client = `#!/bin/sh
[ "$1" != info ] || { echo '["name=seccomp"] {"nvidia":{"path":"nvidia-container-runtime"}}'; exit; }
[ "$1" != create ] || { echo "$*" >>'${site.root}/asked'; for word do shift; case $word in --gpus|all) ;; *) set -- "$@" "$word" ;; esac; done; }
exec '${real}' "$@"
`;
  site.addTool("gpu-docker", client);
  site.variables.SWITCHYARD_DOCKER = join(site.tools, "gpu-docker");
  const asked = () => execFileSync("tail", ["-n", "1", join(site.root, "asked")], { encoding: "utf8" });
  expect(await place({ gpu: "wanted" }).run()).toMatchObject({ exitCode: 0 });
  expect(asked()).toContain(" --gpus all ");
  expect(await place({ arguments: ["--gpus", "device=1"] }).run()).toBeTruthy();
  expect(asked()).not.toContain("--gpus all");
});

it("an engine that is gone when the run ends: the end comes all the same, and the container is named", async () => {
  const broken = join(site.root, "broken");
  site.addTool(
    "flaky",
    `#!/bin/sh\n[ ! -e '${broken}' ] || { echo 'Cannot connect to the Docker daemon' >&2; exit 1; }\nexec '${find("docker")}' "$@"\n`,
  );
  site.variables.SWITCHYARD_DOCKER = join(site.tools, "flaky");
  const job = place({}, shell("echo ready; exec sleep 600"));
  await job.launch();
  await eventually("it runs", () => said(job).includes("ready"));
  site.touch(broken);
  await site.supervise("stop", job.folder, "0", "canceled");
  expect(await job.ended(1, 60)).toMatchObject({ because: "canceled" });
  expect(job.read(CONTROL_LOG)).toMatch(/could not be removed .*rm -f switchyard-/);
  await lab.docker.run("rm", "--force", `switchyard-${job.job.jobId}-1`);
});
