import { EARLY_TERMINATION, failPoint, type RunError, SWEEP_CLOSED, type SweepEntryOf, trialRunId } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../../context.ts";
import type { TrialLook } from "./look.ts";
import { isFinal, makeTrial } from "./makeTrial.ts";
import { isOurs } from "./places.ts";
import type { SweepState, SweepTrialState } from "./state.ts";

/** What the driver of a sweep does to other runs. */
export interface Actor {
  readonly context: EngineContext;
  /** tells the reconciler of runs that there is a new one, or that one has changed */
  wake(runId: string): void;
  cancel(runId: string, graceSeconds: number, reason: RunError): Promise<unknown>;
  /** false: somebody else may drive the sweep by now */
  mayGoOn(): boolean;
}

const GRACE_SECONDS = 30;

/**
 * Makes true what the journal says and what is not true yet: runs of trials that wait for their turn, and stops. All of it may be
 * done again. Answers what ends the sweep when no trial can be submitted any more.
 */
export async function act(
  actor: Actor,
  parent: RunRecord,
  state: SweepState,
  looks: readonly TrialLook[],
): Promise<SweepEntryOf<"closed"> | null> {
  const runs = new Map(looks.map(({ trial, run }) => [trial, run]));
  for (const trial of state.pending.values()) {
    const run = runs.get(trial.number) ?? null;
    if (run === null || run.state === "ended" || run.cancelRequested) continue;
    const reason = stopReason(state, trial);
    if (reason === null || !actor.mayGoOn()) continue;
    failPoint("sweep.before-stop");
    await actor.cancel(run.id, GRACE_SECONDS, reason);
  }
  if (state.closed !== null) return null;
  return await makeTrials(actor, parent, state, (trial) => runs.get(trial.number) ?? null);
}

/** Why a trial that runs is to be stopped; null when it is not. */
function stopReason({ closed, configuration }: SweepState, { stop }: SweepTrialState): RunError | null {
  if (stop !== null) {
    const rule = typeof stop.because.rule === "string" ? stop.because.rule : "it was among the worst";
    return { code: EARLY_TERMINATION, message: `${configuration.policy.type} ended the trial at interval ${stop.interval}: ${rule}` };
  }
  return closed?.cancels ? { code: SWEEP_CLOSED, message: closed.detail } : null;
}

/** Submits what waits, as far as trials may run at once. */
async function makeTrials(
  actor: Actor,
  parent: RunRecord,
  state: SweepState,
  runOf: (trial: SweepTrialState) => TrialLook["run"],
): Promise<SweepEntryOf<"closed"> | null> {
  const { maxConcurrentRuns } = state.configuration;
  const pending = [...state.pending.values()];
  let free = (maxConcurrentRuns ?? Number.POSITIVE_INFINITY) - pending.filter((trial) => runOf(trial) !== null).length;
  // What is tried elsewhere waits for nobody.
  for (const trial of pending.toSorted((a, b) => Number(isOurs(a)) - Number(isOurs(b)))) {
    if (runOf(trial) !== null) continue;
    if ((isOurs(trial) && free <= 0) || !actor.mayGoOn()) return null;
    free -= 1;
    try {
      failPoint("sweep.before-trial-made");
      await makeTrial(actor.context, parent, state, trial);
      failPoint("sweep.after-trial-made");
    } catch (error) {
      if (!isFinal(error)) throw error;
      const detail = `Trial ${trial.number} could not be submitted: ${error.message}`;
      return { kind: "closed", because: "error", cancels: false, detail };
    }
    actor.wake(trialRunId(parent.id, trial.number));
  }
  return null;
}
