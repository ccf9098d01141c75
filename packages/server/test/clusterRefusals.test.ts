// What a managed cluster does not take, over HTTP.
import type { VmSize } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { create, nodes, server, submission, useClusterServer, WS } from "./support/clusters.ts";
import { eventually } from "./support/eventually.ts";

useClusterServer();

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
      detail: expect.stringMatching(/you are bob.*runs are in containers/),
    });
  });

  it("runs once it is being deleted: they would wait for ever", async () => {
    await create({ minNodes: 2 });
    await eventually(async () => (await nodes()).filter(({ nodeState }) => nodeState === "idle").length === 2);
    const late = await submission("exit 0");
    expect((await server.ask("DELETE", `${WS}/computes/cluster`)).ok).toBe(true); // its nodes have yet to go
    expect(await server.problem("POST", `${WS}/runs`, late)).toMatchObject({
      code: expect.toBeOneOf(["job_rejected", "unknown_target"]),
      detail: expect.stringMatching(/"cluster" is being deleted\. No run can begin there|no compute target "cluster"/),
    });
    expect(await server.get("GET", `${WS}/runs?limit=500`)).toMatchObject({ items: [] });
  });

  it("what is half given, what nobody can say from outside, and runs that would take too long", async () => {
    const size = { vmSize: "STANDARD_D2_V2" };
    expect((await problem({ ...size, adminUsername: "bob" })).detail).toMatch(/administrator.*needs adminUsername and one of/);
    expect((await problem({ ...size, vnetName: "net" })).detail).toContain("missing: vnetResourcegroupName, subnetName");
    expect((await problem({ ...size, remoteLoginPortPublicAccess: "banana" })).code).toBe("bad_request");
    expect((await problem({ ...size, forRun: "nonesuch" })).detail).toContain("forRun");
    const instance = { type: "computeinstance", name: "bad", settings: { ...size, sshPublicAccess: true } };
    expect((await server.problem("POST", `${WS}/computes`, instance)).detail).toContain("key pair, no password");
    await create({ maxNodes: 2, vmPriority: "lowpriority" });
    const long = await server.problem("POST", `${WS}/runs`, await submission("exit 0", { maxRunDurationSeconds: 8 * 24 * 3600 }));
    expect(long).toMatchObject({ code: "job_rejected", detail: expect.stringMatching(/604800 seconds at most on lowpriority nodes/) });
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
