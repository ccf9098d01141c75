// Managed clusters over HTTP, on a whole server with real nodes.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterStatus, ComputeNode, ComputeTarget, Run, VmSize, Why } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { TemporaryServer } from "./support/temporaryServer.ts";

const WS = "/workspaces/default";
let server: TemporaryServer;
let signals: string;
beforeEach(async () => {
  server = await TemporaryServer.start();
  signals = mkdtempSync(join(tmpdir(), "switchyard-signals-"));
});
afterEach(async () => {
  go("all");
  for (const { name, type } of await server.get<ComputeTarget[]>("GET", `${WS}/computes`)) {
    if (type === "local") continue;
    for (const run of await openRuns()) await server.ask("POST", `${WS}/runs/${run}/cancel`, { graceSeconds: 0 });
    await eventually(async () => (await server.ask("DELETE", `${WS}/computes/${name}`)).ok);
    await eventually(async () => (await server.ask("GET", `${WS}/computes/${name}`)).status === 404);
  }
  expect(keepers()).toEqual([]);
  await server.close();
  rmSync(signals, { recursive: true, force: true });
});

const openRuns = async () =>
  (await server.get<{ items: Run[] }>("GET", `${WS}/runs?limit=500`)).items.flatMap(({ runId, endTimeUtc }) => (endTimeUtc ? [] : [runId]));
const go = (name: string) => writeFileSync(join(signals, name), "");
/** Waits for `go(name)` or the end of the test, at most two minutes. */
const untilGo = (name: string) =>
  `n=0; while [ ! -e '${signals}/${name}' ] && [ ! -e '${signals}/all' ] && [ $n -lt 2400 ]; do sleep 0.05; n=$((n + 1)); done`;

const create = async (settings: object = {}, name = "cluster", type = "amlcompute") => {
  const body = { type, name, settings: { vmSize: "STANDARD_D2_V2", maxNodes: 2, idleSecondsBeforeScaledown: 1, ...settings } };
  await server.get("POST", `${WS}/computes`, body);
  return await eventually(async () => {
    const target = await cluster(name);
    return target.provisioningState === "Succeeded" && target;
  });
};
const cluster = (name = "cluster") => server.get<ComputeTarget>("GET", `${WS}/computes/${name}`);
const statusOf = async (name?: string) => (await cluster(name)).status as unknown as ClusterStatus;
const nodes = (name = "cluster") => server.get<ComputeNode[]>("GET", `${WS}/computes/${name}/nodes`);
const submission = async (script: string, more: object = {}) => ({
  experimentName: "clusters",
  snapshotId: await server.snapshotOf({ "run.sh": script }),
  runConfiguration: {
    command: ["sh", "run.sh"],
    target: "cluster",
    environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
    ...more,
  },
});
const submit = async (script: string, more: object = {}) =>
  (await server.get<Run>("POST", `${WS}/runs`, await submission(script, more))).runId;
const getRun = (runId: string) => server.get<Run>("GET", `${WS}/runs/${runId}`);
const ended = (runId: string) =>
  eventually(async () => {
    const run = await getRun(runId);
    return run.endTimeUtc !== null && run;
  });
const running = (runId: string) => eventually(async () => (await getRun(runId)).status === "Running");
const whyOf = async (runId: string) => (await server.get<Why>("GET", `${WS}/runs/${runId}/why`)).summary;
const logOf = async (runId: string) => await (await server.ask("GET", `${WS}/runs/${runId}/files/azureml-logs/80_driver_log.txt`)).text();
const nodeFolders = (home = server.home) => {
  const folder = join(home, "site/nodes");
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith(".")) : [];
};
/** Process numbers of the keepers of this server's home. */
const keepers = (home = server.home): number[] =>
  execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes("keeper.sh") && line.includes(home))
    .map((line) => Number.parseInt(line, 10));
const keeperOf = (nodeId: string) => Number(readFileSync(join(server.home, "site/nodes", nodeId, "keeper"), "utf8").split(" ")[0]);

describe("a managed cluster", () => {
  it("grows from nothing for its runs, goes no further than it may, and shrinks when it was idle for long enough", async () => {
    const made = await create();
    expect(made).toMatchObject({ computeType: "AmlCompute", healthy: true, status: { currentNodeCount: 0, allocationState: "Steady" } });
    const runs = [await submit(untilGo("first")), await submit(untilGo("second")), await submit("echo third")];
    await Promise.all(runs.slice(0, 2).map(running));
    expect(await statusOf()).toMatchObject({ currentNodeCount: 2, targetNodeCount: 2, nodeStateCounts: { runningNodeCount: 2 } });
    expect((await nodes()).map(({ nodeState, runId, privateIpAddress }) => [nodeState, runId, privateIpAddress]).sort()).toEqual(
      runs
        .slice(0, 2)
        .map((id) => ["running", id, "127.0.0.1"])
        .sort(),
    );
    expect(await whyOf(runs[2]!)).toMatch(/waits for 1 more: 1 busy with run \S+, 1 busy with run \S+\. It is the next in line/);
    expect(keepers()).toHaveLength(2);
    go("first");
    expect(await ended(runs[2]!)).toMatchObject({ status: "Completed" });
    expect(await logOf(runs[2]!)).toBe("third\n");
    go("second");
    await ended(runs[1]!);
    const shrunk = await eventually(async () => {
      const status = await statusOf();
      return status.currentNodeCount === 0 && status.allocationState === "Steady" && status;
    });
    expect(shrunk).toMatchObject({ targetNodeCount: 0, scaleSettings: { maxNodeCount: 2 } });
    expect(nodeFolders()).toEqual([]);
    expect(keepers()).toEqual([]);
  });

  it("keeps its fewest nodes, and follows an update of its scale", async () => {
    await create({ minNodes: 1, maxNodes: 1 });
    await eventually(async () => (await statusOf()).nodeStateCounts.idleNodeCount === 1);
    const [kept] = await nodes();
    const first = await submit(untilGo("first"));
    const second = await submit("exit 0");
    await running(first);
    expect(await whyOf(second)).toContain("It is the next in line");
    const changed = await server.get<ComputeTarget>("PATCH", `${WS}/computes/cluster`, { maxNodes: 2, idleSecondsBeforeScaledown: 2 });
    expect(changed.status).toMatchObject({ scaleSettings: { maxNodeCount: 2, nodeIdleTimeBeforeScaleDown: "PT2S" } });
    expect(await ended(second)).toMatchObject({ status: "Completed" });
    go("first");
    await ended(first);
    await eventually(async () => (await nodes()).length === 1);
    await server.get("PATCH", `${WS}/computes/cluster`, { minNodes: 0 });
    await eventually(async () => (await nodes()).length === 0);
    expect(kept?.nodeId).toMatch(/^cluster-[0-9a-f]{10}$/);
  });

  it("is deleted with its nodes, but not while a run is on it", async () => {
    await create({ minNodes: 2 });
    await eventually(async () => keepers().length === 2);
    const runId = await submit(untilGo("run"));
    await running(runId);
    expect(await server.problem("DELETE", `${WS}/computes/cluster`)).toMatchObject({ code: "conflict", details: { runs: [runId] } });
    go("run");
    await ended(runId);
    await server.get("DELETE", `${WS}/computes/cluster`);
    await eventually(async () => (await server.ask("GET", `${WS}/computes/cluster`)).status === 404);
    expect(keepers()).toEqual([]);
    expect(nodeFolders()).toEqual([]);
  });

  it("frees the nodes of a run that is canceled, in line or running", async () => {
    await create({ maxNodes: 1 });
    const first = await submit(untilGo("never"));
    const second = await submit(untilGo("never"));
    await running(first);
    await server.get("POST", `${WS}/runs/${second}/cancel`, {});
    expect(await ended(second)).toMatchObject({ status: "Canceled" });
    await server.get("POST", `${WS}/runs/${first}/cancel`, { graceSeconds: 1 });
    expect(await ended(first)).toMatchObject({ status: "Canceled" });
    await eventually(async () => (await nodes()).length === 0);
  });

  it("of 2018 is the same with the words of its time", async () => {
    await create({ maxNodes: 1 }, "old", "batchai");
    expect(await cluster("old")).toMatchObject({
      computeType: "BatchAI",
      status: { allocationState: "steady", provisioningState: "succeeded", scaleSettings: { autoScale: { maximumNodeCount: 1 } } },
    });
    expect(await ended(await submit("echo hello", { target: "old" }))).toMatchObject({ status: "Completed" });
  });
});

const RESUMES = [
  'if [ -n "$SWITCHYARD_RESUME_FROM" ]; then echo "resumed at $(cat checkpoints/step)"; exit 0; fi',
  "trap 'echo 7 > checkpoints/step; exit 0' TERM",
].join("\n");

describe("a run of several nodes", () => {
  it("waits for all of them, and each of its processes knows its node", async () => {
    await create({ maxNodes: 3 });
    const alone = await submit(`echo "on $SWITCHYARD_NODE, $(basename "$SWITCHYARD_NODE_DIR"), $TMPDIR"; ${untilGo("alone")}`);
    await running(alone);
    const gang = await submit('echo "$SWITCHYARD_RANK of $SWITCHYARD_WORLD_SIZE on $SWITCHYARD_NODE"', { nodeCount: 3 });
    await eventually(async () => (await whyOf(gang)).includes("waits for"));
    expect(await whyOf(gang)).toMatch(/wants 3 nodes of "cluster" and waits for 3 more: 2 still to be made, 1 busy with run/);
    expect((await nodes()).filter(({ runId }) => runId === gang)).toEqual([]);
    const [node] = await nodes();
    go("alone");
    await ended(alone);
    expect(await logOf(alone)).toBe(
      `on ${node?.nodeId}, ${node?.nodeId}, ${join(server.home, "site/nodes", node?.nodeId as string, "tmp")}\n`,
    );
    expect(await getRun(alone)).toMatchObject({ attempts: [{ node: node?.nodeId }] });
    expect(await ended(gang)).toMatchObject({ status: "Completed" });
    const logs = await Promise.all(
      [0, 1, 2].map(
        async (rank) => await (await server.ask("GET", `${WS}/runs/${gang}/files/azureml-logs/70_driver_log_${rank}.txt`)).text(),
      ),
    );
    const names = logs.map((log, rank) => new RegExp(`^${rank} of 3 on (cluster-[0-9a-f]{10})\n$`).exec(log)?.[1]);
    expect(new Set(names).size).toBe(3);
    expect(names).toContain(node?.nodeId);
  });

  it("goes on on three nodes when one of them was lost, which alone is replaced", async () => {
    await create({ maxNodes: 3, idleSecondsBeforeScaledown: 60 });
    const again = join(signals, "again");
    const started = [0, 1, 2].map((rank) => join(signals, `started-${rank}`));
    const text = `[ ! -e '${again}' ] || exit 0\n: >'${signals}'/started-$SWITCHYARD_RANK\n${untilGo("never")}`;
    const gang = await submit(text, { nodeCount: 3 });
    await eventually(async () => started.every((file) => existsSync(file)));
    const before = (await nodes()).map(({ nodeId }) => nodeId);
    go("again");
    process.kill(keeperOf(before[1] as string), "SIGKILL");
    expect(await ended(gang)).toMatchObject({ status: "Completed", attempts: [{ because: "node_lost" }, { exitCode: 0 }] });
    const after = (await nodes()).map(({ nodeId }) => nodeId);
    expect(after.filter((id) => before.includes(id))).toHaveLength(2);
    expect(after).toHaveLength(3);
  });
});

describe("the quota of a workspace", () => {
  it("is shared by its clusters and instances: a run waits for cores that another cluster has, and says so", async () => {
    await server.close();
    server = await TemporaryServer.start({ dedicatedCoreQuota: 3 });
    await create({}, "first");
    await create({}, "second");
    const holder = await submit(untilGo("first"), { target: "first" });
    await running(holder);
    const waiting = await submit("exit 0", { target: "second" });
    await eventually(async () => (await whyOf(waiting)).includes("waits for 1 more"));
    const { hints } = await server.get<Why>("GET", `${WS}/runs/${waiting}/why`);
    expect(hints.join(" ")).toContain("core quota is used up");
    go("first");
    expect(await ended(waiting)).toMatchObject({ status: "Completed" });
    await server.get("POST", `${WS}/computes`, { type: "computeinstance", name: "instance", settings: { vmSize: "STANDARD_D2_V2" } });
    await eventually(async () => (await nodes("second")).length === 0);
    const blocked = await submit("exit 0", { target: "second" });
    await eventually(async () =>
      (await server.get<Why>("GET", `${WS}/runs/${blocked}/why`)).hints.join(" ").includes("core quota is used up"),
    );
  });
});

describe("a node that goes", () => {
  it("preempted: its run saves what it has, and goes on on another node", async () => {
    await create({ vmPriority: "lowpriority", maxNodes: 1 });
    const runId = await submit(`${RESUMES}\necho 1 > checkpoints/step\necho started; ${untilGo("never")}`);
    await eventually(async () => (await logOf(runId)) === "started\n");
    const [taken] = await nodes();
    const shown = await server.get<ComputeNode[]>("POST", `${WS}/computes/cluster/simulate-preemption`, {});
    expect(shown.map(({ nodeId }) => nodeId)).toContain(taken?.nodeId);
    const run = await ended(runId);
    expect(run).toMatchObject({ status: "Completed", attempts: [{ because: "preempted" }, { number: 2, exitCode: 0, because: null }] });
    expect(await logOf(runId)).toBe("resumed at 7\n");
    expect((await nodes()).find(({ nodeId }) => nodeId === taken?.nodeId)).toMatchObject({ nodeState: "preempted", runId: null });
  });

  it("lost: its run goes on on another one, which is made in its place at once", async () => {
    await create({ maxNodes: 2 });
    const other = await submit(untilGo("other"));
    const again = join(signals, "again");
    const runId = await submit(`[ ! -e '${again}' ] || exit 0\n: > '${again}'\necho started; ${untilGo("never")}`);
    await running(other);
    await eventually(async () => (await logOf(runId)) === "started\n");
    const node = (await nodes()).find((each) => each.runId === runId) as ComputeNode;
    process.kill(keeperOf(node.nodeId), "SIGKILL");
    const run = await ended(runId);
    expect(run).toMatchObject({ status: "Completed", attempts: [{ because: "node_lost" }, { number: 2, exitCode: 0 }] });
    expect((await nodes()).map(({ nodeId }) => nodeId)).not.toContain(node.nodeId);
    expect(await getRun(other)).toMatchObject({ status: "Running", attempts: [{ number: 1 }] });
  });

  it("idle: is replaced when the cluster has to keep it", async () => {
    await create({ minNodes: 1, maxNodes: 1 });
    const [lost] = await eventually(async () => {
      const all = await nodes();
      return all[0]?.nodeState === "idle" && all;
    });
    process.kill(keeperOf(lost?.nodeId as string), "SIGKILL");
    await eventually(async () => {
      const all = await nodes();
      return all.length === 1 && all[0]?.nodeId !== lost?.nodeId && all[0]?.nodeState === "idle";
    });
  });

  it("cannot be preempted when there is none, or no such one", async () => {
    await create();
    const path = `${WS}/computes/cluster/simulate-preemption`;
    expect(await server.problem("POST", path, {})).toMatchObject({ code: "conflict" });
    expect(await server.problem("POST", path, { nodeId: "node-9" })).toMatchObject({ code: "not_found" });
  });
});

describe("a cluster of a run's own", () => {
  const own = (amlCompute: object, more: object = {}) => ({
    target: "amlcompute",
    amlCompute: { vmSize: "STANDARD_D2_V2", ...amlCompute },
    ...more,
  });
  const targets = async () => (await server.get<ComputeTarget[]>("GET", `${WS}/computes`)).map(({ name }) => name);

  it("is made at submit as large as the run needs, and goes with the run", async () => {
    const runId = await submit(untilGo("run"), own({}, { nodeCount: 2 }));
    const { target } = await getRun(runId);
    expect(target).toMatch(/^run-[0-9a-f]{16}$/);
    await running(runId);
    expect(await cluster(target)).toMatchObject({ settings: { minNodes: 0, maxNodes: 2 }, status: { currentNodeCount: 2 } });
    expect(await server.problem("POST", `${WS}/runs`, await submission("exit 0", { target }))).toMatchObject({
      code: "job_rejected",
      detail: expect.stringContaining(`made for run ${runId}`),
    });
    go("run");
    expect(await ended(runId)).toMatchObject({ status: "Completed" });
    await eventually(async () => (await targets()).length === 1);
    const again = await server.get<Run>("POST", `${WS}/runs/${runId}/rerun`, {});
    expect(again.target).not.toBe(target);
    expect(await ended(again.runId)).toMatchObject({ status: "Completed" });
  });

  it("stays when it is to be retained, by the name that was asked for", async () => {
    const runId = await submit("exit 0", own({ name: "kept", retainCluster: true, clusterMaxNodeCount: 3 }));
    expect(await ended(runId)).toMatchObject({ status: "Completed", target: "kept" });
    expect(await cluster("kept")).toMatchObject({ settings: { maxNodes: 3 }, provisioningState: "Succeeded" });
    const second = await server.problem("POST", `${WS}/runs`, await submission("exit 0", own({ name: "kept" })));
    expect(second).toMatchObject({ code: "already_exists", detail: expect.stringContaining('Set target to "kept"') });
    expect(await ended(await submit("exit 0", { target: "kept" }))).toMatchObject({ status: "Completed" });
  });

  it("is not made for a run that could never have it", async () => {
    const size = await server.problem("POST", `${WS}/runs`, await submission("exit 0", own({ vmSize: "STANDARD_X" })));
    expect(size).toMatchObject({ code: "bad_request", detail: expect.stringContaining("amlCompute.vmSize") });
    const big = await server.problem(
      "POST",
      `${WS}/runs`,
      await submission("exit 0", own({ vmSize: "Standard_D64_v3" }, { nodeCount: 5 })),
    );
    expect(big).toMatchObject({ code: "job_rejected", detail: expect.stringContaining("quota") });
    expect(await targets()).toEqual(["local"]);
  });
});

describe("a cluster refuses", () => {
  const problem = (settings: object, name = "bad") => server.problem("POST", `${WS}/computes`, { type: "amlcompute", name, settings });

  it("what it cannot be", async () => {
    const size = await problem({ vmSize: "STANDARD_D2V2" });
    expect(size).toMatchObject({
      code: "bad_request",
      detail: expect.stringMatching(/no VM size "STANDARD_D2V2"\. Did you mean "Standard_D2_v2"/),
    });
    expect((await problem({ vmSize: "STANDARD_D2_V2", minNodes: 3, maxNodes: 2 })).detail).toContain("min_nodes: 3");
    expect((await problem({ vmSize: "STANDARD_D2_V2", maxNodes: 101 })).detail).toContain("100 nodes at most");
    expect((await problem({ vmSize: "Standard_D64_v3", minNodes: 5, maxNodes: 5 })).detail).toContain("quota of dedicated cores is 300");
    await create({ maxNodes: 2 });
    expect((await server.problem("PATCH", `${WS}/computes/cluster`, { minNodes: 3 })).detail).toContain("min_nodes: 3");
    expect((await server.problem("PATCH", `${WS}/computes/cluster`, { maxConcurrentRuns: 3 })).detail).toContain("max_nodes");
  });

  it("runs that could never start, and those of somebody else", async () => {
    await create({ maxNodes: 2 });
    const tooMany = await server.problem("POST", `${WS}/runs`, await submission("exit 0", { nodeCount: 3 }));
    expect(tooMany).toMatchObject({ code: "job_rejected", detail: expect.stringMatching(/2 nodes at most.*--max-nodes 3/) });
    await create({ vmSize: "Standard_D64_v3", maxNodes: 10 }, "big");
    const quota = await server.problem("POST", `${WS}/runs`, await submission("exit 0", { target: "big", nodeCount: 5 }));
    expect(quota).toMatchObject({ code: "job_rejected", detail: expect.stringContaining("quota of dedicated cores is 300") });
    const { secret } = await server.get<{ secret: string }>("POST", "/tokens", { note: "for bob", user: "bob" });
    const authorization = { authorization: `Bearer ${secret}` };
    const other = await server.problem("POST", `${WS}/runs`, await submission("exit 0"), authorization);
    expect(other).toMatchObject({
      code: "forbidden",
      detail: expect.stringMatching(/you are bob.*containers, or run under user ids of their own/),
    });
  });

  it("a size by a name that is not in the list of sizes", async () => {
    const sizes = await server.get<VmSize[]>("GET", "/vm-sizes");
    expect(sizes.find(({ name }) => name === "Standard_NC6")).toEqual({
      name: "Standard_NC6",
      vCPUs: 6,
      gpus: 1,
      memoryGB: 56,
      maxResourceVolumeMB: 389_120,
    });
  });
});
