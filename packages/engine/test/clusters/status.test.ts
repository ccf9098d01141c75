import { batchAiStatus, clusterStatus, computeNode, type NodeState } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { batchAiStatusOf, clusterNodeOf, clusterStatusOf, countStates, nextAllocation } from "../../src/clusters/status.ts";

const T0 = new Date("2026-01-01T00:00:00.000Z");
const T1 = new Date("2026-01-01T00:01:00.000Z");
const node = (id: string, state: NodeState, runId: string | null = null) => ({
  id,
  state,
  runId,
  publicIp: null,
  privateIp: "127.0.0.1",
  port: null,
});
const NODES = [
  node("a", "preparing"),
  node("b", "running", "r1"),
  node("c", "idle"),
  node("d", "leaving"),
  node("e", "preempted"),
  node("f", "unusable"),
];
const CLUSTER = {
  createdAt: T0,
  modifiedAt: T1,
  provisioningState: "Succeeded",
  provisioningStateSince: T0,
  allocation: { state: "Resizing" as const, since: T1, target: 3 },
  errors: [],
  scale: { minNodes: 0, maxNodes: 4, idleSecondsBeforeScaledown: 120 },
  vmPriority: "lowpriority" as const,
  vmSize: "Standard_NC6",
};

describe("the status of a cluster", () => {
  it("has the fields of the v1 world", () => {
    const status = clusterStatusOf(CLUSTER, countStates(NODES));
    expect(clusterStatus.parse(status)).toEqual(status);
    expect(status).toEqual({
      currentNodeCount: 5,
      targetNodeCount: 3,
      nodeStateCounts: {
        preparingNodeCount: 1,
        runningNodeCount: 1,
        idleNodeCount: 1,
        unusableNodeCount: 1,
        leavingNodeCount: 1,
        preemptedNodeCount: 1,
      },
      allocationState: "Resizing",
      allocationStateTransitionTime: "2026-01-01T00:01:00.000Z",
      errors: null,
      creationTime: "2026-01-01T00:00:00.000Z",
      modifiedTime: "2026-01-01T00:01:00.000Z",
      provisioningState: "Succeeded",
      provisioningStateTransitionTime: "2026-01-01T00:00:00.000Z",
      scaleSettings: { minNodeCount: 0, maxNodeCount: 4, nodeIdleTimeBeforeScaleDown: "PT120S" },
      vmPriority: "LowPriority",
      vmSize: "Standard_NC6",
    });
  });

  it("has those of Batch AI for its old name", () => {
    const status = batchAiStatusOf(CLUSTER, countStates(NODES));
    expect(batchAiStatus.parse(status)).toEqual(status);
    expect(status).toMatchObject({
      allocationState: "resizing",
      provisioningState: "succeeded",
      vmPriority: "lowpriority",
      scaleSettings: { autoScale: { minimumNodeCount: 0, maximumNodeCount: 4, initialNodeCount: 0 }, manual: null },
    });
    const fixed = batchAiStatusOf({ ...CLUSTER, scale: { ...CLUSTER.scale, minNodes: 4 } }, countStates([]));
    expect(fixed.scaleSettings).toEqual({ autoScale: null, manual: { targetNodeCount: 4, nodeDeallocationOption: "requeue" } });
  });

  it("shows nodes with their run and address", () => {
    const shown = clusterNodeOf(node("b", "running", "r1"));
    expect(computeNode.parse(shown)).toEqual({
      nodeId: "b",
      nodeState: "running",
      port: null,
      publicIpAddress: null,
      privateIpAddress: "127.0.0.1",
      runId: "r1",
    });
  });
});

describe("the allocation of a cluster", () => {
  const steady = { state: "Steady" as const, since: T0, target: 0 };

  it("resizes from the first node that prepares until the last is ready, and keeps its goal afterwards", () => {
    const resizing = nextAllocation(steady, [node("a", "preparing"), node("b", "idle")], 2, T1);
    expect(resizing).toEqual({ state: "Resizing", since: T1, target: 2 });
    const later = new Date(T1.getTime() + 1000);
    expect(nextAllocation(resizing, [node("a", "preparing")], 2, later)).toBe(resizing);
    expect(nextAllocation(resizing, [node("a", "idle"), node("b", "idle")], 2, later)).toEqual({
      state: "Steady",
      since: later,
      target: 2,
    });
  });

  it("stays as it is while nothing changes its size", () => {
    const two = { ...steady, target: 2 };
    expect(nextAllocation(two, [node("a", "running", "r"), node("b", "idle"), node("gone", "preempted")], 1, T1)).toBe(two);
  });
});
