// Images that only somebody with a password gets, from a real registry.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REGISTRY_PASSWORD_SECRET } from "@switchyard/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { busyboxImage, startDocker } from "../../src/testing/docker/index.ts";
import { freePort } from "../../src/testing/ports.ts";
import { BUILD_LOG, type ContainerLab, containerSite, DRIVER_LOG, inContainer, MINUTES_5, shell, uniqueName } from "./containerLab.ts";
import { eventually, processesOf, type TestSite } from "./harness.ts";

const PASSWORD = "hush-4711";
/** bcrypt of the password, as `htpasswd -B` makes it */
const ACCOUNT = "me:$2b$05$abcdefghijklmnopqrstuuytUdDONscKfgoFg/VA/Ex24XapSEkgm\n";

let lab: ContainerLab;
let registry: { address: string; process: ChildProcess; folder: string };
let site: TestSite;
beforeAll(async () => {
  const docker = await startDocker();
  lab = { docker, image: await busyboxImage(docker) };
  registry = await startRegistry();
  const image = `${registry.address}/team/base:1`;
  const config = join(registry.folder, "client");
  const env = { ...process.env, ...lab.docker.env, DOCKER_CONFIG: config };
  const client = async (...words: string[]) => {
    const child = spawn(lab.docker.cli, words, { env, stdio: ["pipe", "inherit", "inherit"] });
    child.stdin?.end(PASSWORD);
    expect(await once(child, "close")).toEqual([0, null]);
  };
  await client("login", "--username", "me", "--password-stdin", registry.address);
  await client("tag", lab.image, image);
  await client("push", "--quiet", image);
  await client("rmi", image);
}, MINUTES_5);
afterAll(async () => {
  registry.process.kill();
  await once(registry.process, "close");
  rmSync(registry.folder, { recursive: true });
});
beforeEach(() => {
  site = containerSite(lab, "dash");
});
afterEach(() => site.clean());

async function startRegistry(): Promise<typeof registry> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-registry-"));
  const port = await freePort();
  writeFileSync(join(folder, "accounts"), ACCOUNT);
  const config = {
    version: 0.1,
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "storage") } },
    http: { addr: `127.0.0.1:${port}` },
    auth: { htpasswd: { realm: "tests", path: join(folder, "accounts") } },
  };
  writeFileSync(join(folder, "config.yml"), JSON.stringify(config));
  const process = spawn("docker-registry", ["serve", join(folder, "config.yml")], { stdio: "ignore" });
  const address = `127.0.0.1:${port}`;
  let answers = false;
  const ask = setInterval(() => void fetch(`http://${address}/v2/`).then(({ status }) => (answers = status === 401), () => {}), 100); // biome-ignore format: one line
  await eventually("the registry answers", () => answers);
  clearInterval(ask);
  return { address, process, folder };
}

function place(id: string, password: string | null) {
  const options = inContainer(lab, { image: `${registry.address}/team/base:1`, registry: { address: registry.address, username: "me" } });
  const secrets = password === null ? {} : { [REGISTRY_PASSWORD_SECRET]: password };
  return site.place(uniqueName(id), { ...shell(`echo "[\${${REGISTRY_PASSWORD_SECRET}-}]"`), ...options, secrets });
}

it("pulls with the password of the bundle, which neither the script nor a log gets, and keeps no log-in", async () => {
  const job = place("private", PASSWORD);
  await job.launch();
  const seen = new Set<string>();
  const watch = setInterval(() => {
    for (const pid of processesOf(job.folder)) seen.add(commandLineOf(pid));
  }, 5);
  expect(await job.ended()).toMatchObject({ exitCode: 0 });
  clearInterval(watch);
  expect([...seen].join("\n")).not.toContain(PASSWORD);
  expect(job.read(DRIVER_LOG)).toBe("[]\n");
  for (const log of [BUILD_LOG, "azureml-logs/60_control_log.txt", "events.jsonl"]) expect(job.read(log)).not.toContain(PASSWORD);
  expect(existsSync(join(job.folder, ".switchyard/registry"))).toBe(false);
  await lab.docker.run("rmi", `${registry.address}/team/base:1`);
});

it("names who was not let in where, with a wrong password", async () => {
  const job = place("wrong", "wrong-4712");
  expect(await job.run()).toMatchObject({ because: "environment_failed" });
  expect(job.read(DRIVER_LOG)).toMatch(new RegExp(`The registry ${registry.address} does not let me in: .*[Uu]nauthorized`));
  expect(existsSync(join(job.folder, ".switchyard/registry"))).toBe(false);
});

it("says how to log in, without a password", async () => {
  const job = place("none", null);
  expect(await job.run()).toMatchObject({ because: "environment_failed" });
  expect(job.read(DRIVER_LOG)).toMatch(/cannot be pulled: .*log in with "docker login"/);
});

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
