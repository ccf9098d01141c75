import { LOG_FILES, rankLog } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { lastAttempt } from "../runs/attempts.ts";
import { buildError, hintsForPythonError, hintsForSignal, pythonError } from "./causes.ts";

/** One explanation: a sentence, what to do, and the log files whose last lines show it. */
export interface Told {
  readonly summary: string;
  readonly hints: readonly string[];
  readonly files: readonly string[];
}

type Logs = readonly { readonly file: string; readonly lines: readonly string[] }[];

/** How the supervisor marks its own words in the script's log. */
const SUPERVISOR_SAYS = "Switchyard: ";
const SCRIPT_LOGS = [LOG_FILES.driver, LOG_FILES.driverOnCluster];

/** Where what the script said last stands: of a distributed run, in the log of the rank that failed first, or in mpirun's. */
export function scriptLogsOf(run: RunRecord): readonly string[] {
  const rank = lastAttempt(run.attempts)?.rank ?? null;
  if (rank !== null) return [rank.number === null ? LOG_FILES.mpi : rankLog(rank.number)];
  return [...SCRIPT_LOGS, rankLog(0)];
}

/** What an ended run died of, or that it did not. */
export function explainEnd(run: RunRecord, logs: Logs): Told {
  const { outcome, error } = run;
  if (outcome === "succeeded") return { summary: `The run completed${durationOf(run)}.`, hints: [], files: [] };
  if (error === null)
    return {
      summary: outcome === "canceled" ? "The run was canceled, as somebody asked." : "The run failed.",
      hints: [],
      files: scriptLogsOf(run),
    };
  const explain = EXPLANATIONS[error.code];
  return explain?.(run, logs) ?? { summary: error.message, hints: [], files: scriptLogsOf(run) };
}

const FREE_SPACE = "Free space on the compute, then `switchyard run rerun`.";

type Explain = (run: RunRecord, logs: Logs) => Told;

const EXPLANATIONS: Readonly<Record<string, Explain>> = {
  ExitCode: (run, logs) => {
    const python = pythonError(linesOf(logs, ...scriptLogsOf(run)));
    const hints = python === null ? exitCodeHints(lastAttempt(run.attempts)?.exitCode ?? null) : hintsForPythonError(python);
    const told = saidBySupervisor(run, logs);
    const summary = [messageOf(run), python, told].filter((part) => part !== null).join(" ");
    return {
      summary,
      hints: told === null ? hints : [FREE_SPACE, ...hints.filter((hint) => hint !== FREE_SPACE)],
      files: scriptLogsOf(run),
    };
  },
  Signal: (run) => ({ summary: messageOf(run), hints: hintsForSignal(lastAttempt(run.attempts)?.signal ?? ""), files: scriptLogsOf(run) }),
  TimeLimit: (run) => ({
    summary: `${messageOf(run)} The limit was ${String(run.definition.maxRunDurationSeconds ?? "?")} s.`,
    hints: ["Raise maxRunDurationSeconds in the run configuration, or leave it out for no limit."],
    files: scriptLogsOf(run),
  }),
  EnvironmentFailed: (run, logs) => {
    const line = buildError(linesOf(logs, LOG_FILES.build));
    return {
      summary: line === null ? messageOf(run) : `The environment could not be prepared: ${line}`,
      hints: environmentHints(line ?? "", run),
      files: [LOG_FILES.build],
    };
  },
  InterpreterMissing: (run, logs) => ({
    summary: saidBySupervisor(run, logs) ?? messageOf(run),
    hints: ["Set environment.python.interpreterPath to a Python that is installed there, or use a system-managed environment."],
    files: [LOG_FILES.control],
  }),
  ScriptMissing: (run, logs) => ({
    summary: saidBySupervisor(run, logs) ?? messageOf(run),
    hints: [],
    files: [LOG_FILES.control, ...scriptLogsOf(run)],
  }),
  LauncherMissing: (run, logs) => ({
    summary: saidBySupervisor(run, logs) ?? messageOf(run),
    hints: ["Install what is missing on every node, or add it to the conda dependencies of a system-managed environment."],
    files: [LOG_FILES.control],
  }),
  PlacementFailed: (run, logs) => ({ summary: saidBySupervisor(run, logs) ?? messageOf(run), hints: [], files: [LOG_FILES.control] }),
  DiskFull: (run, logs) => ({
    summary: saidBySupervisor(run, logs) ?? messageOf(run),
    hints: [FREE_SPACE],
    files: [LOG_FILES.control, ...scriptLogsOf(run)],
  }),
  ContainerFailed: (run, logs) => ({
    summary: saidBySupervisor(run, logs) ?? messageOf(run),
    hints: ["Nothing of the script ran. When the cause is gone, `switchyard run rerun`."],
    files: [LOG_FILES.control, ...scriptLogsOf(run)],
  }),
  OutOfMemory: (run, logs) => ({
    summary: saidBySupervisor(run, logs) ?? messageOf(run),
    hints: ["Try a smaller batch, a higher limit, or a machine with more memory."],
    files: scriptLogsOf(run),
  }),
  OutcomeUnknown: (run) => ({
    summary: messageOf(run),
    hints: ["The machine may have been restarted, or every process of the run killed. What was written before is kept."],
    files: scriptLogsOf(run),
  }),
  JobLost: (run) => ({
    summary: messageOf(run),
    hints: ["The run directory may have been removed, or the machine replaced. Logs and metrics up to then are kept."],
    files: scriptLogsOf(run),
  }),
};

function messageOf(run: RunRecord): string {
  return run.error?.message ?? "The run failed.";
}

/** What the supervisor told a person: why the script did not begin, or that the disk was full when it ended. */
function saidBySupervisor(run: RunRecord, logs: Logs): string | null {
  const line = linesOf(logs, ...scriptLogsOf(run)).findLast((each) => each.startsWith(SUPERVISOR_SAYS));
  return line?.slice(SUPERVISOR_SAYS.length) ?? null;
}

function linesOf(logs: Logs, ...files: readonly string[]): readonly string[] {
  return logs.find(({ file, lines }) => files.includes(file) && lines.length > 0)?.lines ?? [];
}

function exitCodeHints(exitCode: number | null): string[] {
  if (exitCode === 126) return ["Code 126 says that a command was found but may not be executed."];
  if (exitCode === 127) return ["Code 127 says that a command was not found on the compute."];
  if (exitCode === 137) return ["Code 137 is what a shell makes of a KILL: most often the kernel's when memory ran out."];
  if (exitCode === 139) return ["Code 139 is what a shell makes of a segmentation fault."];
  return [];
}

function environmentHints(line: string, run: RunRecord): string[] {
  if (
    /No matching distribution|Could not find a version|nothing provides|does not exist|PackagesNotFound|ResolvePackageNotFound|not found in/i.test(
      line,
    )
  ) {
    return ["Check the package's name and version in the conda file, and that its channel or index has it for this Python and platform."];
  }
  if (run.definition.autoPrepareEnvironment === false)
    return ["autoPrepareEnvironment is false, so only an environment that is built already is used."];
  if (/No space left/i.test(line)) return ["The compute's disk is full: free some space, or `switchyard environment prune`."];
  return ["The whole build log is azureml-logs/20_image_build_log.txt."];
}

function durationOf(run: RunRecord): string {
  const seconds = lastAttempt(run.attempts)?.durationSeconds;
  return seconds === null || seconds === undefined ? "" : ` in ${seconds < 100 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}
