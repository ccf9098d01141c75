import { medianOf } from "../policies/rules.ts";
import type { TrialState } from "../trial.ts";

/** What a trial took: intervals of the primary metric, and seconds from its start to its end. */
export interface TrialCost {
  readonly state: TrialState;
  readonly intervals: number;
  readonly seconds: number | null;
}

/** What early termination saved, against running every trial that it ended to its end. An estimate, and how it came about. */
export interface Saved {
  readonly stopped: number;
  /** how many intervals a trial has that runs to its end: the median of those that did */
  readonly fullIntervals: number;
  readonly intervals: number;
  readonly intervalShare: number;
  /** each stopped trial's own seconds per interval, times the intervals it still had to go; null when no times are known */
  readonly seconds: number | null;
  readonly secondsShare: number | null;
}

/** Null when no trial ran to its end with a metric, so that nobody can say what is full. */
export function savedBy(trials: readonly TrialCost[]): Saved | null {
  const counted = trials.filter(({ state, intervals }) => (state === "finished" || state === "stopped") && intervals > 0);
  const full = counted.filter(({ state }) => state === "finished").map(({ intervals }) => intervals);
  if (full.length === 0) return null;
  const fullIntervals = medianOf(full);
  const stopped = counted.filter(({ state }) => state === "stopped");
  const missing = (trial: TrialCost) => Math.max(0, fullIntervals - trial.intervals);
  const intervals = sum(stopped.map(missing));
  const used = sum(counted.map((trial) => trial.intervals));
  const timed = counted.every(({ seconds }) => seconds !== null);
  const seconds = timed ? sum(stopped.map((trial) => (trial.seconds! / trial.intervals) * missing(trial))) : null;
  const usedSeconds = timed ? sum(counted.map((trial) => trial.seconds!)) : 0;
  return {
    stopped: stopped.length,
    fullIntervals,
    intervals,
    intervalShare: intervals / (intervals + used),
    seconds,
    secondsShare: seconds === null || seconds + usedSeconds === 0 ? null : seconds / (seconds + usedSeconds),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
