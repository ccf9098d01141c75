import { LOG_FILES } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { explainWaitingRun } from "../clusters/explain.ts";
import type { ClusterFacts } from "../clusters/facts.ts";
import type { ManagedCluster } from "../clusters/managedCluster.ts";
import { sayWaiting } from "../clusters/sayWaiting.ts";
import type { EngineContext } from "../context.ts";
import { isCarried } from "../runs/carried.ts";
import type { Target } from "../targets.ts";
import { scriptLogsOf, type Told } from "./ended.ts";
import type { LocalKnowledge } from "./why.ts";

const MOST_NAMED = 3;

/** What a run that is not over waits for, or what it is doing. */
export async function explainWaiting(context: EngineContext, run: RunRecord, known: LocalKnowledge): Promise<Told> {
  const { trouble } = known;
  const hints: string[] = [];
  if (trouble?.code === "compute_unreachable" || run.unreachableSince !== null) return unreachable(run, trouble);
  if (run.missingSince !== null) {
    const what = `The compute has had no trace of the job since ${run.missingSince.toISOString()}; after ${context.settings.lostAfterSeconds} s it counts as lost.`;
    return { summary: what, hints: ["The run directory may have been removed, or a file system may not be mounted."], files: [] };
  }
  if (run.cancelRequestedAt !== null) {
    const sent =
      run.cancelSentAt === null ? "its compute is being told" : `its compute was told; it has ${run.cancelGraceSeconds} s to finish`;
    return { summary: `The run is being canceled: ${sent}.`, hints, files: [] };
  }
  switch (run.state) {
    case "queued":
      return run.handle === null ? await explainQueue(context, run, known) : waitsOnCompute(run);
    case "starting":
      if (run.preparing) return { summary: "The environment is being prepared.", hints, files: [LOG_FILES.build] };
      return run.handle === null ? { summary: `The run is being placed on "${run.target}".`, hints, files: [] } : waitsOnCompute(run);
    case "running": {
      if (!isCarried(run)) return await explainOutside(context, run);
      return { summary: `The script is running${onNode(run)}.`, hints, files: scriptLogsOf(run) };
    }
    default:
      return { summary: "The script has ended; its logs and outputs are being brought home.", hints, files: [] };
  }
}

/** Nobody can tell a process that is gone from one that computes, or from a notebook that was left open: nothing is ended for it. */
async function explainOutside({ store, settings, clock }: EngineContext, run: RunRecord): Promise<Told> {
  const outside = "The run is executed outside, and is open until it is completed there.";
  const since = await store.runs.lastSignOf(run);
  const quietSeconds = (clock.now().getTime() - since.getTime()) / 1000;
  if (quietSeconds < settings.quietAfterSeconds) return { summary: outside, hints: [], files: [] };
  return {
    summary: `${outside} Nothing has come from there since ${since.toISOString()}: its process may be gone, or have nothing to say.`,
    hints: [
      `If it is gone: switchyard run cancel -r ${run.id}`,
      "On the machine where it ran, its own server ends such a run by itself, and so does a Python program that opens a workspace there.",
    ],
    files: [],
  };
}

function unreachable(run: RunRecord, trouble: LocalKnowledge["trouble"]): Told {
  const since = (run.unreachableSince ?? trouble?.since)?.toISOString();
  const because = trouble === null ? "" : ` ${trouble.message}`;
  return {
    summary: `The compute "${run.target}" has not answered since ${since}.${because}`,
    hints: ["The run itself may be going on: what it writes comes home once its compute answers."],
    files: [],
  };
}

function waitsOnCompute(run: RunRecord): Told {
  const what = run.waitsFor === null ? `The run waits on "${run.target}" to begin.` : `The run waits on "${run.target}": ${run.waitsFor}.`;
  return { summary: what, hints: [], files: [LOG_FILES.control] };
}

async function explainQueue(context: EngineContext, run: RunRecord, { line, factsOf }: LocalKnowledge): Promise<Told> {
  const { targets, drivers, clusters } = context;
  const target = targets.get(run.workspace, run.target);
  if (target === undefined || drivers.get(target.driver) === undefined) {
    return {
      summary: `The compute target "${run.target}" is not attached to this server any more.`,
      hints: ["Attach it again, or cancel the run."],
      files: [],
    };
  }
  if (target.closedBecause !== null) return { summary: `The run is queued. ${target.closedBecause}`, hints: [], files: [] };
  const cluster = clusters.of(run.workspace, run.target);
  if (cluster !== undefined) return explainNodes(cluster, run, await factsOf(cluster), context.clock.now());
  if (line === null)
    return { summary: `The run is queued for "${target.name}" and waits for a server to take it up.`, hints: [], files: [] };
  const { ahead, active } = line;
  const before = ahead.length === 0 ? "It is the next in line." : `Before it in line: ${named(ahead)}.`;
  if (target.nodesAtOnce !== undefined) return explainBound(target, before, active);
  const busy = `${active.length} of ${target.maxConcurrentRuns} places on "${target.name}" are taken${active.length === 0 ? "" : ` (${named(active)})`}.`;
  return { summary: `The run is queued. ${before} ${busy}`, hints: [], files: [] };
}

function explainBound({ name, nodesAtOnce }: Target, before: string, active: readonly string[]): Told {
  return {
    summary: `The run is queued. ${before} Its runs may have ${nodesAtOnce} nodes of "${name}" at once${active.length === 0 ? "" : `; ${named(active)} ${active.length === 1 ? "has" : "have"} some of them`}.`,
    hints: [`More at once: switchyard computetarget update -n ${name} --max-nodes N`],
    files: [],
  };
}

function explainNodes({ name, provider }: ManagedCluster, run: RunRecord, facts: ClusterFacts, now: Date): Told {
  const waiting = explainWaitingRun(facts, run.id, now);
  if (waiting === null) return { summary: `The run is queued and gets its nodes of "${name}" now.`, hints: [], files: [] };
  const told = sayWaiting(name, waiting);
  const elsewhere = provider === null ? ["The nodes of this cluster are made by the server of another machine."] : [];
  return { summary: `The run is queued. ${told.summary}`, hints: [...elsewhere, ...told.hints], files: [] };
}

function named(ids: readonly string[]): string {
  const more = ids.length - MOST_NAMED;
  return more > 0 ? `${ids.slice(0, MOST_NAMED).join(", ")} and ${more} more` : ids.join(", ");
}

function onNode(run: RunRecord): string {
  const node = run.attempts.at(-1)?.node;
  return node ? ` on ${node}` : "";
}
