// What a sweep decides from what is seen of its trials, without a server: entries are functions of facts, the state of entries.
import {
  type JsonObject,
  normaliseSweep,
  type RunOutcome,
  type SweepConfiguration,
  type SweepEntry,
  type SweepEntryOf,
} from "@switchyard/protocol";
import type { TrialSeries, TrialStanding } from "@switchyard/store";
import { describe, expect, it } from "vitest";
import { applyEntry } from "../../src/sweeps/driving/applyEntry.ts";
import { decide } from "../../src/sweeps/driving/decide.ts";
import type { TrialLook } from "../../src/sweeps/driving/look.ts";
import type { Minds } from "../../src/sweeps/driving/minds.ts";
import { replay } from "../../src/sweeps/driving/replay.ts";
import { emptyState, type SweepState } from "../../src/sweeps/driving/state.ts";
import { decide as judge } from "../../src/sweeps/policies/decide.ts";
import { suggest } from "../../src/sweeps/samplers/samplers.ts";

const MINDS: Minds = { suggest, judge };
const began = new Date("2026-11-27T10:00:00.000Z");
const later = (seconds: number) => new Date(began.getTime() + seconds * 1000);

function configured(more: JsonObject = {}): SweepConfiguration {
  const space = [{ name: "x", expression: "uniform", values: [0, 1] }];
  const sweep = {
    sampling: { type: "random", seed: 5, parameter_space: space },
    primary_metric_name: "score",
    primary_metric_goal: "maximize",
    max_total_runs: 4,
    max_concurrent_runs: 2,
    ...more,
  };
  return normaliseSweep(sweep, { rules: "own" }).configuration;
}

/** A sweep whose looks a test makes up; every entry is kept. */
class Sweep {
  readonly state: SweepState = emptyState();
  readonly entries: { number: number; at: Date; entry: JsonObject }[] = [];

  constructor(more: JsonObject = {}, generates = true) {
    this.take({ kind: "began", configuration: configured(more), generates }, began);
  }

  take(entry: SweepEntry, at: Date): void {
    applyEntry(this.state, entry, at);
    this.#keep(entry, at);
  }

  decide(looks: readonly TrialLook[], now = later(1), otherMetrics: readonly string[] = []): SweepEntry[] {
    const entries = decide(this.state, looks, { nodes: 2, now, otherMetrics }, MINDS);
    for (const entry of entries) this.#keep(entry, now);
    return entries;
  }

  #keep(entry: SweepEntry, at: Date): void {
    this.entries.push({ number: this.entries.length, at, entry: JSON.parse(JSON.stringify(entry)) as JsonObject });
  }
}

const kinds = (entries: readonly SweepEntry[]) => entries.map(({ kind }) => kind);
const only = <K extends SweepEntry["kind"]>(entries: readonly SweepEntry[], kind: K) =>
  entries.filter((entry): entry is SweepEntryOf<K> => entry.kind === kind);

const attempt = (number: number, seconds: number | null) =>
  ({ number, durationSeconds: seconds, startTimeUtc: began.toISOString(), endTimeUtc: null }) as never;
function standing(outcome: RunOutcome | null = null, more: Partial<TrialStanding> = {}): TrialStanding {
  const over = outcome !== null;
  return {
    id: "r",
    state: over ? "ended" : "running",
    outcome,
    status: "Running",
    error: outcome === "failed" ? { code: "ExitCode", message: "The script exited with code 3." } : null,
    cancelRequested: false,
    attempts: [attempt(1, over ? 10 : null)],
    startedAt: began,
    endedAt: null,
    ...more,
  };
}
const series = (values: readonly number[], more: Partial<TrialSeries> = {}): TrialSeries => {
  const finite = values.filter(Number.isFinite);
  return {
    ...{ id: 1, attempt: 1, count: values.length, kind: "number", resumes: false },
    min: finite.length > 0 ? Math.min(...finite) : null,
    max: finite.length > 0 ? Math.max(...finite) : null,
    ...more,
  };
};
function look(trial: number, values: readonly number[], outcome: RunOutcome | null = null, fresh: TrialLook["fresh"] = []): TrialLook {
  return { trial, run: standing(outcome), series: values.length === 0 ? [] : [series(values)], fresh };
}
const fresh = (values: readonly number[], number = 1, resumes = false) => [{ attempt: number, resumes, values }];

describe("trials", () => {
  it("are suggested as far as places are free, numbered without gaps, and the sweep ends with the last", () => {
    const sweep = new Sweep();
    const [first] = only(sweep.decide([]), "suggested");
    expect(first).toMatchObject({
      count: 2,
      trials: [
        { trial: 0, ordinal: 0 },
        { trial: 1, ordinal: 1 },
      ],
    });
    expect(sweep.decide([look(0, [1]), look(1, [2])])).toEqual([]);
    expect(kinds(sweep.decide([look(0, [1, 3, 2], "succeeded"), look(1, [2])]))).toEqual(["ended", "suggested"]);
    expect(sweep.state.trials[0]).toMatchObject({ state: "finished", score: 3, intervals: 3, computeSeconds: 20 });
    sweep.decide([look(1, [2], "succeeded"), look(2, [1], "succeeded")]);
    const last = sweep.decide([look(3, [9], "succeeded")]);
    expect(last.at(-1)).toMatchObject({ kind: "finished", status: "Completed", best: 3, score: 9 });
    expect(sweep.decide([])).toEqual([]);
  });

  it("of equal scores the earliest is the best; the goal says which way is good", () => {
    const sweep = new Sweep({ primary_metric_goal: "minimize", max_total_runs: 3, max_concurrent_runs: 3 });
    sweep.decide([]);
    const last = sweep.decide([look(0, [2, 5], "succeeded"), look(1, [1, 7], "succeeded"), look(2, [1], "succeeded")]);
    expect(last.at(-1)).toMatchObject({ best: 1, score: 1 });
  });

  it("that cannot be made any more end as canceled, those that run are stopped, when the time is over", () => {
    const sweep = new Sweep({ max_duration_minutes: 1 });
    sweep.decide([]);
    const waiting: TrialLook = { trial: 1, run: null, series: [], fresh: [] };
    expect(sweep.decide([look(0, []), waiting], later(59))).toEqual([]);
    expect(only(sweep.decide([look(0, []), waiting], later(60)), "closed")).toMatchObject([{ because: "duration", cancels: true }]);
    const after = sweep.decide([look(0, [4], "canceled"), waiting], later(61));
    expect(only(after, "ended")).toMatchObject([
      { trial: 0, state: "canceled", score: 4 },
      { trial: 1, state: "canceled", error: { code: "SweepClosed" } },
    ]);
    expect(after.at(-1)).toMatchObject({ kind: "finished", status: "Completed", best: 0 });
  });

  it("compute together no longer than the budget: nodes count, and those that still run", () => {
    const sweep = new Sweep({ max_compute_hours: 0.01 }); // 36 s
    sweep.decide([]);
    sweep.decide([look(0, [1], "succeeded"), look(1, [])], later(5)); // 2 nodes × (10 s + 5 s)
    expect(sweep.state.closed).toBeNull();
    sweep.decide([look(1, [])], later(8));
    expect(sweep.state.closed).toMatchObject({ because: "budget", cancels: true });
  });

  it("that failed are tried again with their values, in the place of the first try", () => {
    const sweep = new Sweep({ max_total_runs: 2, max_trial_retries: 1 });
    sweep.decide([]);
    const [retry] = only(sweep.decide([look(0, [], "failed"), look(1, [])]), "added");
    expect(retry).toMatchObject({ origin: "retry", trials: [{ trial: 2, of: 0, values: sweep.state.trials[0]?.values }] });
    const last = sweep.decide([look(1, [1], "succeeded"), look(2, [], "failed")]);
    expect(kinds(last)).toEqual(["ended", "ended", "finished"]);
    expect(last.at(-1)).toMatchObject({ status: "Completed", best: 1 });
  });

  it("that failed for good are replaced when the sweep says so, as many as it may have", () => {
    const sweep = new Sweep({ max_total_runs: 2, replace_failed_trials: true });
    sweep.decide([]);
    sweep.decide([look(0, [], "failed"), look(1, [], "failed")]);
    expect(sweep.state.trials).toHaveLength(4);
    const last = sweep.decide([look(2, [], "failed"), look(3, [], "failed")]);
    expect(last.at(-1)).toMatchObject({ kind: "finished", status: "Failed", error: { code: "AllTrialsFailed" } });
  });

  it("before their script could begin end the sweep, when none got further", () => {
    const error = { code: "EnvironmentFailed", message: "The environment could not be prepared." };
    const unprepared = (trial: number): TrialLook => ({ trial, run: { ...standing("failed"), error }, series: [], fresh: [] });
    const sweep = new Sweep({ max_total_runs: 9, max_concurrent_runs: 2, max_trial_retries: 1 });
    sweep.decide([]);
    sweep.decide([unprepared(0), unprepared(1)]);
    expect(sweep.state.closed).toBeNull();
    // one that runs its script may yet show that it can be done
    sweep.decide([unprepared(2), look(3, [])]);
    expect(sweep.state.closed).toBeNull();
    const last = sweep.decide([unprepared(3), { trial: 4, run: null, series: [], fresh: [] }]);
    expect(only(last, "closed")).toMatchObject([
      { because: "failing", cancels: true, detail: expect.stringContaining("Trial 0: The env") },
    ]);
    expect(only(last, "suggested")).toEqual([]);
    const over = sweep.decide([{ trial: 4, run: null, series: [], fresh: [] }]);
    expect(over.at(-1)).toMatchObject({ kind: "finished", status: "Failed", error: { code: "TrialsCannotStart" } });
    // told to go on, it tries again as many before it gives up
    sweep.take({ kind: "reopened", limits: {}, by: null }, later(60));
    expect(only(sweep.decide([], later(61)), "closed")).toEqual([]);
    const other = new Sweep({ max_total_runs: 9, max_concurrent_runs: 4 });
    other.decide([]);
    other.decide([unprepared(0), unprepared(1), unprepared(2), look(3, [], "failed")]);
    expect(other.state.closed).toBeNull();
  });

  it("of a sweep that was closed end it as it was closed", () => {
    const canceled = new Sweep();
    canceled.decide([]);
    canceled.take({ kind: "closed", because: "canceled", cancels: true, detail: "The sweep was canceled." }, later(2));
    expect(canceled.decide([look(0, [1], "canceled"), look(1, [2], "canceled")]).at(-1)).toMatchObject({ status: "Canceled", best: 1 });
    const refused = new Sweep();
    refused.decide([]);
    refused.take({ kind: "closed", because: "error", cancels: false, detail: "Trial 1 could not be submitted: no." }, later(2));
    const waiting: TrialLook = { trial: 1, run: null, series: [], fresh: [] };
    expect(refused.decide([look(0, [1], "succeeded"), waiting]).at(-1)).toMatchObject({
      status: "Failed",
      error: { code: "TrialsNotSubmitted" },
    });
  });
});

describe("what people should know", () => {
  it("is said once: the metric is missing, is no number, is never finite", () => {
    const sweep = new Sweep({ max_total_runs: 6, max_concurrent_runs: 6 });
    sweep.decide([]);
    const text = { ...look(2, [], "succeeded"), series: [series([], { kind: "text", count: 1 })] };
    const looks = [look(0, [], "succeeded"), look(1, [], "succeeded"), text, look(3, [Number.NaN], "succeeded")];
    const notes = only(sweep.decide(looks, later(1), ["Score", "loss"]), "noted");
    expect(notes.map(({ about }) => about)).toEqual(["metric missing", "metric no number", "metric not finite"]);
    expect(notes[0]?.text).toBe(
      'Trial 0 ended without the primary metric "score". It logged "Score", "loss"; names are compared letter by letter.',
    );
    expect(only(sweep.decide([look(4, [], "succeeded"), look(5, [], "succeeded")]), "noted")).toEqual([]);
    expect(sweep.state.finished).toMatchObject({ status: "Failed", best: null, error: { code: "PrimaryMetricMissing" } });
  });
});

describe("the policy", () => {
  const median = { policy: { type: "MedianStoppingPolicy", evaluation_interval: 1 }, max_total_runs: 3, max_concurrent_runs: 3 };

  it("judges what was observed once, in the attempt that counts; a stop is the last word on a trial", () => {
    const sweep = new Sweep(median);
    sweep.decide([]);
    const entries = sweep.decide([look(0, [5], null, fresh([5])), look(1, [1], null, fresh([1])), look(2, [6], null, fresh([6]))]);
    expect(kinds(entries)).toEqual(["observed", "observed", "observed", "judged"]);
    expect(only(entries, "judged")[0]?.decisions.map(({ trial, decision }) => [trial, decision])).toEqual([
      [0, "continue"],
      [1, "stop"],
      [2, "continue"],
    ]);
    expect(sweep.decide([look(0, [5]), look(1, [1]), look(2, [6])])).toEqual([]); // nothing new, nothing decided again
    const more = sweep.decide([look(0, [5, 5], null, fresh([5])), look(1, [1, 1], null, fresh([1])), look(2, [6])]);
    expect(only(more, "judged")[0]?.decisions.map(({ trial, interval }) => [trial, interval])).toEqual([[0, 2]]);
    sweep.decide([look(1, [1, 1], "canceled")]);
    expect(sweep.state.trials[1]).toMatchObject({ state: "stopped", stop: { interval: 1 } });
  });

  it("keeps of a trial's decisions to go on the last one", () => {
    const sweep = new Sweep(median);
    sweep.decide([]);
    const entries = sweep.decide([look(0, [1, 2, 3], null, fresh([1, 2, 3]))]);
    expect(only(entries, "judged")[0]?.decisions).toMatchObject([{ trial: 0, interval: 3, decision: "continue" }]);
  });

  it("counts the intervals of an attempt that begins anew from 1, and those of one that resumes on", () => {
    const sweep = new Sweep(median);
    sweep.decide([]);
    sweep.decide([look(0, [1, 2], null, fresh([1, 2])), look(1, [1, 2], null, fresh([1, 2]))]);
    sweep.decide([look(0, [], null, fresh([7], 2, false)), look(1, [], null, fresh([8], 2, true))]);
    expect(sweep.state.trials.map(({ curve }) => curve)).toEqual([[7], [1, 2, 8], []]);
    sweep.take({ kind: "observed", trial: 1, attempt: 1, resumes: false, values: ["NaN"] }, later(3)); // came home late
    expect(sweep.state.trials[1]?.curve).toEqual([1, 2, Number.NaN, 8]);
  });
});

describe("the journal", () => {
  function played(): Sweep {
    const sweep = new Sweep({ policy: { type: "BanditPolicy", slack_amount: 1 }, max_total_runs: 6, max_concurrent_runs: 3 });
    sweep.decide([]);
    sweep.decide([
      look(0, [5], null, fresh([5])),
      look(1, [1, Number.NaN], null, fresh([1, Number.NaN])),
      look(2, [4.5], null, fresh([4.5])),
    ]);
    sweep.decide([look(1, [1], "canceled"), look(0, [5, 6], "succeeded", fresh([6]))]);
    sweep.decide([look(2, [4.5], "succeeded"), look(3, [2], null, fresh([2])), look(4, [8], null, fresh([8]))]);
    return sweep;
  }

  it("says the same state again, also after it went through JSON", () => {
    const sweep = played();
    const again = emptyState();
    for (const { entry, at } of sweep.entries) applyEntry(again, entry as unknown as SweepEntry, at);
    expect(again).toEqual(sweep.state);
  });

  it("decides the same again, and the first entry that does not is named", () => {
    const { entries, state } = played();
    expect(state.trials.some(({ stop }) => stop !== null)).toBe(true);
    expect(replay("HD_a", entries, MINDS)).toMatchObject({ identical: true, entries: entries.length, difference: null });
    const forged = structuredClone(entries) as typeof entries;
    const at = forged.findIndex(({ entry }) => entry.kind === "suggested");
    const trials = (forged[at]!.entry as { trials: { values: { x: number } }[] }).trials;
    trials[1]!.values.x = 0.25;
    expect(replay("HD_a", forged, MINDS)).toMatchObject({
      identical: false,
      difference: { entry: at, what: `suggestion 1 of entry ${at}`, recorded: { values: { x: 0.25 } } },
    });
    const other = structuredClone(entries) as typeof entries;
    const judged = other.findIndex(({ entry }) => entry.kind === "judged");
    (other[judged]!.entry as { decisions: { decision: string }[] }).decisions[0]!.decision = "stop";
    expect(replay("HD_a", other, MINDS)).toMatchObject({ identical: false, difference: { entry: judged, recorded: { decision: "stop" } } });
  });

  it("does not follow when something is missing in it", () => {
    const { entries } = played();
    const state = emptyState();
    expect(() => applyEntry(state, entries[1]!.entry as never, began)).toThrow(/Entry 0 .* cannot be "suggested"/);
  });

  it("goes on with other limits: trials that were there stay, the duration begins anew", () => {
    const sweep = new Sweep({ max_total_runs: 1 });
    sweep.decide([]);
    sweep.decide([look(0, [1], "succeeded")]);
    expect(sweep.state.finished).not.toBeNull();
    sweep.take({ kind: "reopened", limits: { maxTotalRuns: 2 }, by: "ada" }, later(90));
    expect(sweep.state).toMatchObject({ finished: null, since: later(90), configuration: { maxTotalRuns: 2 } });
    expect(only(sweep.decide([]), "suggested")).toMatchObject([{ trials: [{ trial: 1, ordinal: 1 }] }]);
  });
});
