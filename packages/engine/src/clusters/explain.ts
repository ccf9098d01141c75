import { takeCensus } from "./census.ts";
import type { ClusterFacts, QueuedRun } from "./facts.ts";
import { inLine, mostNodes } from "./line.ts";
import { type Schedule, schedule } from "./schedule.ts";

/** Why a queued run does not start yet, as data. */
export type Waiting =
  /** it wants more than the cluster can ever give */
  | { readonly kind: "never"; readonly because: "max_nodes" | "quota"; readonly nodes: number; readonly most: number }
  | {
      readonly kind: "waits";
      readonly nodes: number;
      /** runs before it in line */
      readonly ahead: readonly string[];
      /** nodes of the cluster that would serve it, held for earlier runs or not */
      readonly idle: number;
      readonly preparing: number;
      /** nodes that could still be made */
      readonly creatable: number;
      readonly busy: readonly BusyWith[];
      /** the earlier run that everybody behind it waits for; null when that is this run, or nobody */
      readonly behind: string | null;
      /** when it starts at the latest, where the time limits of others tell that */
      readonly startsBy: Date | null;
      /** what keeps the cluster from growing although it may have more nodes */
      readonly heldBy: "quota" | null;
    };

export interface BusyWith {
  readonly runId: string;
  readonly nodes: number;
  /** when its time limit ends it; null when it has none */
  readonly until: Date | null;
}

/** Says what a queued run waits for; null when it is not in the queue, or gets its nodes now. */
export function explainWaitingRun(facts: ClusterFacts, runId: string, now: Date): Waiting | null {
  const line = inLine(facts.queue);
  const at = line.findIndex(({ id }) => id === runId);
  const run = line[at];
  if (run === undefined) return null;
  const most = mostNodes(facts.scale);
  if (run.nodes > most) {
    return { kind: "never", because: run.nodes > facts.scale.maxNodes ? "max_nodes" : "quota", nodes: run.nodes, most };
  }
  const census = takeCensus(facts);
  const planned = schedule(facts, now, census);
  if (planned.assign.some((each) => each.runId === runId)) return null;
  const { existing, creatable, idle, preparing } = census;
  return {
    kind: "waits",
    nodes: run.nodes,
    ahead: line.slice(0, at).flatMap((each) => (each.nodes <= most ? [each.id] : [])),
    idle: idle.length,
    preparing: preparing.length,
    creatable,
    busy: busyWith(facts),
    ...placeBehind(planned, run),
    heldBy: creatable === 0 && existing < facts.scale.maxNodes ? "quota" : null,
  };
}

function placeBehind({ blocked }: Schedule, run: QueuedRun): { behind: string | null; startsBy: Date | null } {
  if (blocked === null) return { behind: null, startsBy: null };
  if (blocked.run.id !== run.id) return { behind: blocked.run.id, startsBy: null };
  const { atMs } = blocked.reservation;
  return { behind: null, startsBy: atMs === null ? null : new Date(atMs) };
}

function busyWith({ nodes, running }: ClusterFacts): BusyWith[] {
  const counts = new Map<string, number>();
  for (const { state, runId } of nodes) if (state === "running" && runId !== null) counts.set(runId, (counts.get(runId) ?? 0) + 1);
  const byId = new Map(running.map((run) => [run.id, run]));
  return [...counts].map(([runId, count]) => {
    const run = byId.get(runId);
    const until = run?.limitSeconds == null ? null : new Date(run.startedAt.getTime() + run.limitSeconds * 1000);
    return { runId, nodes: count, until };
  });
}
