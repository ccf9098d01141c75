// A managed cluster that takes the runs of several people, each in a container of its own.
import { join } from "node:path";
import { busyboxImage, type DockerLab, startDocker } from "@switchyard/compute/testing/docker";
import type { ComputeTarget, Run } from "@switchyard/protocol";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cluster, create, ended, logOf, server, serverWith, submission, useClusterServer, WS } from "./support/clusters.ts";
import { eventually } from "./support/eventually.ts";

let docker: DockerLab;
let image: string;
beforeAll(async () => {
  docker = await startDocker();
  image = await busyboxImage(docker);
}, 300_000);

useClusterServer();
const before = process.env;
beforeEach(async () => {
  process.env = { ...before, ...docker.env };
  await serverWith({ images: { cpu: image } });
});
afterEach(() => {
  process.env = before;
});

/** The headers of somebody who is not the home's owner. */
const somebodyElse = async (user: string) => {
  const { secret } = await server.get<{ secret: string }>("POST", "/tokens", { note: user, user });
  return { authorization: `Bearer ${secret}` };
};

describe("a cluster whose runs are in containers", () => {
  it("takes everybody's runs, and none sees what another has", async () => {
    await create({ isolation: "containers" });
    const mine = await server.get<Run>("POST", `${WS}/runs`, await submission("echo mine >outputs/mine; ls /proc/1 >/dev/null; pwd"));
    expect(await ended(mine.runId)).toMatchObject({ status: "Completed" });
    const folder = (await logOf(mine.runId)).trim();
    const bob = await somebodyElse("bob");
    const spy = `ls ${folder} ${server.home} 2>&1; cat ${join(server.home, "token")} 2>/dev/null; grep CapEff /proc/self/status; echo bob`;
    const theirs = await server.get<Run>("POST", `${WS}/runs`, await submission(spy), bob);
    expect(await ended(theirs.runId)).toMatchObject({ status: "Completed" });
    const log = await logOf(theirs.runId);
    expect(log).toMatch(/bob\n$/);
    expect(log).toMatch(/CapEff:\s+0{16}\n/);
    expect(log).not.toContain("mine");
    expect(log).not.toContain(server.server.token);
    // no folder of the home is there but those above the run's own
    expect(log).toMatch(/No such file or directory/);
  });

  it("takes no words of a person's own for the container, and none when it is on Slurm", async () => {
    await create({ isolation: "containers" });
    const wayOut = { docker: { useDocker: true, arguments: ["--privileged"] } };
    expect(await server.problem("POST", `${WS}/runs`, await submission("exit 0", wayOut))).toMatchObject({
      code: "job_rejected",
      detail: expect.stringMatching(/docker\.arguments: --privileged.*remove them/),
    });
    const settings = { vmSize: "STANDARD_D2_V2", backend: "slurm", isolation: "containers" };
    expect(await server.problem("POST", `${WS}/computes`, { type: "amlcompute", name: "hpc", settings })).toMatchObject({
      code: "bad_request",
      detail: expect.stringContaining("local backend only"),
    });
  });

  it("limits a run to what its nodes have", async () => {
    await create({ isolation: "containers", vmSize: "Standard_A1_v2", maxNodes: 2 });
    const script = "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | head -n 1";
    const run = await server.get<Run>("POST", `${WS}/runs`, await submission(script));
    expect(await ended(run.runId)).toMatchObject({ status: "Completed" });
    expect(Number(await logOf(run.runId))).toBe(2 * 1024 ** 3);
  });

  it("cannot be made where there is no engine, and says what to do", async () => {
    process.env.SWITCHYARD_DOCKER = "/nowhere/docker";
    await server.get("POST", `${WS}/computes`, {
      type: "amlcompute",
      name: "cluster",
      settings: { vmSize: "STANDARD_D2_V2", isolation: "containers" },
    });
    const target = await eventually(async () => {
      const seen: ComputeTarget = await cluster();
      return seen.provisioningState === "Failed" && seen;
    });
    expect(target.provisioningErrors).toMatchObject([
      { message: expect.stringMatching(/no \/nowhere\/docker\. Install Docker or Podman/) },
    ]);
  });
});
