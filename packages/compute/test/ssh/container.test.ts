// A container on a machine behind SSH: nothing on this side knows of engines.
import { chownSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createSshDriver } from "@switchyard/compute/ssh";
import { bundleOf, Follower, SshLab, until } from "@switchyard/compute/testing";
import { busyboxImage, type DockerLab, startDocker } from "@switchyard/compute/testing/docker";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TOOLS } from "../localLab.ts";
import { inContainer } from "../supervisor/containerLab.ts";

let docker: DockerLab;
let image: string;
let machines: SshLab;
let door: Server;
let folder: string;
beforeAll(async () => {
  docker = await startDocker();
  image = await busyboxImage(docker);
  folder = mkdtempSync(join(tmpdir(), "sy-door-"));
  const environment = { DOCKER_HOST: `unix://${folder}/docker.sock` };
  machines = await SshLab.start(1, { environment });
  door = await openDoor(join(folder, "docker.sock"));
}, 120_000);
afterAll(async () => {
  await machines?.close();
  door?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The engine of the tests for the account there, which is in no group that may use it. */
async function openDoor(path: string): Promise<Server> {
  const engine = (docker.env.DOCKER_HOST ?? "").replace("unix://", "");
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const inner = connect({ path: engine, allowHalfOpen: true });
    client.pipe(inner).pipe(client);
    for (const end of [client, inner]) end.on("error", () => [client, inner].map((each) => each.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const account = accountOf();
  for (const owned of [dirname(path), path]) chownSync(owned, account, account);
  return server;
}

/** The account that logs in there owns the home in which its jobs lie. */
const accountOf = (): number => statSync(machines.host.home).uid;

it("runs the script in a container there, brings log and exit code home, and leaves outputs that belong to the account", async () => {
  // the homes of the lab's machines are seen from nowhere else, so not by the engine either
  const site = join(folder, "site");
  const driver = createSshDriver(machines.host.settings(machines.auth("key"), { siteRoot: site }), TOOLS);
  const signal = AbortSignal.timeout(60_000);
  const { container } = inContainer({ docker, image });
  const script = "echo from $(ls /bin/busybox); echo x >outputs/made; exit 3\n";
  const handle = await driver.start(bundleOf({ script, job: { container } }), signal);
  const follower = new Follower(driver, handle);
  const end = await follower.toTheEnd();
  const log = follower.text("azureml-logs/80_driver_log.txt");
  expect({ exitCode: end.exitCode, log }).toEqual({ exitCode: 3, log: "from /bin/busybox\n" });
  const made = join(site, "jobs", handle.jobId, "outputs/made");
  expect(statSync(made).uid).toBe(accountOf());
  expect(await docker.run("ps", "--all", "--quiet", "--filter", `label=switchyard.job=${handle.jobId}`)).toBe("");
  const sleeper = await driver.start(bundleOf({ script: "echo begun; exec sleep 600\n", job: { container } }), signal);
  const following = new Follower(driver, sleeper);
  await until("the script has begun", async () => {
    await following.look();
    return following.text("azureml-logs/80_driver_log.txt").includes("begun");
  });
  await driver.cancel(sleeper, 1, signal);
  expect(await following.toTheEnd()).toMatchObject({ because: "canceled" });
  expect(await docker.run("ps", "--all", "--quiet", "--filter", `label=switchyard.job=${sleeper.jobId}`)).toBe("");
});

it("says so when the engine cannot see the run's folder", async () => {
  const driver = createSshDriver(machines.host.settings(machines.auth("key"), { siteRoot: "site" }), TOOLS);
  const { container } = inContainer({ docker, image });
  const follower = new Follower(driver, await driver.start(bundleOf({ job: { container } }), AbortSignal.timeout(60_000)));
  expect(await follower.toTheEnd()).toMatchObject({ because: "container_failed" });
  expect(follower.text("azureml-logs/80_driver_log.txt")).toMatch(/The container engine does not see \/home\/trainer\/site\/jobs\/\S+: /);
});
