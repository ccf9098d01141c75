import type { Run } from "@switchyard/protocol";
import { cell } from "../../output/cell.ts";
import type { Paint } from "../../output/paint.ts";
import { listing } from "../../output/table.ts";
import { elapsed, localTime } from "../../output/words.ts";

/** The columns of a run in tables. */
export function runRow(run: Run, now: Date): Record<string, unknown> {
  return {
    runId: run.runId,
    experiment: run.experimentName,
    status: run.status,
    target: run.target,
    started: localTime(run.startTimeUtc ?? run.createdUtc),
    duration: elapsed(run.startTimeUtc, run.endTimeUtc, now),
    metrics: run.metrics,
  };
}

/** A status in its colour. */
export function paintStatus(status: string, paint: Paint): string {
  if (status === "Completed") return paint.green(status);
  if (status === "Failed" || status === "NotResponding") return paint.red(status);
  if (status === "Canceled" || status === "CancelRequested") return paint.yellow(status);
  return paint.cyan(status);
}

/** One run as a person reads it. */
export function runText(run: Run, now: Date, paint: Paint): string {
  const last = run.attempts.at(-1);
  return listing([
    ["Run", paint.bold(run.runId)],
    ["Name", run.displayName],
    ["Experiment", `${run.experimentName} (run ${run.number})`],
    ["Status", paintStatus(run.status, paint)],
    ["Error", run.error && `${run.error.code}: ${run.error.message}`],
    ["Warnings", run.warnings.join("\n")],
    ["Target", run.target],
    ["Submitted", `${localTime(run.createdUtc)}${run.submittedBy ? ` by ${run.submittedBy}` : ""}`],
    ["Started", localTime(run.startTimeUtc)],
    ["Ended", localTime(run.endTimeUtc)],
    ["Duration", elapsed(run.startTimeUtc, run.endTimeUtc, now)],
    ["Attempts", run.attempts.length > 1 ? run.attempts.length : null],
    ["Exit code", last?.exitCode ?? null],
    ["Environment", run.environment && `${run.environment.name} ${run.environment.version}`],
    ["Parent", run.parentRunId],
    ["Tags", run.tags],
    ["Metrics", metricsText(run)],
    ["Description", run.description],
  ]);
}

/** Last values, one metric a line. */
export function metricsText(run: Pick<Run, "metrics">): string {
  return listing(Object.entries(run.metrics).map(([name, value]) => [name, cell(value, 200)]));
}
