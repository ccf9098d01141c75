import { describe, expect, it } from "vitest";
import { importanceOf, savedBy, suggest, type TrialObservation, trajectoryOf } from "../../src/index.ts";
import { observation, parameter, request, sampling } from "./support.ts";

describe("parameter importance", () => {
  const SPACE = [
    parameter("much", ["uniform", [0, 1]]),
    parameter("little", ["loguniform", [-5, 0]]),
    parameter("none", ["uniform", [0, 1]]),
    parameter("kind", ["choice", [["a", "b", "c"]]]),
  ];
  function trials(score: (values: Record<string, unknown>) => number): TrialObservation[] {
    const { suggestions } = suggest(request(sampling("random", SPACE, 4), { count: 150 }));
    return suggestions.map((each, index) => observation(index, each, score(each.values as Record<string, unknown>)));
  }

  it("puts first what explains most, and gives idle ones next to nothing", () => {
    const found = importanceOf(
      SPACE,
      trials(({ much, little }) => 10 * (much as number) + (2 * Math.log(little as number)) / 5),
    )!;
    const share = Object.fromEntries(found.map(({ parameter: name, share }) => [name, share]));
    expect(found[0]!.parameter).toBe("much");
    expect(share.much).toBeGreaterThan(0.7);
    expect(share.little).toBeGreaterThan(share.none!);
    expect(share.none).toBeLessThan(0.05);
    expect(share.kind).toBeLessThan(0.05);
    expect(Object.values(share).reduce((sum, value) => sum + value, 0)).toBeLessThanOrEqual(1.0001);
  });

  it("sees options, and a hundred times the same again", () => {
    const made = trials(({ kind, much }) => ((kind as string) === "b" ? 5 : 0) + (much as number));
    const found = importanceOf(SPACE, made)!;
    expect(found[0]).toMatchObject({ parameter: "kind" });
    expect(importanceOf(SPACE, made)).toEqual(found);
  });

  it("says nothing of few trials, of equal scores, and leaves out failed ones", () => {
    expect(importanceOf(SPACE, trials(() => 1).slice(0, 7))).toBeNull();
    expect(
      importanceOf(
        SPACE,
        trials(() => 1),
      ),
    ).toBeNull();
    const failed = trials(({ much }) => much as number).map((trial) => ({ ...trial, score: null }));
    expect(importanceOf(SPACE, failed)).toBeNull();
  });
});

describe("the trajectory", () => {
  it("has each trial that was better than all before it", () => {
    const scores = [3, null, 5, 2, Number.NaN, 2, 1];
    const trials = scores.map((score, index) => observation(index, { values: {}, branches: {} }, score));
    expect(trajectoryOf(trials, "minimize")).toEqual([
      { trials: 1, trial: 0, score: 3 },
      { trials: 3, trial: 3, score: 2 },
      { trials: 5, trial: 6, score: 1 },
    ]);
    expect(trajectoryOf(trials, "maximize").map(({ trial }) => trial)).toEqual([0, 2]);
    const failed = [...trials, { ...observation(7, { values: {}, branches: {} }, 9), state: "failed" as const }];
    expect(trajectoryOf(failed, "maximize").at(-1)).toMatchObject({ trial: 7 }); // as the best trial of the sweep, which failed ones may be
  });
});

describe("what early termination saved", () => {
  it("is what stopped trials still had to go, at their own pace", () => {
    const saved = savedBy([
      { state: "finished", intervals: 10, seconds: 100 },
      { state: "finished", intervals: 10, seconds: 120 },
      { state: "stopped", intervals: 2, seconds: 40 },
      { state: "failed", intervals: 1, seconds: 5 },
      { state: "pending", intervals: 1, seconds: null },
    ]);
    expect(saved).toEqual({ stopped: 1, fullIntervals: 10, intervals: 8, intervalShare: 8 / 30, seconds: 160, secondsShare: 160 / 420 });
  });

  it("is not known when nothing ran to its end, or times are missing", () => {
    expect(savedBy([{ state: "stopped", intervals: 3, seconds: 1 }])).toBeNull();
    expect(savedBy([{ state: "finished", intervals: 3, seconds: null }])).toMatchObject({
      intervals: 0,
      seconds: null,
      secondsShare: null,
    });
  });
});
