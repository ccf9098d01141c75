import { type JournalTrialState, type MetricGoal, type RunOutcome, SWEEP_CLOSED, type SweepEntryOf } from "@switchyard/protocol";
import type { TrialSeries } from "@switchyard/store";
import type { SweepFacts } from "./decide.ts";
import { computeSecondsOf, seriesThatCount, type TrialLook } from "./look.ts";
import type { SweepState, SweepTrialState } from "./state.ts";

/** A trial whose run is over, with what it came to; null while it goes on. */
export function endedEntry(state: SweepState, look: TrialLook, { nodes, now }: SweepFacts): SweepEntryOf<"ended"> | null {
  const trial = state.trials[look.trial] as SweepTrialState;
  const { run, series } = look;
  if (run === null) return state.closed === null ? null : neverMade(trial, state.closed.detail);
  if (run.state !== "ended") return null;
  const outcome = run.outcome ?? "lost";
  const counting = seriesThatCount(series);
  return {
    kind: "ended",
    trial: trial.number,
    state: endedState(trial, outcome),
    outcome,
    score: scoreOf(counting, state.configuration.primaryMetricGoal),
    intervals: counting.reduce((sum, { count }) => sum + count, 0),
    computeSeconds: computeSecondsOf(run.attempts, nodes, now),
    error: run.error,
  };
}

/** A trial that still waited for its turn when the sweep was closed. */
function neverMade({ number }: SweepTrialState, because: string): SweepEntryOf<"ended"> {
  const error = { code: SWEEP_CLOSED, message: because };
  return { kind: "ended", trial: number, state: "canceled", outcome: "canceled", score: null, intervals: 0, computeSeconds: 0, error };
}

function endedState({ stop }: SweepTrialState, outcome: RunOutcome): Exclude<JournalTrialState, "pending"> {
  if (outcome === "succeeded") return "finished";
  if (outcome === "canceled") return stop === null ? "canceled" : "stopped";
  return "failed";
}

/** The best of all finite values, not the last (spec 06 §3). */
export function scoreOf(series: readonly Pick<TrialSeries, "min" | "max">[], goal: MetricGoal): number | null {
  const values = series.flatMap(({ min, max }) => (goal === "maximize" ? max : min) ?? []);
  if (values.length === 0) return null;
  return goal === "maximize" ? Math.max(...values) : Math.min(...values);
}
