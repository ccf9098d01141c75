import { type Census, takeCensus } from "./census.ts";
import type { Assignment, ClusterFacts, QueuedRun } from "./facts.ts";
import { inLine, mostNodes } from "./line.ts";
import { type ComingFree, type Reservation, reserve } from "./reservation.ts";

/** Who gets nodes now, and how many more nodes would let others start. */
export interface Schedule {
  readonly assign: readonly Assignment[];
  /** nodes for queued runs that could start without any run ending, those of `assign` included */
  readonly wanted: number;
  /** the first run that has to wait for another to end, with its promise */
  readonly blocked: { readonly run: QueuedRun; readonly reservation: Reservation } | null;
}

/**
 * First come, first served among equal priorities, with EASY back-filling. A run gets all its nodes at once or none. A
 * run that must wait for nodes to become ready holds the idle ones; one that must wait for other runs to end lets later
 * ones pass that are over before its turn, or that need only what it leaves over.
 */
export function schedule(facts: ClusterFacts, now: Date, census = takeCensus(facts)): Schedule {
  const line = new Line(facts, now, census);
  const possible = mostNodes(facts.scale);
  for (const run of inLine(facts.queue)) {
    if (line.isFull) break;
    if (run.nodes <= possible) line.offer(run);
  }
  return line.result();
}

class Line {
  readonly #facts: ClusterFacts;
  readonly #census: Census;
  readonly #nowMs: number;
  readonly #assign: Assignment[] = [];
  readonly #granted: ComingFree[] = [];
  #wanted = 0;
  #room: number;
  #idleTaken = 0;
  /** somebody earlier waits for nodes to become ready: what is idle is held */
  #holdsIdle = false;
  #blocked: Schedule["blocked"] = null;

  constructor(facts: ClusterFacts, now: Date, census: Census) {
    this.#facts = facts;
    this.#census = census;
    this.#nowMs = now.getTime();
    this.#room = census.room;
  }

  /** True when no later run can get anything. */
  get isFull(): boolean {
    return this.#room === 0;
  }

  offer(run: QueuedRun): void {
    if (this.#blocked === null && run.nodes > this.#room) this.#block(run);
    else if (this.#blocked === null || this.#mayPass(run)) this.#grant(run);
  }

  result(): Schedule {
    return { assign: this.#assign, wanted: this.#wanted, blocked: this.#blocked };
  }

  #grant(run: QueuedRun): void {
    this.#room -= run.nodes;
    this.#wanted += run.nodes;
    this.#granted.push({ nodes: run.nodes, atMs: run.limitSeconds === null ? null : this.#nowMs + run.limitSeconds * 1000 });
    const idle = this.#census.idle.slice(this.#idleTaken, this.#idleTaken + run.nodes);
    if (this.#holdsIdle || idle.length < run.nodes) {
      this.#holdsIdle = true;
      return;
    }
    this.#idleTaken += run.nodes;
    this.#assign.push({ runId: run.id, nodeIds: idle.map(({ id }) => id) });
  }

  #block(run: QueuedRun): void {
    this.#blocked = { run, reservation: reserve(run.nodes - this.#room, [...this.#granted, ...comingFree(this.#facts, this.#nowMs)]) };
  }

  /** Would the blocked run start as early if this one began now? */
  #mayPass(run: QueuedRun): boolean {
    const { reservation } = this.#blocked as NonNullable<Schedule["blocked"]>;
    if (run.nodes > this.#room) return false;
    if (reservation.atMs !== null && run.limitSeconds !== null && this.#nowMs + run.limitSeconds * 1000 <= reservation.atMs) return true;
    if (run.nodes > reservation.spare) return false;
    reservation.spare -= run.nodes;
    return true;
  }
}

/** When the runs that have nodes give them back. One that is over its limit does so any moment. */
function comingFree({ nodes, running }: ClusterFacts, nowMs: number): ComingFree[] {
  const counts = new Map<string, number>();
  for (const { state, runId } of nodes) if (state === "running" && runId !== null) counts.set(runId, (counts.get(runId) ?? 0) + 1);
  const known = new Map(running.map((run) => [run.id, run]));
  return [...counts].map(([runId, count]) => {
    const run = known.get(runId);
    const endsAtMs = run?.limitSeconds == null ? null : run.startedAt.getTime() + run.limitSeconds * 1000;
    return { nodes: count, atMs: endsAtMs === null ? null : Math.max(endsAtMs, nowMs) };
  });
}
