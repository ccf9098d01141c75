import {
  argumentName,
  BadRequest,
  Conflict,
  isArgumentName,
  isSameValue,
  type JsonObject,
  NotFound,
  SWEEP_CLOSED,
  type SweepEntry,
  type SweepLimits,
  type TrialWish,
} from "@switchyard/protocol";
import type { ParentChange, RunRecord } from "@switchyard/store";
import type { EngineContext } from "../../context.ts";
import { afterCancelRequested } from "../../runs/cancel.ts";
import { applyEntry } from "./applyEntry.ts";
import { inWordsOfSpace } from "./askedValues.ts";
import { RESULT_PROPERTIES } from "./finish.ts";
import { loadSweep } from "./loadSweep.ts";
import { lentEntry, type Minds } from "./minds.ts";
import { again, freePlaces, isOurs, placesTaken } from "./places.ts";
import type { SweepState, SweepTrialState } from "./state.ts";
import { argumentsOf } from "./submitSweep.ts";
import { requireTargetsStill } from "./whereTo.ts";

/** What a wish makes of a sweep: null when there is nothing to change. */
interface Wished {
  readonly entries: readonly SweepEntry[];
  readonly parent?: ParentChange;
  readonly isOpen?: boolean;
}

/** Appends what somebody wishes to the journal: again when somebody else wrote meanwhile. Answers the sweep afterwards. */
async function wish(
  { store, clock }: EngineContext,
  runId: string,
  decide: (state: SweepState, parent: RunRecord, now: Date) => Wished | null,
): Promise<SweepState> {
  for (;;) {
    const state = await loadSweep(store, runId);
    const parent = await store.runs.get(runId);
    if (parent === undefined) throw new NotFound(`There is no run "${runId}".`);
    const now = clock.now();
    const wished = decide(state, parent, now);
    if (wished === null) return state;
    const { entries, ...others } = wished;
    const change = { after: state.length, entries: entries as unknown as JsonObject[], at: now, holder: null, ...others };
    if (!(await store.sweeps.append(runId, change))) continue;
    for (const entry of entries) applyEntry(state, entry, now);
    return state;
  }
}

const by = (user: string | null): string => (user === null ? "" : ` by ${user}`);

/** Makes no more trials; with `cancels`, stops those that run. A sweep that is over stays as it is. */
export async function stopSweep(context: EngineContext, runId: string, cancels: boolean, user: string | null): Promise<SweepState> {
  return await wish(context, runId, ({ finished, closed }) => {
    if (finished !== null || (closed !== null && (closed.cancels || !cancels))) return null;
    return { entries: [{ kind: "closed", because: "stopped", cancels, detail: `The sweep was stopped${by(user)}.` }] };
  });
}

/** Cancels a sweep: its trials are stopped, and it ends as canceled. */
export async function cancelSweep(context: EngineContext, runId: string, graceSeconds: number): Promise<SweepState> {
  return await wish(context, runId, ({ finished, closed }, was, now) => {
    if (finished !== null || closed?.because === "canceled") return null;
    const next = afterCancelRequested(was, graceSeconds, now);
    const timeline = [{ at: now, attempt: null, what: "cancel_requested", detail: `grace ${graceSeconds} s` }];
    const entries: SweepEntry[] = [{ kind: "closed", because: "canceled", cancels: true, detail: "The sweep was canceled." }];
    return { entries, ...(next === was ? {} : { parent: { was, next, timeline } }) };
  });
}

/** Lets a sweep go on, with other limits where they are given: one that was stopped or has finished, or one that runs. */
export async function reopenSweep(context: EngineContext, runId: string, limits: SweepLimits, user: string | null): Promise<SweepState> {
  return await wish(context, runId, (state, parent, now) => {
    requireReopenable(runId, state, limits);
    if (state.finished !== null) requireTargetsStill(context, parent);
    const reopened: SweepEntry = { kind: "reopened", limits, by: user };
    const cut = state.closed === null ? [] : state.trials.filter(wasCutOff);
    const trials = cut.map((trial, index) => again(trial, state.trials.length + index));
    const ahead = { ...state, configuration: { ...state.configuration, ...limits } as SweepState["configuration"], closed: null };
    if (state.finished !== null && trials.length === 0 && !hasRoom(ahead)) throw nothingLeft(runId, ahead);
    const entries: SweepEntry[] = trials.length === 0 ? [reopened] : [reopened, { kind: "added", origin: "retry", trials }];
    return { entries, ...(parent.state === "ended" ? { parent: opened(parent, now) } : {}), isOpen: true };
  });
}

/** Stopped, or never made, because the whole sweep was. */
const wasCutOff = (trial: SweepTrialState): boolean =>
  isOurs(trial) && trial.state === "canceled" && trial.error?.code === SWEEP_CLOSED && trial.retriedBy === null;

function requireReopenable(runId: string, { closed, finished, pending, configuration, trials }: SweepState, limits: SweepLimits): void {
  if (closed?.cancels && finished === null && pending.size > 0) {
    throw new Conflict(`The sweep ${runId} is being stopped: ${pending.size} of its trials have yet to end. Try again when it has.`);
  }
  const { maxTotalRuns } = limits;
  if (maxTotalRuns !== undefined && maxTotalRuns < trials.length && maxTotalRuns < configuration.maxTotalRuns) {
    throw new BadRequest(`The sweep ${runId} has had ${trials.length} trials already: max_total_runs cannot become ${maxTotalRuns}.`);
  }
}

/** Whether the sampler, or an optimiser elsewhere, may have more trials. */
function hasRoom(state: SweepState): boolean {
  return state.generates ? freePlaces(state) > 0 : placesTaken(state) < state.configuration.maxTotalRuns;
}

function nothingLeft(runId: string, state: SweepState): Error {
  const { maxTotalRuns } = state.configuration;
  if (state.exhausted) return new Conflict(`The sweep ${runId} has tried every combination of its space: there is nothing to go on with.`);
  return new Conflict(
    `The sweep ${runId} has had all of its ${maxTotalRuns} trials. To have more: switchyard sweep extend -r ${runId} --max-total-runs ${maxTotalRuns * 2}`,
  );
}

/** The parent run of a sweep that goes on. Only a sweep leaves its end again, since its journal remembers that it did. */
function opened(was: RunRecord, now: Date): ParentChange {
  const next: RunRecord = {
    ...was,
    state: "running",
    outcome: null,
    error: null,
    endedAt: null,
    removedAt: null,
    cancelRequestedAt: null,
    cancelSentAt: null,
    cancelReason: null,
  };
  return { was, next, timeline: [{ at: now, attempt: null, what: "resumed", detail: null }], forget: RESULT_PROPERTIES };
}

/** Trials that an optimiser elsewhere wants tried. One with the key of an earlier one is that one. Answers their numbers. */
export async function addTrials(
  context: EngineContext,
  runId: string,
  wishes: readonly TrialWish[],
): Promise<{ state: SweepState; trials: number[] }> {
  const parent = await context.store.runs.get(runId);
  const fixed = new Set(argumentsOf(parent?.definition ?? {}).map((word) => word.split("=")[0]!));
  for (const { values } of wishes) requireNames(Object.keys(values), fixed);
  let numbers: number[] = [];
  const state = await wish(context, runId, (state) => {
    const added: { trial: number; values: JsonObject; branches: Record<string, number>; key: string | null; of: null; continues: null }[] =
      [];
    numbers = wishes.map(({ values: given, branches, key }) => {
      const values = inWordsOfSpace(state.configuration.sampling.parameterSpace, given);
      const known = key === undefined ? undefined : (knownBy(state, key) ?? added.find((each) => each.key === key));
      if (known !== undefined) return sameTrial(known, values, key as string);
      const trial = state.trials.length + added.length;
      added.push({ trial, values, branches, key: key ?? null, of: null, continues: null });
      return trial;
    });
    if (added.length === 0) return null;
    requireRoom(runId, state, added.length);
    return { entries: [{ kind: "added", origin: "asked", trials: added }] };
  });
  return { state, trials: numbers };
}

/** A trial of the sampler's choice that somebody tries elsewhere. The key of an earlier one is that one. Answers its number. */
export async function lendTrial(context: EngineContext, runId: string, key: string | undefined, minds: Minds): Promise<SweepTrialState> {
  let number = -1;
  const state = await wish(context, runId, (state) => {
    const known = key === undefined ? undefined : state.byKey.get(key);
    number = known?.number ?? state.trials.length;
    if (known !== undefined) return null;
    if (state.configuration.sampling.parameterSpace.length === 0)
      throw new BadRequest(`The sweep ${runId} has no space to suggest from; whoever asks it for trials chooses their values.`);
    requireRoom(runId, state, 1);
    const entry = lentEntry(state, key, minds);
    if (entry === null)
      throw new Conflict(
        `The sweep ${runId} has tried every combination of its space: there is nothing to suggest. \`switchyard sweep stop -r ${runId}\` ends it.`,
      );
    return { entries: [entry] };
  });
  return state.trials[number] as SweepTrialState;
}

function knownBy({ byKey }: SweepState, key: string): { readonly trial: number; readonly values: JsonObject } | undefined {
  const trial = byKey.get(key);
  return trial === undefined ? undefined : { trial: trial.number, values: trial.values };
}

/** The number of a trial that was asked for before. Whoever got its score for other values would learn something wrong. */
function sameTrial(known: { readonly trial: number; readonly values: JsonObject }, values: JsonObject, key: string): number {
  if (isSameValue(known.values, values)) return known.trial;
  throw new Conflict(
    `The key "${key}" is that of trial ${known.trial}, which tries ${JSON.stringify(known.values)}; other values need another key.`,
  );
}

/** What is asked for has to be arguments of the script, each once. */
function requireNames(names: readonly string[], fixed: ReadonlySet<string>): void {
  const taken = new Set<string>();
  for (const name of names) {
    if (!isArgumentName(name))
      throw new BadRequest(`"${name}" cannot be the name of an argument; give it as --name, without blanks and "=".`);
    const argument = argumentName(name);
    if (fixed.has(argument))
      throw new BadRequest(`The argument "${argument}" is among the fixed arguments of the sweep; leave it out of the trial.`);
    if (taken.has(argument))
      throw new BadRequest(`The argument "${argument}" is in the trial twice, with and without dashes; give it once.`);
    taken.add(argument);
  }
}

function requireRoom(runId: string, state: SweepState, wanted: number): void {
  if (state.finished !== null || state.closed !== null) {
    throw new Conflict(
      `The sweep ${runId} takes no more trials: it ${state.finished === null ? "is being stopped" : "is over"}. \`switchyard sweep resume -r ${runId}\` opens it again.`,
    );
  }
  const left = state.configuration.maxTotalRuns - placesTaken(state);
  if (wanted <= left) return;
  throw new Conflict(
    `The sweep ${runId} may have ${left} more trials (max_total_runs is ${state.configuration.maxTotalRuns}), and ${wanted} are asked for. Extend it, or ask for fewer.`,
  );
}
