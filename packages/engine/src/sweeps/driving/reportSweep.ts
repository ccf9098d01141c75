import { type Sweep, type SweepReport, toLogged } from "@switchyard/protocol";
import { importanceOf } from "../report/importance.ts";
import { savedBy } from "../report/saved.ts";
import { trajectoryOf } from "../report/trajectory.ts";
import { observationOf } from "./minds.ts";
import type { SweepState, SweepTrialState } from "./state.ts";

/** What came of a sweep, in numbers. */
export function reportSweep(sweep: Sweep, state: SweepState): SweepReport {
  const ended = state.trials.filter((trial) => trial.state !== "pending");
  const all = ended.toSorted((a, b) => (a.endedAt?.getTime() ?? 0) - (b.endedAt?.getTime() ?? 0) || a.number - b.number);
  const byEnd = all.filter(({ retriedBy }) => retriedBy === null);
  const observations = byEnd.map(observationOf);
  const { primaryMetricGoal, sampling } = state.configuration;
  return {
    sweep,
    trajectory: trajectoryOf(all, primaryMetricGoal).map((milestone) => ({
      ...milestone,
      endTimeUtc: milestone.trial === null ? null : (state.trials[milestone.trial]?.endedAt?.toISOString() ?? null),
    })),
    importance: importanceOf(sampling.parameterSpace, observations)?.map((each) => ({ ...each })) ?? null,
    curves: state.trials.filter(({ curve }) => curve.length > 0).map(thinned),
    saved: savedBy(
      byEnd.map((trial) => ({ state: observationOf(trial).state, intervals: trial.intervals, seconds: trial.computeSeconds })),
    ),
  };
}

/** Points of one curve that a picture needs. */
const MOST_POINTS = 200;

function thinned({ number, curve }: SweepTrialState): SweepReport["curves"][number] {
  const last = curve.length - 1;
  const count = Math.min(MOST_POINTS, curve.length);
  const places = Array.from({ length: count }, (_, index) => (count === 1 ? last : Math.round((index * last) / (count - 1))));
  return { trial: number, intervals: places.map((place) => place + 1), values: places.map((place) => toLogged(curve[place] as number)) };
}
