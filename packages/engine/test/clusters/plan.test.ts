import { describe, expect, it } from "vitest";
import type { NodeFact } from "../../src/clusters/facts.ts";
import { planCluster } from "../../src/clusters/plan.ts";
import { at, factsOf, play, queued, SCALE, type TraceRun } from "./simulate.ts";

const NOW = at(10_000);
const node = (id: string, state: NodeFact["state"], runId: string | null = null, since = NOW): NodeFact => ({ id, state, since, runId });
const idle = (count: number, since = NOW) => Array.from({ length: count }, (_, i) => node(`i${i}`, "idle", null, since));
const busy = (run: string, count: number) => Array.from({ length: count }, (_, i) => node(`${run}.${i}`, "running", run));
const running = (id: string, limitSeconds: number | null = null) => ({ id, startedAt: NOW, limitSeconds });
const assigned = (facts: ReturnType<typeof factsOf>) => planCluster(facts, NOW).assign.map(({ runId }) => runId);

describe("planning a cluster", () => {
  it("does nothing where nothing is wanted", () => {
    expect(planCluster(factsOf({}), NOW)).toEqual({ assign: [], release: [], giveUp: [], create: 0, target: 0 });
  });

  it("makes as many nodes as the queued runs want, at once, and no more than the most", () => {
    expect(planCluster(factsOf({ queue: [queued("1", 1), queued("2", 2)] }), NOW)).toMatchObject({ create: 3, target: 3 });
    const many = Array.from({ length: 9 }, (_, i) => queued(`${i}`, 1));
    expect(planCluster(factsOf({ queue: many }), NOW)).toMatchObject({ create: 4, target: 4 });
    expect(planCluster(factsOf({ queue: many, nodes: [node("a", "leaving"), ...busy("x", 1)] }), NOW)).toMatchObject({ create: 2 });
  });

  it("makes the fewest nodes although nobody wants them", () => {
    expect(planCluster(factsOf({ scale: { minNodes: 2 } }), NOW)).toMatchObject({ create: 2, target: 2 });
  });

  it("gives a run all its nodes at once or none", () => {
    const facts = factsOf({ queue: [queued("1", 3)], nodes: idle(2) });
    expect(planCluster(facts, NOW)).toMatchObject({ assign: [], create: 1, release: [] });
    const three = planCluster({ ...facts, nodes: idle(3) }, NOW);
    expect(three.assign).toHaveLength(1);
    expect(new Set(three.assign[0]?.nodeIds)).toEqual(new Set(["i0", "i1", "i2"]));
  });

  it("goes by priority, then first come first served", () => {
    const queue = [queued("3", 1), queued("1", 1), queued("2", 1, { priority: 5 })];
    expect(assigned(factsOf({ queue, nodes: idle(2) }))).toEqual(["2", "1"]);
  });

  it("gives out the node that was used last, so that the others may go", () => {
    const nodes = [node("old", "idle", null, at(9_900)), node("new", "idle", null, at(9_990))];
    expect(planCluster(factsOf({ queue: [queued("1", 1)], nodes }), NOW).assign[0]?.nodeIds).toEqual(["new"]);
  });

  describe("back-filling", () => {
    it("keeps idle nodes for a run that only waits for nodes to become ready", () => {
      const facts = factsOf({ queue: [queued("1", 3), queued("2", 1, { limitSeconds: 1 })], nodes: idle(2) });
      expect(planCluster(facts, NOW)).toMatchObject({ assign: [], create: 2, target: 4 });
    });

    it("lets a run pass that is over before the turn of the first", () => {
      const facts = factsOf({
        queue: [queued("1", 4), queued("2", 1, { limitSeconds: 100 }), queued("3", 1, { limitSeconds: 99 }), queued("4", 1)],
        nodes: [...busy("x", 2), ...idle(2)],
        running: [running("x", 99)],
      });
      expect(assigned(facts)).toEqual(["3"]);
    });

    it("lets a run of any length pass that needs only what the first leaves over", () => {
      const facts = factsOf({
        scale: { maxNodes: 6 },
        queue: [queued("1", 3), queued("2", 2), queued("3", 1), queued("4", 1)],
        nodes: [...busy("x", 4), ...idle(2)],
        running: [running("x")],
      });
      // when x ends there are 6: three for 1, so 2 may have two now; the third is too much for the two idle ones
      expect(assigned(facts)).toEqual(["2"]);
    });

    it("lets nobody pass when the first may need every node that comes free", () => {
      const facts = factsOf({
        queue: [queued("1", 4), queued("2", 1, { limitSeconds: 5 })],
        nodes: [...busy("x", 1), ...busy("y", 1), ...idle(2)],
        running: [running("x"), running("y", 1)],
      });
      expect(assigned(facts)).toEqual([]);
    });

    it("does not hold the queue for a run that can never start", () => {
      expect(assigned(factsOf({ queue: [queued("1", 9), queued("2", 1)], nodes: idle(1) }))).toEqual(["2"]);
      expect(planCluster(factsOf({ queue: [queued("1", 9)] }), NOW)).toMatchObject({ create: 0, target: 0 });
    });
  });

  describe("shrinking", () => {
    it("lets a node go once it has idled for long enough, never below the fewest", () => {
      const nodes = [node("a", "idle", null, at(9_880)), node("b", "idle", null, at(9_879)), node("c", "idle", null, at(9_881))];
      expect(planCluster(factsOf({ nodes }), NOW).release).toEqual([
        { nodeId: "b", because: "idle_too_long" },
        { nodeId: "a", because: "idle_too_long" },
      ]);
      expect(planCluster(factsOf({ nodes, scale: { minNodes: 2 } }), NOW).release).toEqual([{ nodeId: "b", because: "idle_too_long" }]);
    });

    it("keeps a node that idles for a run which waits for more", () => {
      const facts = factsOf({ queue: [queued("1", 3)], nodes: [...idle(2, at(0)), node("p", "preparing")] });
      expect(planCluster(facts, NOW)).toMatchObject({ release: [], create: 0 });
    });

    it("lets idle nodes go at once when the most was lowered, and leaves busy ones alone", () => {
      const facts = factsOf({ scale: { maxNodes: 2 }, nodes: [...busy("x", 2), ...idle(2)], running: [running("x")] });
      expect(planCluster(facts, NOW).release.map(({ because }) => because)).toEqual(["above_max", "above_max"]);
      const full = factsOf({ scale: { maxNodes: 1 }, nodes: busy("x", 3), queue: [queued("1", 1)], running: [running("x")] });
      expect(planCluster(full, NOW)).toMatchObject({ release: [], create: 0, assign: [], target: 1 });
    });

    it("gives up nodes that nobody waits for any more, the youngest first", () => {
      const nodes = [node("b", "preparing", null, at(9_999)), node("a", "preparing", null, at(9_990))];
      expect(planCluster(factsOf({ nodes }), NOW).giveUp).toHaveLength(2);
      expect(planCluster(factsOf({ nodes, queue: [queued("1", 1)] }), NOW).giveUp).toEqual([{ nodeId: "b", because: "not_needed" }]);
    });
  });

  it("gives up a node that does not become ready, and replaces it where there is room", () => {
    const nodes = [node("slow", "preparing", null, at(9_000))];
    expect(planCluster(factsOf({ nodes, queue: [queued("1", 1)] }), NOW)).toMatchObject({
      giveUp: [{ nodeId: "slow", because: "took_too_long" }],
      create: 1,
    });
  });

  it("lets a broken node stay for a while, so that one that cannot be made is not made again at once", () => {
    const facts = factsOf({ scale: { maxNodes: 1 }, queue: [queued("1", 1)], nodes: [node("bad", "unusable", null, at(9_950))] });
    expect(planCluster(facts, NOW)).toMatchObject({ create: 0, release: [] });
    expect(planCluster(facts, at(10_010)).release).toEqual([{ nodeId: "bad", because: "unusable" }]);
  });

  it("holds the quota over all clusters", () => {
    const queue = [queued("1", 1), queued("2", 1), queued("3", 1)];
    expect(planCluster(factsOf({ queue, scale: { coresAllowed: 5 } }), NOW)).toMatchObject({ create: 2, target: 2 });
    expect(planCluster(factsOf({ queue, scale: { coresAllowed: 0 } }), NOW)).toMatchObject({ create: 0 });
    // what is there already may be used although the quota was lowered since
    expect(assigned(factsOf({ queue, nodes: idle(2), scale: { coresAllowed: 0 } }))).toEqual(["1", "2"]);
  });

  it("replaces a preempted node alone", () => {
    const nodes = [node("gone", "preempted"), ...idle(2)];
    expect(planCluster(factsOf({ queue: [queued("1", 3)], nodes }), NOW)).toMatchObject({ create: 1, release: [] });
  });
});

describe("a trace", () => {
  const run = (id: string, atSeconds: number, nodes: number, seconds: number, more: Partial<TraceRun> = {}): TraceRun => ({
    id,
    nodes,
    atSeconds,
    seconds,
    priority: 0,
    submitter: null,
    limitSeconds: null,
    ...more,
  });
  const startsOf = (runs: readonly TraceRun[], scale = SCALE) =>
    Object.fromEntries([...play({ scale, runs, prepareSeconds: 10 }).starts].map(([id, { atSeconds }]) => [id, atSeconds]));

  it("grows for what comes, reuses what idles, and is empty in the end", () => {
    const played = play({ scale: SCALE, runs: [run("a", 0, 1, 100), run("b", 150, 1, 100), run("c", 500, 2, 10)], prepareSeconds: 10 });
    expect(Object.fromEntries([...played.starts].map(([id, { atSeconds }]) => [id, atSeconds]))).toEqual({ a: 10, b: 150, c: 510 });
    expect(played.starts.get("a")?.nodeIds).toEqual(played.starts.get("b")?.nodeIds);
    // node 1: 0 to 250, and 120 idle; two nodes: 500 to 520, and 120 idle
    expect(played.nodeSeconds).toBe(370 + 2 * 140);
  });

  it("never puts off the first in line for those that pass", () => {
    const crowd = Array.from({ length: 30 }, (_, i) => run(`s${i}`, 2 + i, 1, 45, { limitSeconds: 50 }));
    const alone = startsOf([run("x", 0, 3, 300, { limitSeconds: 400 }), run("big", 1, 4, 10)]);
    const crowded = startsOf([run("x", 0, 3, 300, { limitSeconds: 400 }), run("big", 1, 4, 10), ...crowd]);
    expect(alone.big).toBe(320); // x ends at 310, and then the fourth node is made
    expect(crowded.big).toBeLessThanOrEqual(410 + 10);
    expect(crowded.s0).toBeLessThan(crowded.big as number);
  });

  it("serves everybody in the end", () => {
    const runs = Array.from({ length: 200 }, (_, i) => run(`r${i}`, i * 3, 1 + (i % 4), 20 + (i % 7) * 11));
    expect(play({ scale: SCALE, runs, prepareSeconds: 10 }).starts.size).toBe(200);
  });
});
