import type { MetricGoal } from "@switchyard/protocol";
import { coordinatesOf } from "../space/values.ts";
import { hasScore, type TrialObservation } from "../trial.ts";
import { toUnit, type UnitSpace } from "./unit.ts";

/** What is known, ready for the model. */
export interface Observations {
  /** places with a score, the best first */
  readonly scored: readonly Float64Array[];
  readonly scores: readonly number[];
  /** places that count as bad: trials that failed, and those whose result is not known yet */
  readonly unscored: readonly Float64Array[];
}

export function observationsOf(unit: UnitSpace, history: readonly TrialObservation[], goal: MetricGoal): Observations {
  const sign = goal === "minimize" ? 1 : -1;
  const scored: { place: Float64Array; score: number }[] = [];
  const unscored: Float64Array[] = [];
  for (const trial of history) {
    const coordinates = coordinatesOf(unit.space, trial);
    if (coordinates === null) continue;
    const place = toUnit(unit, coordinates);
    // a running trial may get better still, so what it has so far is no result
    if (hasScore(trial) && (trial.state === "finished" || trial.state === "stopped")) scored.push({ place, score: trial.score });
    else unscored.push(place);
  }
  scored.sort((a, b) => sign * (a.score - b.score));
  return { scored: scored.map(({ place }) => place), scores: scored.map(({ score }) => score), unscored };
}

const GOOD_SHARE = 0.1;
const MOST_GOOD = 25;

/** How many of so many scored trials count as good. */
export function goodOf(scored: number): number {
  return Math.max(1, Math.min(MOST_GOOD, scored - 1, Math.ceil(GOOD_SHARE * scored)));
}
