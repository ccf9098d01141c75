// Managed clusters on Slurm, through HTTP, against a real Slurm on this machine.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SlurmLab } from "@switchyard/compute/testing";
import {
  batchAiStatus,
  type ClusterStatus,
  type ComputeNode,
  type ComputeTarget,
  clusterStatus,
  type Run,
  type Why,
} from "@switchyard/protocol";
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

  it("has no more nodes at once than it may, and a larger run is not passed by smaller ones", async () => {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-slurm-gate-"));
    const hold = `n=0; while [ ! -e '${folder}/open' ] && [ $n -lt 1200 ]; do sleep 0.05; n=$((n + 1)); done`;
    await create("bound", {}, { maxNodes: 2 });
    await settled("bound");
    const submit = async (script: string, more: object = {}) =>
      (await server.get<Run>("POST", `${WS}/runs`, await submission("bound", script, more))).runId;
    const first = await submit(hold);
    await eventually(async () => (await server.get<Run>("GET", `${WS}/runs/${first}`)).status === "Running");
    const large = await submit("exit 0", { nodeCount: 2 });
    const small = await submit("exit 0");
    const why = (runId: string) => server.get<Why>("GET", `${WS}/runs/${runId}/why`);
    await eventually(async () => /may have 2 nodes of "bound" at once/.test((await why(small)).summary));
    expect((await why(large)).summary).toContain(`${first} has some of them`);
    expect((await lab.run("squeue", "-h", "-o", "%j")).split("\n").filter((name) => name.includes(large) || name.includes(small))).toEqual(
      [],
    );
    writeFileSync(join(folder, "open"), "");
    const runs = await Promise.all([first, large, small].map(ended));
    expect(runs.map(({ status }) => status)).toEqual(["Completed", "Completed", "Completed"]);
    expect(Date.parse(runs[2]?.startTimeUtc ?? "")).toBeGreaterThanOrEqual(Date.parse(runs[1]?.startTimeUtc ?? ""));
    rmSync(folder, { recursive: true });
  });

  it("shows the status of its type, and since when its nodes have stood as they do", async () => {
    const target = await eventually(async () => {
      const seen = await server.get<ComputeTarget>("GET", `${WS}/computes/hpc`);
      return (seen.status as unknown as ClusterStatus).allocationState === "Steady" && seen;
    });
    expect(clusterStatus.parse(target.status)).toMatchObject({ vmPriority: "Dedicated", scaleSettings: { maxNodeCount: 2 } });
    await server.get("POST", `${WS}/computes`, {
      type: "batchai",
      name: "older",
      settings: { backend: "slurm", vmSize: "STANDARD_D2_V2" },
    });
    expect(batchAiStatus.parse((await settled("older")).status)).toMatchObject({
      allocationState: "steady",
      vmPriority: "dedicated",
      scaleSettings: { autoScale: { maximumNodeCount: 4 } },
    });
  });

  it("refuses changes that cannot be", async () => {
    const change = (changes: object) => server.problem("PATCH", `${WS}/computes/hpc`, changes);
    expect(await change({ minNodes: 50 })).toMatchObject({ code: "bad_request", detail: expect.stringContaining("min_nodes: 50") });
    expect(await change({ maxConcurrentRuns: 7 })).toMatchObject({ code: "bad_request", detail: expect.stringContaining("max_nodes") });
    expect(await server.get("PATCH", `${WS}/computes/hpc`, { maxNodes: 3 })).toMatchObject({ settings: { maxNodes: 3 } });
    await server.get("PATCH", `${WS}/computes/hpc`, { maxNodes: 2 });
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
