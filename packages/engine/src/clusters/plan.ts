import { type Census, compareIds, takeCensus } from "./census.ts";
import type { ClusterFacts, ClusterPlan, LettingGo, NodeFact } from "./facts.ts";
import { schedule } from "./schedule.ts";

/**
 * Decides what becomes of a cluster: who gets which nodes, how many are made, which ones go. Does no I/O, and asked
 * again about the same facts says the same; when its plan was carried out it has nothing more to say.
 */
export function planCluster(facts: ClusterFacts, now: Date): ClusterPlan {
  const census = takeCensus(facts);
  const { assign, wanted } = schedule(facts, now, census);
  const { minNodes, maxNodes } = facts.scale;
  const target = Math.min(Math.max(census.running.length + wanted, minNodes), maxNodes);
  const taken = new Set(assign.flatMap(({ nodeIds }) => nodeIds));
  const idle = census.idle.filter(({ id }) => !taken.has(id));
  const late = census.preparing.filter((node) => secondsIn(node, now) >= facts.prepareTimeoutSeconds);
  const hopeful = census.preparing.filter((node) => !late.includes(node));
  const serving = census.running.length + taken.size + idle.length + hopeful.length;
  const unneeded = lastOf(hopeful, serving - target);
  const release = nodesToRelease(facts, now, idle, serving - unneeded.length - target, serving - unneeded.length - maxNodes);
  return {
    assign,
    release: [...release, ...brokenNodes(facts, census, now)],
    giveUp: [
      ...late.map(({ id }) => ({ nodeId: id, because: "took_too_long" as const })),
      ...unneeded.map(({ id }) => ({ nodeId: id, because: "not_needed" as const })),
    ],
    create: Math.max(0, Math.min(target - serving, census.creatable)),
    target,
  };
}

/** The youngest of them. */
const lastOf = (nodes: readonly NodeFact[], count: number): readonly NodeFact[] => (count <= 0 ? [] : nodes.slice(-count));

/** Nodes beyond the most go at once, others when they were idle for long enough; those that were idle longest go first. */
function nodesToRelease({ scale }: ClusterFacts, now: Date, idle: readonly NodeFact[], unneeded: number, aboveMax: number) {
  const oldestFirst = idle.toSorted((a, b) => a.since.getTime() - b.since.getTime() || compareIds(a, b));
  const release: LettingGo<"above_max" | "idle_too_long">[] = [];
  for (const [index, node] of oldestFirst.slice(0, Math.max(0, unneeded)).entries()) {
    if (index < aboveMax) release.push({ nodeId: node.id, because: "above_max" });
    else if (secondsIn(node, now) >= scale.idleSecondsBeforeScaledown) release.push({ nodeId: node.id, because: "idle_too_long" });
  }
  return release;
}

function brokenNodes({ unusableSeconds }: ClusterFacts, { unusable }: Census, now: Date) {
  return unusable
    .filter((node) => secondsIn(node, now) >= unusableSeconds)
    .map((node) => ({ nodeId: node.id, because: "unusable" as const }));
}

const secondsIn = ({ since }: NodeFact, now: Date): number => (now.getTime() - since.getTime()) / 1000;
