import type { Attempt, RunError } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { lastAttempt } from "./attempts.ts";
import { byOurClock } from "./clocks.ts";
import type { Ending } from "./transitions.ts";

/** How a submitted run ended, from its last attempt, the script's own veto and a person's wish. */
export function decideOutcome(run: RunRecord, successCodes: readonly number[], now: Date): Ending {
  const attempt = lastAttempt(run.attempts);
  const endedAt = attempt === undefined ? now : endOf(attempt, now);
  if (attempt === undefined) return { outcome: "failed", error: UNKNOWN, endedAt };
  return { ...judge(run, attempt, successCodes), endedAt };
}

type Verdict = Pick<Ending, "outcome" | "error">;

function judge(run: RunRecord, attempt: Attempt, successCodes: readonly number[]): Verdict {
  if (attempt.because !== null && BY_SCHEDULER.includes(attempt.because) && run.cancelRequestedAt !== null) return stopped(run);
  if (attempt.because === "canceled") return stopped(run);
  if (attempt.because !== null)
    return BECAUSE[attempt.because]?.(attempt) ?? failed("OutcomeUnknown", `The attempt ended: ${attempt.because}.`);
  if (attempt.exitCode === null && attempt.signal === null) return { outcome: "failed", error: UNKNOWN };
  if (attempt.exitCode !== null && successCodes.includes(attempt.exitCode)) {
    return run.failure === null ? { outcome: "succeeded", error: null } : { outcome: "failed", error: run.failure };
  }
  if (run.cancelRequestedAt !== null) return stopped(run);
  if (run.failure !== null) return { outcome: "failed", error: run.failure };
  const who = whoFailed(attempt);
  if (attempt.exitCode !== null) return failed("ExitCode", `${who} exited with code ${attempt.exitCode}.`);
  return failed("Signal", `${who} was ended by signal ${attempt.signal}.`);
}

/** A run that was stopped is canceled, unless it was declared failed: `run.fail()` from elsewhere does both. */
export function stopped({ failure, cancelReason }: RunRecord): Verdict {
  return failure === null ? { outcome: "canceled", error: cancelReason } : { outcome: "failed", error: failure };
}

/** Of a distributed run the process that failed first; it ended the others. */
function whoFailed({ rank }: Attempt): string {
  if (rank === null || rank === undefined) return "The script";
  return rank.number === null ? rank.node : `Rank ${rank.number} on ${rank.node}`;
}

const UNKNOWN: RunError = {
  code: "OutcomeUnknown",
  message: "Nobody saw how the script ended: its supervisor and its waiter were both gone.",
};

/** Ends that a scheduler brought about: when a person wanted the run to stop, it is canceled all the same. */
const BY_SCHEDULER: readonly string[] = ["preempted", "node_lost", "requeued", "not_started"];

function unknownOf(attempt: Attempt): RunError {
  const { rank } = attempt;
  if (rank === null || rank === undefined || rank.number === null) return UNKNOWN;
  return { ...UNKNOWN, message: `Nobody saw how rank ${rank.number} on ${rank.node} ended: who waited for it was killed.` };
}

const BECAUSE: Readonly<Record<string, (attempt: Attempt) => Verdict>> = {
  time_limit: () => ({
    outcome: "canceled",
    error: { code: "TimeLimit", message: "The run took longer than maxRunDurationSeconds, or its target, allows and was stopped." },
  }),
  abandoned: () => ({
    outcome: "lost",
    error: { code: "JobLost", message: "The job had been given up and was stopped when its machine came back." },
  }),
  preempted: () => failed("Preempted", "The run's place was taken away too often; restart.maxAttempts says how often it may be."),
  node_lost: () => failed("NodeLost", "The nodes of the run were lost too often; restart.maxAttempts says how often they may be."),
  requeued: () => failed("Requeued", "The run was started again too often; restart.maxAttempts says how often it may be."),
  not_started: (attempt) =>
    failed(
      "NotStarted",
      `The scheduler ended the job${attempt.node === null ? "" : ` on ${attempt.node}`} before its script could begin; azureml-logs/60_control_log.txt says why.`,
    ),
  environment_failed: () =>
    failed("EnvironmentFailed", "The environment could not be prepared; azureml-logs/20_image_build_log.txt says why."),
  interpreter_missing: () =>
    failed("InterpreterMissing", "The Python interpreter was not found on the compute; environment.python.interpreterPath names it."),
  script_missing: () => failed("ScriptMissing", "The script was not found in the code folder on the compute."),
  disk_full: () => failed("DiskFull", "The compute's disk was full, so the run could not go on."),
  container_failed: () =>
    failed("ContainerFailed", "The container of the run could not be started; azureml-logs/60_control_log.txt says why."),
  out_of_memory: () => failed("OutOfMemory", "The memory of the run was used up, so the kernel ended a process of it."),
  launcher_missing: () =>
    failed(
      "LauncherMissing",
      "What starts the run's processes (mpirun, srun, or spark-submit and Java) was not found on the compute; azureml-logs/60_control_log.txt says more.",
    ),
  placement_failed: () => failed("PlacementFailed", "The run's processes could not be placed on the nodes that it was given."),
  unknown: (attempt) => ({ outcome: "failed", error: unknownOf(attempt) }),
};

function failed(code: string, message: string): Verdict {
  return { outcome: "failed", error: { code, message } };
}

/** When the attempt ended, by our clock; by start and duration when its host's clock jumped backwards meanwhile. */
function endOf(attempt: Attempt, now: Date): Date {
  if (attempt.endTimeUtc === null) return now;
  const end = byOurClock(attempt, attempt.endTimeUtc);
  if (attempt.startTimeUtc === null) return end;
  const start = byOurClock(attempt, attempt.startTimeUtc);
  return end >= start ? end : new Date(start.getTime() + 1000 * (attempt.durationSeconds ?? 0));
}
