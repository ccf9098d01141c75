import { type SweepEntry, trialRunId } from "@switchyard/protocol";
import { placesTaken } from "./places.ts";
import type { SweepState } from "./state.ts";

/** The log of a sweep, a file of its parent run (spec 06 §7). */
export const SWEEP_LOG = "azureml-logs/hyperdrive.txt";

type Part = "GENERATOR" | "SCHEDULER" | "ENFORCER" | "CONTROLLER";
type Line = readonly [Part, "INFO" | "WARNING" | "ERROR", string];

/** What the log says of an entry; `state` is as it is after the entry. The same entry always gives the same text. */
export function logTextOf(runId: string, entry: SweepEntry, state: SweepState, at: Date): string {
  const stamp = `${at.toISOString().slice(0, -1)}000`;
  return linesOf(runId, entry, state)
    .map(([part, level, text]) => `[${stamp}][${part}][${level}]${text.replaceAll("\n", " ")}\n`)
    .join("");
}

function linesOf(runId: string, entry: SweepEntry, state: SweepState): Line[] {
  const idOf = (trial: number) => trialRunId(runId, trial);
  switch (entry.kind) {
    case "began":
      return [
        [
          "CONTROLLER",
          "INFO",
          `The sweep '${runId}' begins: at most '${entry.configuration.maxTotalRuns}' jobs, sampling '${entry.configuration.sampling.type}', policy '${entry.configuration.policy.type}'`,
        ],
      ];
    case "prior":
      return [["CONTROLLER", "INFO", `Knows '${entry.trials.length}' trials of the earlier sweep '${entry.from}'`]];
    case "suggested":
      return [
        ["GENERATOR", "INFO", `Sampling '${entry.count}' jobs from the hyperparameter space`],
        ["GENERATOR", "INFO", `Sampled '${entry.trials.length}' jobs; they are submitted to the execution target next`],
        ...entry.trials.map(
          ({ trial, values }): Line => ["SCHEDULER", "INFO", `Scheduling job, id='${idOf(trial)}', values=${JSON.stringify(values)}`],
        ),
        ...generated(state),
      ];
    case "added":
      return entry.trials.map(({ trial, values, of, continues }): Line => {
        const why = of !== null ? `, again after '${idOf(of)}'` : continues !== null ? `, going on from '${continues}'` : "";
        return ["SCHEDULER", "INFO", `Scheduling job, id='${idOf(trial)}', values=${JSON.stringify(values)}, ${entry.origin}${why}`];
      });
    case "observed":
      return []; // metrics are in the history of their runs
    case "judged":
      return entry.decisions
        .filter(({ decision }) => decision === "stop")
        .map(
          ({ trial, interval, because }): Line => [
            "ENFORCER",
            "INFO",
            `Stopping job, id='${idOf(trial)}', at interval '${interval}': ${because.rule ?? ""}`,
          ],
        );
    case "ended":
      return [
        [
          "SCHEDULER",
          entry.state === "failed" ? "WARNING" : "INFO",
          `Job ended, id='${idOf(entry.trial)}', ${entry.state}, best metric='${entry.score ?? "none"}'${entry.error === null ? "" : `: ${entry.error.message}`}`,
        ],
      ];
    case "noted":
      return [["CONTROLLER", "WARNING", entry.text]];
    case "closed":
      return [
        [
          "GENERATOR",
          entry.because === "error" || entry.because === "failing" ? "ERROR" : "INFO",
          `No more jobs are generated (${entry.because}). ${entry.detail}`,
        ],
      ];
    case "reopened":
      return [["CONTROLLER", "INFO", `The sweep goes on, with ${JSON.stringify(entry.limits)}`]];
    case "finished":
      return [
        ...(entry.best === null ? [] : [["CONTROLLER", "INFO", `Best job, id='${idOf(entry.best)}', score='${entry.score}'`] as const]),
        ...(entry.error === null ? [] : [["CONTROLLER", "ERROR", entry.error.message] as const]),
        ["CONTROLLER", "INFO", `Changing Run Status from Running to ${entry.status}`],
      ];
  }
}

function generated(state: SweepState): Line[] {
  const { maxTotalRuns } = state.configuration;
  const full = placesTaken(state) >= maxTotalRuns;
  if (!full && !state.exhausted) return [];
  const why = full ? `Max number of jobs '${maxTotalRuns}' reached for experiment.` : "The hyperparameter space is exhausted.";
  return [
    ["GENERATOR", "INFO", why],
    ["GENERATOR", "INFO", "All jobs generated."],
  ];
}
