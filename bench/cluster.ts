// Managed clusters: how long a decision takes, and how many node hours a trace costs beside the least possible. Nothing is
// started: the planner that the server asks is played against traces.
import type { ClusterFacts, QueuedRun, ScaleFacts } from "../packages/engine/src/clusters/facts.ts";
import { planCluster } from "../packages/engine/src/clusters/plan.ts";
import { at, factsOf, type Played, play, SCALE, type TraceRun } from "../packages/engine/test/clusters/simulate.ts";
import { type Benchmark, type Figure, quantile } from "./measure.ts";

const QUEUED = 10_000;
const NODES = 100;
const TICKS = 200;
const PREPARE_SECONDS = 60;
const LARGE: ScaleFacts = { ...SCALE, maxNodes: NODES, coresAllowed: 1e6, coreQuota: 1e6 };

export const cluster: Benchmark = {
  name: "cluster",
  async run() {
    return [
      ...decisions(),
      ...TRACES.flatMap(([name, runs]) => nodeHours(name, play({ scale: LARGE, runs: runs(), prepareSeconds: PREPARE_SECONDS }))),
    ];
  },
};

function decisions(): Figure[] {
  const figures: Figure[] = [];
  for (const [what, facts] of Object.entries(SITUATIONS)) {
    const times: number[] = [];
    for (let tick = 0; tick < TICKS; tick += 1) {
      const began = performance.now();
      planCluster(facts(tick), at(20_000 + tick));
      times.push(performance.now() - began);
    }
    const because = `one decision, ${QUEUED.toLocaleString("en")} queued runs, ${NODES} nodes, ${what}`;
    figures.push({ what: `${because}: median`, value: quantile(times, 0.5), unit: "ms" });
    figures.push({ what: `${because}: slowest of ${TICKS}`, value: Math.max(...times), unit: "ms", bar: { atMost: 20 } });
  }
  return figures;
}

const SITUATIONS: Readonly<Record<string, (tick: number) => ClusterFacts>> = (() => {
  const random = randomFrom(7);
  const queue = Array.from({ length: QUEUED }, (_, i) => waiting(i, 1 + Math.floor(random() * 16), random()));
  const big = [waiting(-1, NODES, 1), ...queue];
  const mixed = [...queue].sort(() => random() - 0.5);
  const nodes = (busy: number) =>
    Array.from({ length: NODES }, (_, i) => ({
      id: `n${i}`,
      state: i < busy ? ("running" as const) : ("idle" as const),
      since: at(19_000),
      runId: i < busy ? `x${i % 40}` : null,
    }));
  const running = Array.from({ length: 40 }, (_, i) => ({ id: `x${i}`, startedAt: at(15_000), limitSeconds: i % 2 ? 90_000 : null }));
  const all = { ...factsOf({ running }), scale: LARGE };
  return {
    "all busy": () => ({ ...all, queue, nodes: nodes(NODES) }),
    "nodes held for the first in line": () => ({ ...all, queue: big, nodes: nodes(60) }),
    "the queue in no order": () => ({ ...all, queue: mixed, nodes: nodes(60) }),
    "an empty cluster": () => ({ ...all, queue, nodes: [], running: [] }),
  };
})();

function waiting(i: number, nodes: number, chance: number): QueuedRun {
  const limitSeconds = chance < 0.5 ? null : 200_000;
  return { id: `q${i}`, nodes, priority: chance > 0.9 ? 1 : 0, createdAt: at(i), submitter: `user${i % 9}`, limitSeconds };
}

/** Traces of three days on at most 100 nodes. */
const TRACES: readonly (readonly [string, () => TraceRun[]])[] = [
  ["working days of ten people", workingDays],
  ["sweeps in bursts", sweeps],
  ["many short runs", shortRuns],
  ["mostly large runs, more than fit", largeRuns],
];

function workingDays(): TraceRun[] {
  const random = randomFrom(1);
  const runs: TraceRun[] = [];
  for (let clock = 0; clock < 3 * 86_400; clock += -Math.log(1 - random()) * (clock % 86_400 < 36_000 ? 120 : 1200)) {
    runs.push(traceRun(runs.length, clock, pick(random, [1, 1, 1, 1, 1, 1, 2, 2, 4, 8]), 120 * Math.exp(random() * 4), random() < 0.5));
  }
  return runs;
}

function sweeps(): TraceRun[] {
  const random = randomFrom(2);
  const runs: TraceRun[] = [];
  for (let clock = 0; clock < 3 * 86_400; clock += 1800 + random() * 14_400) {
    const children = 20 + Math.floor(random() * 180);
    const seconds = 60 + random() * 1200;
    for (let i = 0; i < children; i += 1) runs.push(traceRun(runs.length, clock + i * 0.2, 1, seconds * (0.7 + 0.6 * random()), true));
  }
  return runs;
}

/** Most of the time somebody is idle: who is given the next run decides how many are. */
function shortRuns(): TraceRun[] {
  const random = randomFrom(4);
  const runs: TraceRun[] = [];
  for (let clock = 0; clock < 86_400; clock += -Math.log(1 - random()) * (15 + 14 * Math.sin(clock / 3000)))
    runs.push(traceRun(runs.length, clock, pick(random, [1, 1, 1, 2, 6]), 5 + 60 * random(), random() < 0.5));
  return runs;
}

function largeRuns(): TraceRun[] {
  const random = randomFrom(3);
  return Array.from({ length: 250 }, (_, i) =>
    traceRun(i, random() * 3 * 86_400, pick(random, [1, 2, 8, 16, 32, 64]), 600 * Math.exp(random() * 3), random() < 0.7),
  );
}

function traceRun(i: number, atSeconds: number, nodes: number, seconds: number, isLimited: boolean): TraceRun {
  return { id: `r${i}`, nodes, atSeconds, seconds, priority: 0, submitter: null, limitSeconds: isLimited ? seconds * 1.5 : null };
}

function nodeHours(name: string, played: Played): Figure[] {
  const least = leastNodeSeconds(played, LARGE.idleSecondsBeforeScaledown);
  const work = played.busy.reduce(
    (sum, { nodes, atSeconds }, i) => sum + nodes * ((played.busy[i + 1]?.atSeconds ?? atSeconds) - atSeconds),
    0,
  );
  return [
    { what: `${name}: node hours`, value: played.nodeSeconds / 3600, unit: "h" },
    { what: `${name}: of these at work`, value: work / 3600, unit: "h" },
    { what: `${name}: least possible for these starts and this idle time`, value: least / 3600, unit: "h" },
    { what: `${name}: node hours relative to the least possible`, value: played.nodeSeconds / least, unit: "×", bar: { atMost: 1.1 } },
  ];
}

/**
 * No cluster that starts these runs at these times, and lets a node go only after it idled for `idleSeconds`, can have
 * fewer nodes at any moment than were busy at once within the last `idleSeconds`; and each node more than a moment
 * before had to be prepared.
 */
function leastNodeSeconds({ busy, endSeconds }: Played, idleSeconds: number): number {
  const times = [...new Set(busy.flatMap(({ atSeconds }) => [atSeconds, atSeconds + idleSeconds]))].sort((a, b) => a - b);
  let [sum, before] = [0, 0];
  for (const [i, time] of times.entries()) {
    // those that were busy until just before count as well
    const inWindow = busy.filter(({ atSeconds }, k) => atSeconds <= time && (busy[k + 1]?.atSeconds ?? endSeconds) > time - idleSeconds);
    const most = Math.max(0, ...inWindow.map(({ nodes }) => nodes));
    sum += most * ((times[i + 1] ?? time) - time) + Math.max(0, most - before) * PREPARE_SECONDS;
    before = most;
  }
  return sum;
}

const pick = <T>(random: () => number, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

/** The same numbers on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
