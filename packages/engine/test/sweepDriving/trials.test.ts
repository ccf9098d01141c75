// What a sweep decides from what is seen of its trials, without a server: entries are functions of facts.
import { describe, expect, it } from "vitest";
import type { TrialLook } from "../../src/sweeps/driving/look.ts";
import { kinds, later, look, only, Sweep, series, standing } from "./madeUp.ts";

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

  it("is said when all trials failed, although what they logged before counts", () => {
    const sweep = new Sweep({ max_total_runs: 2 });
    sweep.decide([]);
    const last = sweep.decide([look(0, [1], "failed"), look(1, [2], "failed")]);
    expect(last.slice(-2)).toMatchObject([
      {
        kind: "noted",
        about: "all failed",
        text: "All 2 trials failed; what was logged before counts. Trial 0: The script exited with code 3.",
      },
      { kind: "finished", status: "Completed", best: 1 },
    ]);
    const half = new Sweep({ max_total_runs: 2 });
    half.decide([]);
    expect(only(half.decide([look(0, [1], "failed"), look(1, [2], "succeeded")]), "noted")).toEqual([]);
  });
});
