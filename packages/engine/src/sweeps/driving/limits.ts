import type { SweepEntryOf } from "@switchyard/protocol";
import type { SweepFacts } from "./decide.ts";
import { computeSecondsOf, type TrialLook } from "./look.ts";
import type { SweepState } from "./state.ts";

const MS_PER_MINUTE = 60_000;
const SECONDS_PER_HOUR = 3600;

/** The end of a sweep that took as long, or computed as much, as it may; null while it goes on. */
export function limitReached(state: SweepState, looks: readonly TrialLook[], facts: SweepFacts): SweepEntryOf<"closed"> | null {
  if (state.closed?.cancels || (state.pending.size === 0 && state.closed !== null)) return null;
  const { maxDurationMinutes, maxComputeHours } = state.configuration;
  if (facts.now.getTime() - state.since.getTime() >= maxDurationMinutes * MS_PER_MINUTE) {
    const detail = `The sweep took as long as it may (max_duration_minutes is ${maxDurationMinutes}).`;
    return { kind: "closed", because: "duration", cancels: true, detail };
  }
  if (maxComputeHours === null || usedSeconds(state, looks, facts) < maxComputeHours * SECONDS_PER_HOUR) return null;
  const detail = `The trials computed as much as they may (max_compute_hours is ${maxComputeHours}).`;
  return { kind: "closed", because: "budget", cancels: true, detail };
}

/** What all trials have computed, those that run included. */
export function usedSeconds(state: SweepState, looks: readonly TrialLook[], { nodes, now }: Pick<SweepFacts, "nodes" | "now">): number {
  const running = looks.filter(({ trial }) => state.pending.has(trial));
  return running.reduce((sum, { run }) => sum + computeSecondsOf(run?.attempts ?? [], nodes, now), state.computeSeconds);
}
