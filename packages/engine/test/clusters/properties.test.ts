import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClusterFacts, NodeFact } from "../../src/clusters/facts.ts";
import { isNothing } from "../../src/clusters/facts.ts";
import { mostNodes } from "../../src/clusters/line.ts";
import { planCluster } from "../../src/clusters/plan.ts";
import { reserve } from "../../src/clusters/reservation.ts";
import { at, carriedOut, factsOf, play, SCALE } from "./simulate.ts";

const NOW = at(5000);
const RUNS = 600;
const PREPARE_SECONDS = 5;

const limit = fc.option(fc.integer({ min: 1, max: 500 }), { nil: null });

const facts: fc.Arbitrary<ClusterFacts> = fc
  .record({
    minNodes: fc.integer({ min: 0, max: 4 }),
    more: fc.integer({ min: 0, max: 12 }),
    idleSecondsBeforeScaledown: fc.integer({ min: 0, max: 200 }),
    coresAllowed: fc.integer({ min: 0, max: 40 }),
    others: fc.integer({ min: 0, max: 20 }),
    states: fc.array(
      fc.record({
        state: fc.constantFrom<NodeFact["state"]>("preparing", "idle", "idle", "running", "running", "leaving", "preempted", "unusable"),
        ageSeconds: fc.integer({ min: 0, max: 800 }),
        run: fc.integer({ min: 0, max: 4 }),
      }),
      { maxLength: 16 },
    ),
    queue: fc.array(
      fc.record({
        nodes: fc.integer({ min: 1, max: 10 }),
        priority: fc.integer({ min: -1, max: 1 }),
        age: fc.integer({ min: 0, max: 50 }),
        limit,
      }),
      { maxLength: 25 },
    ),
    limits: fc.array(limit, { minLength: 5, maxLength: 5 }),
  })
  .map(({ minNodes, more, idleSecondsBeforeScaledown, coresAllowed, others, states, queue, limits }) =>
    factsOf({
      scale: { minNodes, maxNodes: minNodes + more, idleSecondsBeforeScaledown, coresAllowed, coreQuota: coresAllowed + others },
      nodes: states.map(({ state, ageSeconds, run }, i) => ({
        id: `n${i}`,
        state,
        since: at(5000 - ageSeconds),
        runId: state === "running" ? `x${run}` : null,
      })),
      running: limits.map((limitSeconds, i) => ({ id: `x${i}`, startedAt: at(4900), limitSeconds })),
      queue: queue.map(({ nodes, priority, age, limit: limitSeconds }, i) => ({
        id: `q${i}`,
        nodes,
        priority,
        createdAt: at(4000 - age),
        submitter: `user${i % 3}`,
        limitSeconds,
      })),
    }),
  );

const exists = ({ state }: NodeFact) => state !== "preempted";
const after = (given: ClusterFacts, now = NOW) => {
  let made = 0;
  const newId = () => {
    made += 1;
    return `new${made}`;
  };
  return carriedOut(given, planCluster(given, now), now, newId);
};
/** Time passes until nothing prepares, leaves or is broken. */
const settled = (given: ClusterFacts, seconds: number): ClusterFacts => ({
  ...given,
  nodes: given.nodes
    .filter(({ state }) => state !== "leaving" && state !== "unusable")
    .map((node) => (node.state === "preparing" ? { ...node, state: "idle", since: at(5000 + seconds) } : node)),
});

describe("whatever the facts, a plan", () => {
  it("never makes more nodes than the most and the quota allow", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const { create, assign } = planCluster(given, NOW);
        const existing = given.nodes.filter(exists).length;
        const busy = given.nodes.filter(({ state }) => state === "running").length;
        const starting = assign.reduce((sum, { nodeIds }) => sum + nodeIds.length, 0);
        if (starting > 0) expect(busy + starting).toBeLessThanOrEqual(given.scale.maxNodes);
        if (create === 0) return;
        expect(existing + create).toBeLessThanOrEqual(given.scale.maxNodes);
        expect((existing + create) * given.scale.coresPerNode).toBeLessThanOrEqual(given.scale.coresAllowed);
      }),
      { numRuns: RUNS },
    );
  });

  it("lets no node go that the fewest, or somebody who starts, needs", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const { assign, release, giveUp } = planCluster(given, NOW);
        const gone = new Set([...release, ...giveUp].map(({ nodeId }) => nodeId));
        expect(gone.size).toBe(release.length + giveUp.length);
        for (const id of assign.flatMap(({ nodeIds }) => nodeIds)) expect(gone.has(id)).toBe(false);
        const broken = new Set(
          [...release, ...giveUp].flatMap(({ nodeId, because }) => (because === "unusable" || because === "took_too_long" ? [nodeId] : [])),
        );
        const serving = given.nodes.filter(({ id, state }) => ["idle", "preparing", "running"].includes(state) && !broken.has(id));
        if (gone.size > broken.size)
          expect(serving.length - (gone.size - broken.size)).toBeGreaterThanOrEqual(Math.min(given.scale.minNodes, serving.length));
        for (const { nodeId } of release) expect(given.nodes.find(({ id }) => id === nodeId)?.state).toMatch(/^(idle|unusable)$/);
      }),
      { numRuns: RUNS },
    );
  });

  it("gives each run all its nodes, idle ones, and each node to one run", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const { assign } = planCluster(given, NOW);
        const ids = assign.flatMap(({ nodeIds }) => nodeIds);
        expect(new Set(ids).size).toBe(ids.length);
        expect(new Set(assign.map(({ runId }) => runId)).size).toBe(assign.length);
        for (const { runId, nodeIds } of assign) expect(nodeIds).toHaveLength(given.queue.find(({ id }) => id === runId)?.nodes ?? -1);
        for (const id of ids) expect(given.nodes.find((node) => node.id === id)?.state).toBe("idle");
      }),
      { numRuns: RUNS },
    );
  });

  it("has nothing more to say once it was carried out", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const next = after(given);
        expect(planCluster(given, NOW)).toEqual(planCluster(structuredClone(given), NOW));
        const again = planCluster(next, NOW);
        expect(isNothing(again), JSON.stringify(again)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it("says the same in whatever order the facts come", () => {
    fc.assert(
      fc.property(facts, fc.integer(), (given, seed) => {
        const mixed = {
          ...given,
          nodes: shuffled(given.nodes, seed),
          queue: shuffled(given.queue, seed),
          running: shuffled(given.running, seed),
        };
        const [one, other] = [planCluster(given, NOW), planCluster(mixed, NOW)];
        const sorted = (list: readonly { nodeId: string }[]) => list.map((each) => JSON.stringify(each)).sort();
        expect({ ...other, release: sorted(other.release), giveUp: sorted(other.giveUp) }).toEqual({
          ...one,
          release: sorted(one.release),
          giveUp: sorted(one.giveUp),
        });
      }),
      { numRuns: RUNS },
    );
  });

  it("comes down to the fewest nodes once nobody wants any", () => {
    fc.assert(
      fc.property(facts, (given) => {
        let now: ClusterFacts = { ...given, queue: [], running: [], nodes: given.nodes.filter(({ state }) => state !== "running") };
        now = { ...now, scale: { ...now.scale, coresAllowed: 1000 } };
        for (let turn = 1; turn <= 4; turn += 1) now = settled(after(now, at(5000 + turn * 300)), turn * 300);
        expect(now.nodes.filter(exists)).toHaveLength(given.scale.minNodes);
      }),
      { numRuns: RUNS },
    );
  });

  it("starts the first in line as soon as there is room, whoever else is there", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const [first] = given.queue
          .filter(({ nodes }) => nodes <= mostNodes(given.scale))
          .toSorted((a, b) => b.priority - a.priority || a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1));
        if (first === undefined) return;
        const alone = planCluster({ ...given, queue: [first] }, NOW);
        const together = planCluster(given, NOW);
        const nodesFor = (plan: typeof alone) => plan.assign.find(({ runId }) => runId === first.id)?.nodeIds;
        expect(nodesFor(together)).toEqual(nodesFor(alone));
        expect(together.create).toBeGreaterThanOrEqual(alone.create);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("over time", () => {
  const trace = fc.record({
    maxNodes: fc.integer({ min: 1, max: 6 }),
    runs: fc.array(
      fc.record({
        atSeconds: fc.integer({ min: 0, max: 400 }),
        nodes: fc.integer({ min: 1, max: 6 }),
        seconds: fc.integer({ min: 1, max: 120 }),
        limited: fc.boolean(),
      }),
      { minLength: 1, maxLength: 40 },
    ),
  });
  const played = ({
    maxNodes,
    runs,
  }: {
    maxNodes: number;
    runs: readonly { atSeconds: number; nodes: number; seconds: number; limited: boolean }[];
  }) => {
    const known = runs.map(({ atSeconds, nodes, seconds, limited }, i) => ({
      id: `r${i}`,
      atSeconds,
      nodes: Math.min(nodes, maxNodes),
      seconds,
      priority: 0,
      submitter: null,
      limitSeconds: limited ? seconds : null,
    }));
    return {
      known,
      result: play({ scale: { ...SCALE, maxNodes, idleSecondsBeforeScaledown: 30 }, runs: known, prepareSeconds: PREPARE_SECONDS }),
    };
  };

  it("every run starts, and no node has two", () => {
    fc.assert(
      fc.property(trace, (given) => {
        const { known, result } = played(given);
        expect(result.starts.size).toBe(known.length);
        const used = new Map<string, [number, number][]>();
        for (const { id, seconds } of known) {
          const start = result.starts.get(id) as { atSeconds: number; nodeIds: readonly string[] };
          for (const nodeId of start.nodeIds) used.set(nodeId, [...(used.get(nodeId) ?? []), [start.atSeconds, start.atSeconds + seconds]]);
        }
        for (const spans of used.values()) {
          spans.sort((a, b) => a[0] - b[0]);
          for (let i = 1; i < spans.length; i += 1) expect(spans[i]![0]).toBeGreaterThanOrEqual(spans[i - 1]![1]);
        }
        for (const { nodes } of result.busy) expect(nodes).toBeLessThanOrEqual(given.maxNodes);
      }),
      { numRuns: 150 },
    );
  });

  it("who was promised a start at the latest has it then", () => {
    let promised = 0;
    fc.assert(
      fc.property(trace, (given) => {
        const { result } = played(given);
        promised += result.promises.size;
        // nodes may still have to be made then, its own and before that those of a run that goes before it
        for (const [id, atSeconds] of result.promises)
          expect(result.starts.get(id)?.atSeconds).toBeLessThanOrEqual(atSeconds + 2 * PREPARE_SECONDS);
      }),
      { numRuns: 300 },
    );
    expect(promised).toBeGreaterThan(30);
  });
});

describe("a reservation", () => {
  it("leaves over only what nobody can take from the first, in whatever order others end", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 12 }), fc.integer(), (nodes, lacking, seed) => {
        const coming = nodes.map((each) => ({ nodes: each, atMs: null }));
        const { spare } = reserve(lacking, coming);
        let freed = 0;
        for (const each of shuffled(nodes, seed)) {
          freed += each;
          if (freed >= lacking) break;
        }
        if (freed >= lacking) expect(freed - spare).toBeGreaterThanOrEqual(lacking);
      }),
      { numRuns: RUNS },
    );
  });
});

function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = Math.abs(seed) + 1;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state;
  };
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
