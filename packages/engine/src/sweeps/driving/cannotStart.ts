import type { SweepEntryOf } from "@switchyard/protocol";
import type { TrialLook } from "./look.ts";
import type { SweepState, SweepTrialState } from "./state.ts";

/** How many trials must fail so before it is believed of all. */
const ENOUGH = 3;
/** What ends a run before its script begins, and has nothing to do with the values of its trial. */
const BEFORE_THE_SCRIPT: ReadonlySet<string> = new Set([
  "EnvironmentFailed",
  "InterpreterMissing",
  "ScriptMissing",
  "ContainerFailed",
  "LauncherMissing",
]);

/** The end of a sweep of which no trial comes as far as its script: the next ones would prepare the same, for long, and fail the same. */
export function cannotStart(state: SweepState, looks: readonly TrialLook[]): SweepEntryOf<"closed"> | null {
  if (state.closed !== null) return null;
  // One that was told to go on may have been helped meanwhile: what failed before does not count.
  const ended = state.trials.filter(({ endedAt }) => endedAt !== null && endedAt >= state.since);
  const failed = ended.filter(failedBeforeItsScript);
  if (failed.length < ENOUGH || failed.length < ended.length) return null;
  if (looks.some(({ trial, run }) => state.pending.has(trial) && run !== null && run.startedAt !== null)) return null;
  const detail =
    `${failed.length} trials failed before their script could begin, and none got further, so the others are not tried. ` +
    `Trial ${failed[0]?.number}: ${failed[0]?.error?.message} Mend that and submit the sweep again; where nothing of it had to change, \`switchyard sweep resume\` goes on.`;
  return { kind: "closed", because: "failing", cancels: true, detail };
}

const failedBeforeItsScript = ({ state, error }: SweepTrialState): boolean =>
  state === "failed" && error !== null && BEFORE_THE_SCRIPT.has(error.code);
