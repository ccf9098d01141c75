import { AlreadyExists, type JsonObject, type Submission, SwitchyardError, trialArguments, trialRunId } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { openSecrets } from "../../bundle/runSecrets.ts";
import type { EngineContext } from "../../context.ts";
import { startInteractive } from "../../submit/interactive.ts";
import { submitRun } from "../../submit/submit.ts";
import type { SweepState, SweepTrialState } from "./state.ts";
import { withEarlierOutputs } from "./warmStart/earlierOutputs.ts";

/** Errors that another try may not meet: the rest mean that no trial of the sweep can be submitted. */
const PASSING: ReadonlySet<string> = new Set(["internal", "database_unreachable", "disk_full", "compute_unreachable"]);

/** True for an error that every trial of the sweep would meet, now and later. */
export const isFinal = (error: unknown): error is SwitchyardError => error instanceof SwitchyardError && !PASSING.has(error.code);

/** Makes the run of a trial. One that is there already, from an earlier try, is met again. */
export async function makeTrial(context: EngineContext, parent: RunRecord, state: SweepState, trial: SweepTrialState): Promise<void> {
  const runId = trialRunId(parent.id, trial.number);
  try {
    if (trial.origin === "lent") await recordLent(context, parent, trial);
    else await submitTrial(context, parent, state, trial);
  } catch (error) {
    if (!(error instanceof AlreadyExists) || (await context.store.runs.get(runId))?.parentId !== parent.id) throw error;
  }
}

/** The run of a trial that somebody tries elsewhere: they log to it and end it. */
async function recordLent(context: EngineContext, parent: RunRecord, trial: SweepTrialState): Promise<void> {
  const { id: parentRunId, experiment: experimentName, workspace, submittedBy } = parent;
  const named = { experimentName, parentRunId, runId: trialRunId(parentRunId, trial.number), properties: trialProperties(trial) };
  await startInteractive(context, workspace, { ...named, snapshotId: null }, { submittedBy });
}

async function submitTrial(context: EngineContext, parent: RunRecord, state: SweepState, trial: SweepTrialState): Promise<void> {
  const runId = trialRunId(parent.id, trial.number);
  const runConfiguration = trialConfiguration(parent.definition, state, trial);
  const submission: Submission = {
    experimentName: parent.experiment,
    runId,
    parentRunId: parent.id,
    snapshotId: parent.snapshotId,
    runConfiguration,
    properties: trialProperties(trial),
  };
  const { submittedBy } = parent;
  const given = await withEarlierOutputs(context, submission, trial);
  await submitRun(context, parent.workspace, given.submission, {
    submittedBy,
    secrets: openSecrets(context, parent),
    inputs: given.inputs,
  });
}

/** The fixed arguments, then those of the trial (spec 06 §7). */
export function trialConfiguration(definition: JsonObject, { configuration }: SweepState, trial: SweepTrialState): JsonObject {
  const fixed = Array.isArray(definition.arguments) ? definition.arguments.map(String) : [];
  return { ...definition, arguments: [...fixed, ...trialArguments(configuration.sampling.parameterSpace, trial)] };
}

function trialProperties({ values, number, of, continues }: SweepTrialState): Record<string, string> {
  return {
    "hyperdrive.trial": String(number),
    "hyperdrive.parameters": JSON.stringify(values).slice(0, 1000),
    ...(of === null ? {} : { "hyperdrive.retryOf": String(of) }),
    ...(continues === null ? {} : { "hyperdrive.resumeFrom": continues }),
  };
}
