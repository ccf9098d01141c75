import type { BusyWith, Waiting } from "./explain.ts";

const MOST_NAMED = 3;

/** The same in words, for `why`: one sentence, and what to do where something can be done. */
export function sayWaiting(cluster: string, waiting: Waiting): { summary: string; hints: string[] } {
  if (waiting.kind === "never") return sayNever(cluster, waiting);
  const lacking = Math.max(1, waiting.nodes - waiting.idle);
  const sources = [
    waiting.preparing > 0 && `${waiting.preparing} preparing`,
    waiting.creatable > 0 && `${waiting.creatable} still to be made`,
    ...waiting.busy.slice(0, MOST_NAMED).map(sayBusy),
    waiting.busy.length > MOST_NAMED &&
      `${waiting.busy.slice(MOST_NAMED).reduce((sum, { nodes }) => sum + nodes, 0)} busy with ${waiting.busy.length - MOST_NAMED} more runs`,
  ].filter((each): each is string => typeof each === "string");
  const have = waiting.idle > 0 ? `, ${waiting.idle} idle` : "";
  const from = sources.length === 0 ? "" : `: ${sources.join(", ")}`;
  const summary = `The run wants ${count(waiting.nodes)} of "${cluster}" and waits for ${lacking} more${from}${have}.${sayLine(waiting)}`;
  const startsBy = waiting.startsBy === null ? "" : ` It starts by ${waiting.startsBy.toISOString()} at the latest.`;
  return { summary: summary + startsBy, hints: hintsFor(cluster, waiting) };
}

function sayNever(cluster: string, { because, nodes, most }: Extract<Waiting, { kind: "never" }>): { summary: string; hints: string[] } {
  if (because === "max_nodes") {
    return {
      summary: `The run wants ${count(nodes)}, and "${cluster}" may have ${most} at most: it cannot start.`,
      hints: [
        `\`switchyard computetarget update -n ${cluster} --max-nodes ${nodes}\` lets it start; or cancel it and ask for fewer nodes.`,
      ],
    };
  }
  return {
    summary: `The run wants ${count(nodes)} of "${cluster}", and the workspace's core quota is enough for ${most}: it cannot start.`,
    hints: ["Raise the quota, use a smaller VM size, or cancel it and ask for fewer nodes."],
  };
}

const count = (nodes: number): string => `${nodes} ${nodes === 1 ? "node" : "nodes"}`;

const sayBusy = ({ runId, nodes, until }: BusyWith): string =>
  `${nodes} busy with run ${runId}${until === null ? "" : ` until ${until.toISOString()} at the latest`}`;

function sayLine({ ahead, behind }: Extract<Waiting, { kind: "waits" }>): string {
  if (ahead.length === 0) return " It is the next in line.";
  const named = ahead.slice(0, MOST_NAMED).join(", ");
  const more = ahead.length - MOST_NAMED;
  const before = ` Before it in line: ${named}${more > 0 ? ` and ${more} more` : ""}.`;
  return behind === null ? before : `${before} Nodes are kept for run ${behind}.`;
}

function hintsFor(cluster: string, waiting: Extract<Waiting, { kind: "waits" }>): string[] {
  if (waiting.heldBy === "quota") {
    return ["The workspace's core quota is used up, by this cluster or by others: raise it, or wait until other clusters let nodes go."];
  }
  if (waiting.preparing + waiting.creatable === 0 && waiting.busy.length > 0) {
    return [`A larger --max-nodes of \`switchyard computetarget update -n ${cluster}\` would let more runs go at once.`];
  }
  return [];
}
