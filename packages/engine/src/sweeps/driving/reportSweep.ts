import type { Sweep, SweepReport } from "@switchyard/protocol";
import { importanceOf } from "../report/importance.ts";
import { savedBy } from "../report/saved.ts";
import { trajectoryOf } from "../report/trajectory.ts";
import { observationOf } from "./minds.ts";
import type { SweepState } from "./state.ts";

/** What came of a sweep, in numbers. */
export function reportSweep(sweep: Sweep, state: SweepState): SweepReport {
  const ended = state.trials.filter((trial) => trial.state !== "pending" && trial.retriedBy === null);
  const byEnd = ended.toSorted((a, b) => (a.endedAt?.getTime() ?? 0) - (b.endedAt?.getTime() ?? 0) || a.number - b.number);
  const observations = byEnd.map(observationOf);
  const { primaryMetricGoal, sampling } = state.configuration;
  return {
    sweep,
    trajectory: trajectoryOf(observations, primaryMetricGoal).map((milestone) => ({
      ...milestone,
      endTimeUtc: milestone.trial === null ? null : (state.trials[milestone.trial]?.endedAt?.toISOString() ?? null),
    })),
    importance: importanceOf(sampling.parameterSpace, observations)?.map((each) => ({ ...each })) ?? null,
    saved: savedBy(
      byEnd.map((trial) => ({ state: observationOf(trial).state, intervals: trial.intervals, seconds: trial.computeSeconds })),
    ),
  };
}
