import { LOG_FILES, NotFound, type Why } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import type { ClusterFacts } from "../clusters/facts.ts";
import type { ManagedCluster } from "../clusters/managedCluster.ts";
import type { EngineContext } from "../context.ts";
import { statusOfRun } from "../present/publicRun.ts";
import { storagePathOf } from "../present/runFiles.ts";
import type { Trouble } from "../reconciler/watch.ts";
import { lastAttempt } from "../runs/attempts.ts";
import { saidOfSweep, saidOfTrial } from "../sweeps/driving/whyTrial.ts";
import { explainEnd, scriptLogsOf, type Told } from "./ended.ts";
import { tailOf } from "./tail.ts";
import { explainWaiting } from "./waiting.ts";
import { saidOfWaitingTrials } from "./waitingTrials.ts";

const LINES = 20;

type Logs = { file: string; lines: string[] }[];

/** What only the server that looks after a run knows. */
export interface LocalKnowledge {
  readonly trouble: Trouble | null;
  /** what stands in the way of a sweep */
  readonly sweepTrouble: string | null;
  /** which runs are before it in line, and which have a place; null when this server does not look after it */
  readonly line: { readonly ahead: readonly string[]; readonly active: readonly string[] } | null;
  factsOf(cluster: ManagedCluster): Promise<ClusterFacts>;
  /** the same about another run */
  about(runId: string): LocalKnowledge;
}

/** Says in words what a run waits for or died of. */
export async function whyOf(context: EngineContext, runId: string, known: LocalKnowledge): Promise<Why> {
  const run = await context.store.runs.get(runId);
  if (run === undefined) throw new NotFound(`There is no run "${runId}".`);
  const logs = await lastLinesOf(context, run);
  const told = await explain(context, run, logs, known);
  const all = withTrouble(told, run, known.trouble);
  const timeline = await context.store.runs.timeline(runId);
  const mattering = logs.filter(({ file }) => all.files.includes(file));
  return {
    runId,
    status: statusOfRun(run),
    summary: all.summary,
    hints: [...all.hints, ...leftOut(timeline)],
    lastLines: mattering.filter(({ lines }) => lines.length > 0),
    timeline,
  };
}

/** A sweep is explained by its journal, a trial by what became of its run and by what the journal says of it. */
async function explain(context: EngineContext, run: RunRecord, logs: Logs, known: LocalKnowledge): Promise<Told> {
  const ofSweep = await saidOfSweep(context.store, run, known.sweepTrouble);
  if (ofSweep !== null) {
    const { summary, hints, pending } = ofSweep;
    return { summary, hints: [...hints, ...(await saidOfWaitingTrials(context, pending, known))], files: [] };
  }
  const told = run.state === "ended" ? explainEnd(run, logs) : await explainWaiting(context, run, known);
  const ofTrial = await saidOfTrial(context.store, run);
  return ofTrial.length === 0 ? told : { ...told, hints: [...ofTrial, ...told.hints] };
}

/** What the script said and nobody took, such as a metric that it logged for its parent: it ended well, and the metric is missing. */
function leftOut(timeline: Why["timeline"]): string[] {
  return timeline.flatMap(({ what, detail }) => (what === "refused" && detail !== null ? [detail] : []));
}

/** What stands in the way on the server's own side comes first: nothing else can happen before. */
function withTrouble(told: Told, run: RunRecord, trouble: Trouble | null): Told {
  if (trouble === null || run.state === "ended" || trouble.code === "compute_unreachable") return told;
  const what = trouble.code === "disk_full" ? "The server waits for disk space" : "The server could not go on with the run and tries again";
  return { ...told, summary: `${what} (since ${trouble.since.toISOString()}): ${trouble.message}`, hints: [told.summary, ...told.hints] };
}

async function lastLinesOf({ artifacts }: EngineContext, run: RunRecord): Promise<Logs> {
  const attempt = lastAttempt(run.attempts)?.number ?? 1;
  const files = [...scriptLogsOf(run), LOG_FILES.build, LOG_FILES.control];
  return Promise.all(files.map(async (file) => ({ file, lines: await tailOf(artifacts, run.id, storagePathOf(attempt, file), LINES) })));
}
