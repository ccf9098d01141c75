import type { Sweep, SweepTrial } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { paintFor } from "../output/paint.ts";
import { samplingText, sweepText } from "./views.ts";

const ID = "HD_01234567-89ab-cdef-0123-456789abcdef";
const trial = (n: number) =>
  ({
    trial: n,
    runId: `${ID}_${n}`,
    arguments: ["--learning-rate", `0.01234567890123${n}`, "--optimizer", "momentum"],
    state: "finished",
    score: n,
    intervals: 2,
    computeSeconds: 1,
    error: null,
  }) as unknown as SweepTrial;
const configuration = {
  sampling: { type: "random", seed: 1 },
  policy: { type: "NoTerminationPolicy" },
  primaryMetricName: "loss",
  primaryMetricGoal: "minimize",
  maxTotalRuns: 30,
};
const sweep = {
  runId: ID,
  experimentName: "e",
  target: "local",
  status: "Completed",
  error: null,
  warnings: [],
  createdUtc: "2026-11-27T10:00:00.000Z",
  endTimeUtc: "2026-11-27T10:01:00.000Z",
  generates: true,
  spaceSize: null,
  exhausted: false,
  closed: null,
  configuration,
  counts: { pending: 0, finished: 25, stopped: 0, failed: 0, canceled: 0 },
  computeHours: 0,
  best: null,
  trials: Array.from({ length: 25 }, (_, n) => trial(n)),
} as unknown as Sweep;
const shown = (extent: Parameters<typeof sweepText>[3]) => sweepText(sweep, new Date(), paintFor({ write: () => true }, {}), extent);
/** The lines from the headings of the table on. */
const tableOf = (text: string) => text.slice(text.indexOf("Trial  State")).split("\n");

describe("a sweep on a terminal", () => {
  it("has the ids of the runs where there is room, and twenty trials unless all are wished", () => {
    for (const width of [undefined, 200]) {
      const lines = tableOf(shown({ width }));
      expect(lines[2]).toContain(`${ID}_0`);
      expect(lines).toHaveLength(2 + 20 + 1);
      expect(lines.at(-1)).toBe("… and 5 more trials; --all shows them");
    }
    expect(tableOf(shown({ all: true }))).toHaveLength(2 + 25);
  });

  it("fits into a narrow one: the ids of the runs go first, then the ends of values", () => {
    for (const [width, whole] of [
      [120, true],
      [80, false],
    ] as const) {
      const lines = tableOf(shown({ width }));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      expect(lines[2]).toContain("--learning-rate 0.0123457 --op");
      expect(lines[2]!.includes("momentum")).toBe(whole);
      expect(lines.join("\n")).toContain(`The run of trial N is ${ID}_N.`);
    }
    expect(tableOf(shown({ width: 10 }))[2]).toContain("--learning-rate 0.0…");
  });
});

it("trials that try others again are told, as they are more than there may be", () => {
  const trials = sweep.trials.map((each) => ({ ...each, retryOf: each.trial < 2 ? null : 0 }));
  const text = sweepText({ ...sweep, trials }, new Date(), paintFor({ write: () => true }, {}));
  expect(text).toContain("Trials      25 finished (at most 30; 23 of them try others again)");
  expect(shown({})).toContain("Trials      25 finished (at most 30)\n");
});

it("a grid is told without the seed that it does not use", () => {
  const grid = { ...configuration, sampling: { type: "grid", seed: 1 } } as unknown as Sweep["configuration"];
  expect(samplingText({ ...sweep, configuration: grid, spaceSize: "6" })).toBe("grid, 6 combinations");
  expect(samplingText(sweep)).toBe("random, seed 1");
});
