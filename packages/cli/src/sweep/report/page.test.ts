import type { SweepReport, SweepTrial } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { argumentsText } from "../views.ts";
import { reportPage, savedText } from "./page.ts";
import { numberAxis } from "./svg.ts";

const trial = (n: number, score: number | null, values: SweepTrial["values"]) =>
  ({
    trial: n,
    runId: `HD_a_${n}`,
    values,
    arguments: ["--x", String(values.x)],
    state: "finished",
    score,
    intervals: 2,
    computeSeconds: 1,
    error: null,
  }) as unknown as SweepTrial;

function report(trials: readonly SweepTrial[], more: Partial<SweepReport> = {}, space: readonly object[] = []): SweepReport {
  const scored = trials.filter(({ score }) => score !== null);
  const sweep = {
    runId: "HD_a",
    experimentName: "e",
    status: "Completed",
    error: null,
    warnings: ['<script>alert("x")</script>'],
    createdUtc: "2026-11-27T10:00:00.000Z",
    endTimeUtc: null,
    generates: true,
    spaceSize: null,
    configuration: {
      sampling: { type: "random", seed: 1, parameterSpace: space },
      policy: { type: "BanditPolicy" },
      primaryMetricName: "a<b",
      primaryMetricGoal: "maximize",
    },
    counts: { pending: 0, finished: trials.length, stopped: 0, failed: 0, canceled: 0 },
    computeHours: 0,
    best: scored[0] === undefined ? null : { ...scored[0], score: scored[0].score as number },
    trials,
  };
  return { sweep, trajectory: [], importance: null, curves: [], saved: null, ...more } as unknown as SweepReport;
}

describe("the page of a sweep", () => {
  it("shows nothing of what people wrote as anything but text", () => {
    const page = reportPage(
      report([trial(0, 1, { x: 1, "<i>": "<b>" }), trial(1, 2, { x: 2, "<i>": '"' })], { importance: [{ parameter: "<i>", share: 0.5 }] }),
    );
    expect(page).not.toMatch(/<script|<i>|<b>/);
    expect(page).toContain("&lt;script&gt;");
    expect(page).toContain("a&lt;b");
  });

  it("is a page too when no trial has a score, or there is none", () => {
    for (const trials of [[], [trial(0, null, { x: 1 })]]) {
      const page = reportPage(report(trials));
      expect(page).toContain("no trial has a score");
      expect(page).not.toContain("NaN");
    }
  });

  it("leaves out values that are no numbers, and shows those far apart by their logarithms", () => {
    const curves = [{ trial: 0, intervals: [1, 2, 3], values: [1, "NaN" as const, 3] }];
    expect(reportPage(report([trial(0, 3, { x: 1 })], { curves }))).not.toContain("NaN");
    const { place, marks } = numberAxis([0.001, 1000], 0, 60);
    expect([place(0.001), place(1), place(1000)]).toEqual([0, 30, 60]);
    expect(marks.map(({ text }) => text)).toEqual(["0.001", "0.0316", "1", "31.6", "1000"]);
    expect(numberAxis([0, 2], 0, 1).marks.map(({ text }) => text)).toEqual(["0", "1", "2"]);
  });

  it("shows numbers by their logarithms when they are drawn so, however far apart they came", () => {
    const trials = [0.002, 0.3, 0.9].map((x, n) => trial(n, n, { x }));
    const marksOf = (expression: string) =>
      reportPage(report(trials, {}, [{ name: "x", expression: [expression, [0, 1]], when: null }])).includes(">0.451<");
    expect(marksOf("uniform")).toBe(true); // from 0.002 to 0.9, the middle of the axis
    expect(marksOf("loguniform")).toBe(false);
  });

  it("draws the best trial over all others, and many lines faintly", () => {
    const trials = Array.from({ length: 300 }, (_, n) => trial(n, -n, { x: n, y: n }));
    const page = reportPage(report(trials));
    const lines = page.slice(page.indexOf("Parallel coordinates")).match(/class="line \w+"/g)!;
    expect(lines).toHaveLength(300);
    expect(lines.at(-1)).toBe('class="line best"');
    expect(
      page
        .match(/<circle class="\w+"/g)!
        .slice(0, 300)
        .at(-1),
    ).toBe('<circle class="best"');
    expect(page).toContain('--faint:0.1"');
    expect(reportPage(report(trials.slice(0, 3)))).toContain("--faint:0.55");
  });

  it("keeps words at the edge of a picture inside of it", () => {
    const trials = ["a", "some rather long option"].map((opt, n) => trial(n, n, { opt, x: n }));
    expect(reportPage(report(trials))).toMatch(/<text x="360" text-anchor="end"[^>]*>some rather…</);
  });

  it("draws the best score so far, which never grows worse, in whatever order the trials ended", () => {
    const trials = [trial(0, null, { x: 0 }), trial(1, 2, { x: 1 }), trial(2, 1, { x: 2 }), trial(3, 3, { x: 3 }), trial(4, 2.5, { x: 4 })];
    const endedLast = (n: number, score: number) => ({ trials: 1, trial: n, score, endTimeUtc: null });
    // trial 2 ended first, trial 1 after it
    const page = reportPage(report(trials, { trajectory: [endedLast(2, 1), endedLast(1, 2), endedLast(3, 3)] }));
    const [, path] = /<path class="line best" d="([^"]*)"/.exec(page)!;
    const heights = path!.match(/[\d.]+ [\d.]+/g)!.map((point) => Number(point.split(" ")[1]));
    expect(heights).toEqual(heights.toSorted((a, b) => b - a)); // 0 is at the top
    expect(heights).toHaveLength(4); // 2 at trial 1, to trial 3, up to 3, to the end
  });

  it("names as many options along an axis as find room", () => {
    const trials = Array.from({ length: 100 }, (_, n) => trial(n, n, { opt: `option-${n}-with-a-long-name`, x: n }));
    const page = reportPage(report(trials));
    const named = page.match(/>option-[^<]*<\/text>/g)!;
    expect(named.length).toBeLessThan(25);
    for (const name of named) expect(name).toMatch(/^>option-\d+-\w*…</); // cut, and seen to be
    const two = ["a", "b"].map((opt, n) => trial(n, n, { opt, x: n }));
    expect(reportPage(report(two)).match(/>[ab]<\/text>/g)).toHaveLength(4); // all of them, in both pictures
  });

  it("puts words with blanks into quotes, so that one sees where a value ends", () => {
    expect(argumentsText(["--a", "b c", "--d", "", "--e", "two\nlines", "--f", "größe"])).toBe(
      '--a "b c" --d "" --e "two\\nlines" --f größe',
    );
    expect(argumentsText(["--a", "y".repeat(200_000)])).toBe(`--a ${"y".repeat(200)}…`);
  });

  it("says what was saved, unless nothing was", () => {
    const saved = { stopped: 2, fullIntervals: 10, intervals: 12, intervalShare: 0.25, seconds: 90, secondsShare: 0.2 };
    expect(savedText(saved)).toBe("2 trials ended early: 12 intervals fewer, 25 % of all, about 1 min 30 s of computing (20 %)");
    expect(savedText({ ...saved, stopped: 0 })).toBeNull();
    expect(savedText(null)).toBeNull();
  });
});
