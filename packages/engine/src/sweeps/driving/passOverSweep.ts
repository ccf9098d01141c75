import { failPoint, type JsonObject, trialRunId } from "@switchyard/protocol";
import type { ParentChange, RunRecord } from "@switchyard/store";
import { nodesOf } from "../../reconciler/agenda.ts";
import { letGo } from "../../reconciler/letGo.ts";
import { withWarnings } from "../../runs/afterCollecting.ts";
import { type Actor, act } from "./act.ts";
import { applyEntry } from "./applyEntry.ts";
import { decide } from "./decide.ts";
import { endOfParent } from "./finish.ts";
import { catchUp } from "./loadSweep.ts";
import { logTextOf } from "./logLines.ts";
import { lookAtTrials, type TrialLook } from "./look.ts";
import type { Minds } from "./minds.ts";
import { lacksMetric } from "./notes.ts";
import { emptyState, type SweepState } from "./state.ts";
import { SweepLog } from "./writeLog.ts";

/** What is remembered of a sweep between two passes; all of it can be read again. */
export interface SweepMemory {
  readonly state: SweepState;
  readonly log: SweepLog;
}

/** One pass over a sweep: its id, who acts, and what thinks. */
export interface SweepPass {
  readonly runId: string;
  readonly actor: Actor;
  readonly minds: Minds;
}

/** How a pass went: `stale`: forget what was remembered; `over`: there is nothing left to drive. */
export type PassResult = "moved" | "quiet" | "stale" | "over";

/** Reads a sweep's journal from its beginning. */
export async function remember({ actor: { context }, runId }: SweepPass): Promise<SweepMemory> {
  const memory = { state: emptyState(), log: new SweepLog(context, runId) };
  await follow(context, runId, memory);
  return memory;
}

async function follow({ store }: Actor["context"], runId: string, { state, log }: SweepMemory): Promise<void> {
  await catchUp(store, runId, state, (entry, so, at) => log.add(logTextOf(runId, entry, so, at)));
}

/** Loads, looks, decides, saves, acts. Everything may be done again: what the journal says and is not true yet is made true. */
export async function passOverSweep(pass: SweepPass, memory: SweepMemory): Promise<PassResult> {
  const { runId, actor, minds } = pass;
  const { context } = actor;
  const { store, clock, instance } = context;
  const { state, log } = memory;
  const [row, parent] = [await store.sweeps.get(runId), await store.runs.get(runId)];
  if (row === undefined || parent === undefined) return "over";
  if (row.entries > state.length) await follow(context, runId, memory);
  if (state.finished !== null) return await finish(pass, memory, parent);
  const looks = await lookAtTrials(store, runId, state);
  const now = clock.now();
  const after = state.length;
  const facts = { nodes: nodesOf(parent), now, otherMetrics: await otherMetricsOf(pass, state, looks) };
  const entries = decide(state, looks, facts, minds, (entry) => log.add(logTextOf(runId, entry, state, now)));
  const noted = withWarnings(parent, [...state.notes.values()]);
  if (entries.length > 0) {
    const change = { after, entries: entries as unknown as JsonObject[], at: now, holder: instance };
    failPoint("sweep.before-entries-saved");
    if (!(await store.sweeps.append(runId, { ...change, ...(noted === parent ? {} : { parent: { was: parent, next: noted } }) })))
      return "stale";
    failPoint("sweep.after-entries-saved");
  }
  const closed = await act(actor, parent, state, looks);
  if (closed !== null) {
    applyEntry(state, closed, now);
    log.add(logTextOf(runId, closed, state, now));
    const entry = closed as unknown as JsonObject;
    if (!(await store.sweeps.append(runId, { after: state.length - 1, entries: [entry], at: now, holder: instance }))) return "stale";
  }
  await log.flush();
  return entries.length > 0 || closed !== null ? "moved" : "quiet";
}

/** The log is whole before the parent run is over, since nobody reads on in the log of a run that is over. */
async function finish({ runId, actor: { context } }: SweepPass, { state, log }: SweepMemory, parent: RunRecord): Promise<PassResult> {
  const { store, clock, instance } = context;
  await log.flush();
  const now = clock.now();
  const change: ParentChange | null = endOfParent(parent, state, now);
  failPoint("sweep.before-ended");
  const ended = { after: state.length, entries: [], at: now, holder: instance, isOpen: false };
  if (!(await store.sweeps.append(runId, { ...ended, ...(change === null ? {} : { parent: change }) }))) return "stale";
  await letGo(context, change?.next ?? parent);
  return "over";
}

/** Which metrics a trial logged that lacks the primary one: asked for once in the life of a sweep. */
async function otherMetricsOf(
  { runId, actor: { context } }: SweepPass,
  { notes }: SweepState,
  looks: readonly TrialLook[],
): Promise<string[]> {
  const lacking = notes.has("metric missing") ? undefined : looks.find(lacksMetric);
  if (lacking === undefined) return [];
  return (await context.store.metrics.summaries(trialRunId(runId, lacking.trial))).map(({ name }) => name);
}
