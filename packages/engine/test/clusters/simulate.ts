import type { ClusterFacts, ClusterPlan, NodeFact, QueuedRun, RunningRun, ScaleFacts } from "../../src/clusters/facts.ts";
import { planCluster } from "../../src/clusters/plan.ts";
import { schedule } from "../../src/clusters/schedule.ts";

/** A run of a trace: when it comes, and how long it really takes. */
export interface TraceRun extends Omit<QueuedRun, "createdAt"> {
  readonly atSeconds: number;
  readonly seconds: number;
}

export interface Trace {
  readonly scale: ScaleFacts;
  readonly runs: readonly TraceRun[];
  readonly prepareSeconds: number;
}

/** What became of a trace. */
export interface Played {
  readonly starts: ReadonlyMap<string, { readonly atSeconds: number; readonly nodeIds: readonly string[] }>;
  /** seconds in which nodes existed, preparing and idle ones included */
  readonly nodeSeconds: number;
  /** the same of preparing ones alone */
  readonly prepareNodeSeconds: number;
  /** how many nodes were busy from when on */
  readonly busy: readonly { readonly atSeconds: number; readonly nodes: number }[];
  readonly endSeconds: number;
  /** when runs that had to wait for others were told to start at the latest: the first promise counts */
  readonly promises: ReadonlyMap<string, number>;
  readonly plans: number;
  readonly slowestPlanMs: number;
}

export const SCALE: ScaleFacts = {
  minNodes: 0,
  maxNodes: 4,
  idleSecondsBeforeScaledown: 120,
  vmPriority: "dedicated",
  coresPerNode: 2,
  coresAllowed: 1000,
  coreQuota: 1000,
};

export const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);

/** Facts of a cluster where nothing is, for a test to fill. */
export function factsOf(facts: Partial<Omit<ClusterFacts, "scale">> & { readonly scale?: Partial<ScaleFacts> }): ClusterFacts {
  const { scale, ...rest } = facts;
  return { nodes: [], queue: [], running: [], prepareTimeoutSeconds: 600, unusableSeconds: 60, ...rest, scale: { ...SCALE, ...scale } };
}

export const queued = (id: string, nodes: number, more: Partial<QueuedRun> = {}): QueuedRun => ({
  id,
  nodes,
  priority: 0,
  createdAt: at(Number(/\d+/.exec(id)?.[0] ?? 0)),
  submitter: null,
  limitSeconds: null,
  ...more,
});

/** What the facts are once a plan was carried out; `newId` names the nodes that are made. */
export function carriedOut(facts: ClusterFacts, plan: ClusterPlan, now: Date, newId: () => string): ClusterFacts {
  const owner = new Map(plan.assign.flatMap(({ runId, nodeIds }) => nodeIds.map((id) => [id, runId] as const)));
  const gone = new Set([...plan.release, ...plan.giveUp].map(({ nodeId }) => nodeId));
  const nodes = facts.nodes.map((node): NodeFact => {
    const runId = owner.get(node.id);
    if (runId !== undefined) return { ...node, state: "running", since: now, runId };
    return gone.has(node.id) ? { ...node, state: "leaving", since: now } : node;
  });
  for (let i = 0; i < plan.create; i += 1) nodes.push({ id: newId(), state: "preparing", since: now, runId: null });
  const started = new Set(plan.assign.map(({ runId }) => runId));
  const starting = facts.queue.filter(({ id }) => started.has(id));
  return {
    ...facts,
    nodes,
    queue: facts.queue.filter(({ id }) => !started.has(id)),
    running: [...facts.running, ...starting.map(({ id, limitSeconds }): RunningRun => ({ id, limitSeconds, startedAt: now }))],
  };
}

/** Plays a trace event by event: the planner is asked whenever something happens, and once a node has idled for too long. */
export function play({ scale, runs, prepareSeconds }: Trace): Played {
  return new Player(scale, prepareSeconds).play(runs);
}

const EVENTS_LIMIT = 2_000_000;

class Player {
  #facts: ClusterFacts;
  readonly #prepareSeconds: number;
  readonly #starts = new Map<string, { atSeconds: number; nodeIds: readonly string[] }>();
  readonly #ends: { id: string; atSeconds: number }[] = [];
  readonly #busy: { atSeconds: number; nodes: number }[] = [{ atSeconds: 0, nodes: 0 }];
  readonly #seconds = new Map<string, number>();
  readonly #promises = new Map<string, number>();
  #made = 0;
  #nodeSeconds = 0;
  #prepareNodeSeconds = 0;
  #plans = 0;
  #slowestPlanMs = 0;

  constructor(scale: ScaleFacts, prepareSeconds: number) {
    this.#facts = factsOf({ scale });
    this.#prepareSeconds = prepareSeconds;
  }

  play(runs: readonly TraceRun[]): Played {
    const coming = runs.toSorted((a, b) => a.atSeconds - b.atSeconds);
    for (const { id, seconds } of coming) this.#seconds.set(id, seconds);
    let next = 0;
    let clock = 0;
    for (let events = 0; events < EVENTS_LIMIT; events += 1) {
      this.#arrive(coming, next, clock);
      while ((coming[next]?.atSeconds ?? Number.POSITIVE_INFINITY) <= clock) next += 1;
      this.#happen(clock);
      this.#plan(clock);
      const then = this.#nextEvent(coming[next]?.atSeconds, clock);
      if (then === Number.POSITIVE_INFINITY) return this.#played(clock);
      this.#pass(then - clock);
      clock = then;
    }
    throw new Error("The trace does not come to an end.");
  }

  #arrive(coming: readonly TraceRun[], from: number, clock: number): void {
    const arrived: QueuedRun[] = [];
    for (let i = from; (coming[i]?.atSeconds ?? Number.POSITIVE_INFINITY) <= clock; i += 1) {
      const { atSeconds, seconds: _, ...run } = coming[i] as TraceRun;
      arrived.push({ ...run, createdAt: at(atSeconds) });
    }
    if (arrived.length > 0) this.#facts = { ...this.#facts, queue: [...this.#facts.queue, ...arrived] };
  }

  /** Runs that are over give their nodes back, nodes become ready, leaving ones are gone. */
  #happen(clock: number): void {
    const now = at(clock);
    const over = new Set(this.#ends.filter(({ atSeconds }) => atSeconds <= clock).map(({ id }) => id));
    if (over.size > 0) this.#ends.splice(0, this.#ends.length, ...this.#ends.filter(({ id }) => !over.has(id)));
    const nodes = this.#facts.nodes
      .filter(({ state }) => state !== "leaving")
      .map((node): NodeFact => {
        if (node.runId !== null && over.has(node.runId)) return { ...node, state: "idle", since: now, runId: null };
        const isReady = node.state === "preparing" && secondsOf(node.since) + this.#prepareSeconds <= clock;
        return isReady ? { ...node, state: "idle", since: now } : node;
      });
    this.#facts = { ...this.#facts, nodes, running: this.#facts.running.filter(({ id }) => !over.has(id)) };
  }

  #plan(clock: number): void {
    const now = at(clock);
    const began = performance.now();
    const plan = planCluster(this.#facts, now);
    this.#slowestPlanMs = Math.max(this.#slowestPlanMs, performance.now() - began);
    this.#plans += 1;
    this.#notePromise(now);
    for (const { runId, nodeIds } of plan.assign) {
      this.#starts.set(runId, { atSeconds: clock, nodeIds });
      this.#ends.push({ id: runId, atSeconds: clock + (this.#seconds.get(runId) ?? 0) });
    }
    this.#facts = carriedOut(this.#facts, plan, now, () => this.#newId());
    const nodes = this.#facts.nodes.filter(({ state }) => state === "running").length;
    if (this.#busy.at(-1)?.nodes !== nodes) this.#busy.push({ atSeconds: clock, nodes });
  }

  #notePromise(now: Date): void {
    const { blocked } = schedule(this.#facts, now);
    if (blocked === null || blocked.reservation.atMs === null || this.#promises.has(blocked.run.id)) return;
    this.#promises.set(blocked.run.id, secondsOf(new Date(blocked.reservation.atMs)));
  }

  #newId(): string {
    this.#made += 1;
    return `node-${this.#made}`;
  }

  /** When something happens next; infinity when nothing ever will. */
  #nextEvent(arrival: number | undefined, clock: number): number {
    const { nodes, scale } = this.#facts;
    const times = [arrival ?? Number.POSITIVE_INFINITY, ...this.#ends.map(({ atSeconds }) => atSeconds)];
    for (const node of nodes) {
      if (node.state === "preparing") times.push(secondsOf(node.since) + this.#prepareSeconds);
      const due = secondsOf(node.since) + scale.idleSecondsBeforeScaledown;
      if (node.state === "idle" && due > clock) times.push(due);
    }
    return Math.min(...times);
  }

  #pass(seconds: number): void {
    const states = this.#facts.nodes.map(({ state }) => state).filter((state) => state !== "leaving");
    this.#nodeSeconds += states.length * seconds;
    this.#prepareNodeSeconds += states.filter((state) => state === "preparing").length * seconds;
  }

  #played(clock: number): Played {
    return {
      starts: this.#starts,
      nodeSeconds: this.#nodeSeconds,
      prepareNodeSeconds: this.#prepareNodeSeconds,
      busy: this.#busy,
      endSeconds: clock,
      promises: this.#promises,
      plans: this.#plans,
      slowestPlanMs: this.#slowestPlanMs,
    };
  }
}

const secondsOf = (date: Date): number => (date.getTime() - at(0).getTime()) / 1000;
