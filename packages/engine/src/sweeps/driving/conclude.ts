import type { RunError, SweepEntry } from "@switchyard/protocol";
import { allFailed, sameScores } from "./notes.ts";
import { freePlaces, placesTaken, trialsToRetry } from "./places.ts";
import { bestTrial, type SweepState } from "./state.ts";

/** The last entries of a sweep that has nothing left to do; none while it has. */
export function conclude(state: SweepState): SweepEntry[] {
  if (state.pending.size > 0 || mayGoOn(state)) return [];
  const best = bestTrial(state);
  const notes = [sameScores(state), allFailed(state)].filter((note) => note !== null);
  const told = { kind: "finished", best: best?.number ?? null, score: best?.score ?? null } as const;
  return [...notes, { ...told, ...ending(state) }];
}

/** Whether more trials may come. */
function mayGoOn(state: SweepState): boolean {
  if (state.closed !== null) return false;
  if (trialsToRetry(state).length > 0 || freePlaces(state) > 0) return true;
  // An optimiser elsewhere may always ask for more, until it has had all that it may.
  return !state.generates && placesTaken(state) < state.configuration.maxTotalRuns;
}

type Ending = { readonly status: "Completed" | "Failed" | "Canceled"; readonly error: RunError | null };

function ending(state: SweepState): Ending {
  const { closed, trials, configuration } = state;
  if (closed?.because === "canceled") return { status: "Canceled", error: null };
  if (closed?.because === "failing") return failed("TrialsCannotStart", closed.detail);
  if (closed?.because === "error") return failed("TrialsNotSubmitted", closed.detail);
  if (trials.some(({ score }) => score !== null)) return { status: "Completed", error: null };
  const [first] = trials.filter((trial) => trial.state === "failed");
  if (first !== undefined && trials.every((trial) => trial.state === "failed")) {
    const all = trials.length === 1 ? "The only trial" : `All ${trials.length} trials`;
    return failed("AllTrialsFailed", `${all} failed. Trial ${first.number}: ${first.error?.message ?? "no reason is known"}`);
  }
  if (trials.every((trial) => trial.state === "canceled")) return { status: "Completed", error: null };
  const why = state.notes.get("metric missing") ?? state.notes.get("metric no number") ?? state.notes.get("metric not finite");
  return failed("PrimaryMetricMissing", `No trial has a score: ${why ?? `none logged "${configuration.primaryMetricName}".`}`);
}

const failed = (code: string, message: string): Ending => ({ status: "Failed", error: { code, message: message.slice(0, 3000) } });
