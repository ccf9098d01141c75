import { randomInt, randomUUID } from "node:crypto";
import { type JsonObject, normaliseSweep, type SweepConfiguration, type SweepEntry, type SweepSubmission } from "@switchyard/protocol";
import type { NewRun, RunRecord } from "@switchyard/store";
import type { EngineContext } from "../../context.ts";
import { HYPERDRIVE_RUN } from "../../runs/carried.ts";
import { prepareRun, type SubmitOptions } from "../../submit/submit.ts";
import { spaceSize } from "../space/count.ts";
import { spaceOf } from "../space/space.ts";
import { parentProperties } from "./finish.ts";
import { continuedTrials } from "./warmStart/continuedTrials.ts";
import { priorEntries } from "./warmStart/priorTrials.ts";
import { refuseOwnCompute, requireTuning } from "./whereTo.ts";

/** Largest seed that is drawn: short enough for people to type again. */
const SEEDS = 2 ** 31;

/** Checks a sweep and stores it with its parent run and the first entries of its journal. Nothing is started here. */
export async function submitSweep(
  context: EngineContext,
  workspace: string,
  { sweep, rules, generates, ...submission }: SweepSubmission,
  options: SubmitOptions,
): Promise<RunRecord> {
  const runId = submission.runId ?? `HD_${randomUUID()}`;
  const fixedArguments = argumentsOf(submission.runConfiguration as JsonObject);
  const { configuration: read, warnings } = normaliseSweep(sweep, { rules, fixedArguments, generates });
  const configuration = withSeed(read);
  refuseOwnCompute(submission.runConfiguration as JsonObject);
  const prior = await priorEntries(context, workspace, configuration);
  const continued = await continuedTrials(context, workspace, configuration);
  const { run } = await prepareRun(context, workspace, { ...submission, runId }, { ...options, requires: requireTuning });
  const entries: SweepEntry[] = [{ kind: "began", configuration, generates }, ...prior, ...continued];
  const { store, clock } = context;
  const parent: NewRun = {
    ...run,
    type: HYPERDRIVE_RUN,
    state: "running",
    mayPrepare: false,
    startedAt: clock.now(),
    warnings: [...run.warnings, ...warnings],
    properties: {
      ...withoutOwn(run.properties ?? {}),
      ...parentProperties({ configuration }, generates ? spaceSize(spaceOf(configuration.sampling.parameterSpace)) : null),
    },
  };
  return await store.sweeps.create(parent, entries as unknown as JsonObject[], options.idempotency);
}

/** What is said of one script's processes says nothing of a sweep. */
function withoutOwn(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !/^Process(Info|Status)File$/.test(name)));
}

function withSeed(configuration: SweepConfiguration): SweepConfiguration {
  const { sampling } = configuration;
  return { ...configuration, sampling: { ...sampling, seed: sampling.seed ?? randomInt(SEEDS) } };
}

export function argumentsOf({ arguments: words }: JsonObject): string[] {
  return Array.isArray(words) ? words.map(String) : [];
}
