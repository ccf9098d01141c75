// Managed clusters over HTTP, on a whole server with real nodes: how they grow, shrink and end.
import { join } from "node:path";
import type { ComputeTarget, Why } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import {
  cluster,
  create,
  ended,
  getRun,
  go,
  keepers,
  logOf,
  nodeFolders,
  nodes,
  noKeeperIsLeft,
  running,
  server,
  serverWith,
  statusOf,
  submit,
  untilGo,
  useClusterServer,
  WS,
  whyOf,
} from "./support/clusters.ts";
import { eventually } from "./support/eventually.ts";

useClusterServer();

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
    await noKeeperIsLeft();
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
    await noKeeperIsLeft();
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
});

describe("the quota of a workspace", () => {
  it("is shared by its clusters and instances: a run waits for cores that another cluster has, and says so", async () => {
    await serverWith({ dedicatedCoreQuota: 3 });
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
    await eventually(async () => (await nodes("first")).length + (await nodes("second")).length === 0);
    await createInstance("instance");
    const blocked = await submit("exit 0", { target: "second" });
    await eventually(async () =>
      (await server.get<Why>("GET", `${WS}/runs/${blocked}/why`)).hints.join(" ").includes("core quota is used up"),
    );
  });

  it("refuses an instance for which it has no cores left, also while the others are stopped", async () => {
    await serverWith({ dedicatedCoreQuota: 3 });
    expect((await createInstance("first")).provisioningState).toBe("Succeeded");
    await server.get("POST", `${WS}/computes/first/stop`);
    const second = await createInstance("second");
    expect(second.provisioningErrors).toMatchObject([
      { code: "conflict", message: expect.stringMatching(/use 2 of its quota of 3 dedicated cores/) },
    ]);
    await server.get("DELETE", `${WS}/computes/first`);
    await eventually(async () => (await server.ask("GET", `${WS}/computes/first`)).status === 404);
    expect((await createInstance("third")).provisioningState).toBe("Succeeded");
    const unknown = { type: "computeinstance", name: "fourth", settings: { vmSize: "STANDARD_D2_V22" } };
    expect(await server.problem("POST", `${WS}/computes`, unknown)).toMatchObject({
      code: "bad_request",
      detail: expect.stringMatching(/D2_V2/i),
    });
  });
});

/** What became of a new instance of two cores: it was made, or it was not. */
async function createInstance(name: string): Promise<ComputeTarget> {
  await server.get("POST", `${WS}/computes`, { type: "computeinstance", name, settings: { vmSize: "STANDARD_D2_V2" } });
  return await eventually(async () => {
    const target = await cluster(name);
    return target.provisioningState !== "Creating" && target;
  });
}
