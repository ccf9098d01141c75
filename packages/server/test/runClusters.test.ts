// Clusters that are made for one run, on a whole server with real nodes.
import type { ComputeTarget, Run } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { cluster, ended, getRun, go, running, server, submission, submit, untilGo, useClusterServer, WS } from "./support/clusters.ts";
import { eventually } from "./support/eventually.ts";

useClusterServer();

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
