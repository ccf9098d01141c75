import { JobRejected } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { explainWaitingRun } from "../../src/clusters/explain.ts";
import { DEFAULT_LIMITS, requireRoom } from "../../src/clusters/limits.ts";
import { sayWaiting } from "../../src/clusters/sayWaiting.ts";
import { at, factsOf, queued } from "./simulate.ts";

const NOW = at(1000);
const node = (id: string, state: "idle" | "preparing" | "running", runId: string | null = null) => ({ id, state, since: NOW, runId });

describe("why a run of a cluster waits", () => {
  const facts = factsOf({
    queue: [queued("1", 3), queued("2", 2)],
    nodes: [node("a", "idle"), node("b", "preparing"), node("c", "running", "x"), node("d", "running", "x")],
    running: [{ id: "x", startedAt: at(900), limitSeconds: 300 }],
  });

  it("names the nodes it waits for and where they come from", () => {
    const waiting = explainWaitingRun(facts, "1", NOW)!;
    expect(waiting).toMatchObject({ kind: "waits", nodes: 3, idle: 1, preparing: 1, creatable: 0, ahead: [], behind: null });
    expect(sayWaiting("gpu", waiting).summary).toBe(
      `The run wants 3 nodes of "gpu" and waits for 2 more: 1 preparing, 2 busy with run x until ${at(1200).toISOString()} at the latest, 1 idle. ` +
        `It is the next in line. It starts by ${at(1200).toISOString()} at the latest.`,
    );
  });

  it("names who is before it, and for whom nodes are kept", () => {
    const { summary } = sayWaiting("gpu", explainWaitingRun(facts, "2", NOW)!);
    expect(summary).toContain("Before it in line: 1. Nodes are kept for run 1.");
  });

  it("says that it can never start once the most was lowered, and how it could", () => {
    const lowered = { ...facts, scale: { ...facts.scale, maxNodes: 2 } };
    const told = sayWaiting("gpu", explainWaitingRun(lowered, "1", NOW)!);
    expect(told.summary).toBe('The run wants 3 nodes, and "gpu" may have 2 at most: it cannot start.');
    expect(told.hints[0]).toContain("computetarget update -n gpu --max-nodes 3");
    const poor = { ...facts, scale: { ...facts.scale, coresAllowed: 4, coreQuota: 4 } };
    expect(sayWaiting("gpu", explainWaitingRun(poor, "1", NOW)!).summary).toContain("core quota is enough for 2");
  });

  it("says that the quota keeps the cluster small", () => {
    const held = factsOf({ queue: [queued("1", 2)], scale: { coresAllowed: 2 } });
    const waiting = explainWaitingRun({ ...held, nodes: [node("a", "preparing")] }, "1", NOW)!;
    expect(waiting).toMatchObject({ heldBy: "quota" });
    expect(sayWaiting("gpu", waiting).hints[0]).toContain("quota is used up");
  });

  it("is silent about a run that is not in the queue, or starts now", () => {
    expect(explainWaitingRun(facts, "x", NOW)).toBeNull();
    expect(explainWaitingRun({ ...facts, queue: [queued("2", 1)] }, "2", NOW)).toBeNull();
  });

  it("names a few of many", () => {
    const many = factsOf({
      queue: Array.from({ length: 9 }, (_, i) => queued(`${i}`, 1)),
      nodes: Array.from({ length: 5 }, (_, i) => node(`n${i}`, "running", `x${i}`)),
      scale: { maxNodes: 5 },
    });
    const { summary } = sayWaiting("gpu", explainWaitingRun(many, "8", NOW)!);
    expect(summary).toContain("2 busy with 2 more runs");
    expect(summary).toContain("Before it in line: 0, 1, 2 and 5 more.");
  });
});

describe("submitting to a cluster", () => {
  const cluster = { name: "gpu", maxNodes: 4, vmSize: "Standard_NC6", vmPriority: "dedicated" as const };

  it("refuses more nodes than the cluster may have, than a run may have, and than the quota is enough for", () => {
    expect(() => requireRoom(cluster, 4, DEFAULT_LIMITS)).not.toThrow();
    expect(() => requireRoom(cluster, 5, DEFAULT_LIMITS)).toThrow(
      '"gpu" may have 4 nodes at most; this run asks for 5. Ask for fewer (nodeCount), or raise the most: `switchyard computetarget update -n gpu --max-nodes 5`.',
    );
    expect(() => requireRoom({ ...cluster, maxNodes: 1 }, 2, DEFAULT_LIMITS)).toThrow("1 node at most");
    expect(() => requireRoom({ ...cluster, maxNodes: 500 }, 101, DEFAULT_LIMITS)).toThrow("A run may have 100 nodes at most");
    expect(() => requireRoom({ ...cluster, maxNodes: 100 }, 51, DEFAULT_LIMITS)).toThrow(
      "51 nodes of Standard_NC6 have 306 cores; the workspace's quota of dedicated cores is 300.",
    );
    expect(() => requireRoom({ ...cluster, maxNodes: 100, vmPriority: "lowpriority" }, 51, DEFAULT_LIMITS)).not.toThrow();
    expect(() => requireRoom(cluster, 5, DEFAULT_LIMITS)).toThrow(JobRejected);
  });
});
