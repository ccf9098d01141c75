// Managed clusters on Slurm, through HTTP, against a real Slurm on this machine.
import { SlurmLab } from "@switchyard/compute/testing";
import type { ComputeNode, ComputeTarget, Run } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { TemporaryServer } from "./support/temporaryServer.ts";

const WS = "/workspaces/default";
let lab: SlurmLab;
let server: TemporaryServer;
const before = process.env.SLURM_CONF;
beforeAll(async () => {
  lab = await SlurmLab.start();
  Object.assign(process.env, lab.env);
  server = await TemporaryServer.start();
});
afterAll(async () => {
  await server.close();
  await lab.close();
  if (before === undefined) delete process.env.SLURM_CONF;
  else process.env.SLURM_CONF = before;
});

const create = (name: string, slurm: object, more: object = {}) =>
  server.get<ComputeTarget>("POST", `${WS}/computes`, {
    type: "amlcompute",
    name,
    settings: { backend: "slurm", vmSize: "STANDARD_D2_V2", maxNodes: 2, slurm, ...more },
  });
const settled = (name: string) =>
  eventually(async () => {
    const target = await server.get<ComputeTarget>("GET", `${WS}/computes/${name}`);
    return target.provisioningState !== "Creating" && target;
  });
const submission = async (target: string, script: string, more: object = {}) => ({
  experimentName: "slurm",
  snapshotId: await server.snapshotOf({ "run.sh": script }),
  runConfiguration: { command: ["sh", "run.sh"], target, environment: { python: { userManagedDependencies: true } }, ...more },
});
const ended = (runId: string) =>
  eventually(async () => {
    const run = await server.get<Run>("GET", `${WS}/runs/${runId}`);
    return run.endTimeUtc !== null && run;
  });
const textOf = async (runId: string, path: string) => await (await server.ask("GET", `${WS}/runs/${runId}/files/${path}`)).text();

describe("a cluster on Slurm", () => {
  it("is made when Slurm answers, shows its nodes, and carries runs", async () => {
    await create("hpc", {});
    const target = await settled("hpc");
    expect(target).toMatchObject({
      provisioningState: "Succeeded",
      healthy: true,
      status: { allocationState: "Steady", currentNodeCount: lab.nodes.length },
    });
    const nodes = await server.get<ComputeNode[]>("GET", `${WS}/computes/hpc/nodes`);
    expect(nodes.map(({ nodeId, nodeState }) => [nodeId, nodeState])).toEqual(lab.nodes.map((name) => [name, "idle"]));
    const { runId } = await server.get<Run>(
      "POST",
      `${WS}/runs`,
      await submission("hpc", 'echo "node $SLURMD_NODENAME"; mkdir -p outputs; echo m > outputs/m'),
    );
    expect(await ended(runId)).toMatchObject({ status: "Completed", target: "hpc", attempts: [{ number: 1, exitCode: 0 }] });
    expect(await textOf(runId, "azureml-logs/80_driver_log.txt")).toMatch(/^node n\d\n$/);
    expect(await textOf(runId, "outputs/m")).toBe("m\n");
  });

  it("that names an unknown partition is Failed and says which there are", async () => {
    await create("nowhere", { partition: "gpu-of-dreams" });
    const target = await settled("nowhere");
    expect(target.provisioningState).toBe("Failed");
    expect(target.provisioningErrors[0]?.message).toMatch(/gpu-of-dreams/);
    await server.get("DELETE", `${WS}/computes/nowhere`);
    await eventually(async () => (await server.ask("GET", `${WS}/computes/nowhere`)).status === 404);
  });

  it("refuses at once what can never work", async () => {
    const problem = (settings: object) =>
      server.problem("POST", `${WS}/computes`, {
        type: "amlcompute",
        name: "bad",
        settings: { backend: "slurm", vmSize: "STANDARD_D2_V2", ...settings },
      });
    expect(await problem({ vmSize: "STANDARD_D2_V3000" })).toMatchObject({
      code: "bad_request",
      detail: expect.stringContaining("STANDARD_D2_V"),
    });
    expect(await problem({ minNodes: 3, maxNodes: 2 })).toMatchObject({ code: "bad_request" });
    await create("two", {});
    await settled("two");
    const three = await submission("two", "true", { nodeCount: 3 });
    expect(await server.problem("POST", `${WS}/runs`, three)).toMatchObject({
      code: "job_rejected",
      detail: expect.stringMatching(/at most 2/),
    });
  });

  it("tells in words why Slurm does not take a run", async () => {
    await create("strange", { options: ["--constraint=a100"] });
    await settled("strange");
    const { runId } = await server.get<Run>("POST", `${WS}/runs`, await submission("strange", "true"));
    const run = await ended(runId);
    expect(run).toMatchObject({ status: "Failed", error: { code: "JobRejected" } });
    expect(run.error?.message).toMatch(/feature|a100/i);
  });
});
