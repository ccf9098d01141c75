import type { MetricGoal, TerminationPolicy } from "@switchyard/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, type PolicyDecision, type TrialCurve } from "../../src/index.ts";
import { bracketOf, bracketsOf, rungsOf } from "../../src/sweeps/policies/halving.ts";

function curve(trial: number, values: number[], ended = false): TrialCurve {
  return { trial, values, ended };
}

function decideOn(
  policy: TerminationPolicy,
  curves: TrialCurve[],
  { goal = "maximize" as MetricGoal, prior = [] as TrialCurve[], decided = new Map<number, number>() } = {},
) {
  return decide({ policy, goal, curves, prior, decided });
}

function stopped(decisions: readonly PolicyDecision[]): string[] {
  return decisions.filter(({ decision }) => decision === "stop").map(({ trial, interval }) => `${trial}@${interval}`);
}

const EVERY = { evaluationInterval: 1, delayEvaluation: 0 };
const factor = (slackFactor: number, more = {}): TerminationPolicy => ({
  type: "BanditPolicy",
  ...EVERY,
  slackFactor,
  slackAmount: null,
  ...more,
});
const amount = (slackAmount: number): TerminationPolicy => ({ type: "BanditPolicy", ...EVERY, slackFactor: null, slackAmount });
const MEDIAN: TerminationPolicy = { type: "MedianStoppingPolicy", ...EVERY };
const truncation = (truncationPercentage: number, excludeFinishedJobs = false): TerminationPolicy => ({
  type: "TruncationSelectionPolicy",
  ...EVERY,
  truncationPercentage,
  excludeFinishedJobs,
});
const asha = (reductionFactor = 3, minIntervals = 1, maxIntervals: number | null = null): TerminationPolicy => ({
  type: "AshaPolicy",
  minIntervals,
  maxIntervals,
  reductionFactor,
});

describe("bandit", () => {
  it("stops below best/(1 + factor), as the documents' example has it: 0.8 and 0.2 give 0.666…", () => {
    const decisions = decideOn(factor(0.2), [curve(0, [0.8]), curve(1, [0.66]), curve(2, [0.67])]);
    expect(stopped(decisions)).toEqual(["1@1"]);
    expect(decisions[1]!.because).toEqual({
      rule: "the best so far 0.66 is worse than 0.666667, which the best of all, 0.8, leaves as slack",
      own: 0.66,
      best: 0.8,
      allowed: 0.8 / 1.2,
      slackFactor: 0.2,
    });
  });

  it("stops below best − amount: 0.8 and 0.2 give 0.6", () => {
    expect(stopped(decideOn(amount(0.2), [curve(0, [0.8]), curve(1, [0.59]), curve(2, [0.61])]))).toEqual(["1@1"]);
  });

  it("mirrors both when less is better", () => {
    const curves = [curve(0, [1]), curve(1, [1.21]), curve(2, [1.19])];
    expect(stopped(decideOn(factor(0.2), curves, { goal: "minimize" }))).toEqual(["1@1"]);
    expect(stopped(decideOn(amount(0.2), curves, { goal: "minimize" }))).toEqual(["1@1"]);
  });

  it("looks at the best of a trial so far, not at its last value", () => {
    expect(stopped(decideOn(factor(0.1), [curve(0, [0.8, 0.8]), curve(1, [0.79, 0.1])]))).toEqual([]);
  });

  it("compares at interval N only with what others had by their interval N", () => {
    expect(stopped(decideOn(factor(0.1), [curve(0, [0.5, 0.6, 0.9]), curve(1, [0.5, 0.58])]))).toEqual([]);
    expect(stopped(decideOn(factor(0.1), [curve(0, [0.5, 0.9, 0.9]), curve(1, [0.5, 0.58])]))).toEqual(["1@2"]);
  });

  it("keeps the formula of the factor for negative metrics, and says that it misleads there", () => {
    const [decision] = decideOn(factor(0.2), [curve(0, [-1])], { goal: "minimize" });
    expect(decision).toMatchObject({ decision: "stop", because: { note: expect.stringContaining("use slack_amount") } });
  });

  it("takes a trial that logged no number as the worst", () => {
    expect(stopped(decideOn(factor(0.1), [curve(0, [0.5]), curve(1, [Number.NaN])]))).toEqual(["1@1"]);
    expect(stopped(decideOn(factor(0.1), [curve(0, [Number.NaN]), curve(1, [Number.NaN])]))).toEqual([]);
  });

  it.each([factor(0.1), amount(0.1), MEDIAN, truncation(50), asha(2)])(
    "an infinity is no number for $type, and ends no other trial",
    (policy) => {
      for (const goal of ["maximize", "minimize"] as const) {
        for (const infinity of [Infinity, -Infinity]) {
          const decisions = decideOn(policy, [curve(0, [0.5, 0.5]), curve(1, [infinity, infinity]), curve(2, [0.5, 0.5])], { goal });
          expect(stopped(decisions)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^[02]@/)]));
        }
      }
    },
  );
});

describe("median stopping", () => {
  it("compares a trial's best with the median of all averages", () => {
    // averages by interval 2: 0.3, 0.5, 0.25; their median is 0.3; best of trial 2 is 0.29
    const curves = [curve(0, [0.2, 0.4]), curve(1, [0.4, 0.6]), curve(2, [0.29, 0.21])];
    const decisions = decideOn({ ...MEDIAN, delayEvaluation: 2 } as TerminationPolicy, curves);
    expect(stopped(decisions)).toEqual(["2@2"]);
    expect(decisions.at(-1)!.because).toMatchObject({ own: 0.29, trials: 3 });
    expect(decisions.at(-1)!.because.median).toBeCloseTo(0.3, 12);
  });

  it("counts what trials have that did not get as far", () => {
    const curves = [curve(0, [0.9], true), curve(1, [0.8], true), curve(2, [0.5, 0.7])];
    expect(stopped(decideOn(MEDIAN, curves, { decided: new Map([[2, 1]]) }))).toEqual(["2@2"]);
  });
});

describe("truncation selection", () => {
  const five = [0.1, 0.2, 0.3, 0.4, 0.5].map((value, trial) => curve(trial, [value]));

  it("stops the lowest percentage, rounded down", () => {
    expect(stopped(decideOn(truncation(20), five))).toEqual(["0@1"]);
    expect(stopped(decideOn(truncation(19), five))).toEqual([]);
    expect(stopped(decideOn(truncation(59), five))).toEqual(["0@1", "1@1"]);
    expect(stopped(decideOn(truncation(40), five, { goal: "minimize" }))).toEqual(["3@1", "4@1"]);
  });

  it("of equals stops those that began later", () => {
    expect(
      stopped(
        decideOn(
          truncation(50),
          [0, 1, 2, 3].map((trial) => curve(trial, [1])),
        ),
      ),
    ).toEqual(["2@1", "3@1"]);
  });

  it("ranks a young trial at its interval, and ended ones only when they are not excluded", () => {
    const old = [curve(0, [0.5, 0.9], true), curve(1, [0.4, 0.8], true)];
    expect(stopped(decideOn(truncation(50), [...old, curve(2, [0.45])]))).toEqual([]);
    expect(stopped(decideOn(truncation(50), [...old, curve(2, [0.1])]))).toEqual(["2@1"]);
    expect(stopped(decideOn(truncation(50, true), [...old, curve(2, [0.1])]))).toEqual([]);
  });
});

describe("evaluation_interval and delay_evaluation", () => {
  it("decide at intervals that the one divides and that are not before the other", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 30 }),
        (evaluationInterval, delayEvaluation, length) => {
          const policy = factor(0.1, { evaluationInterval, delayEvaluation });
          const decisions = decideOn(policy, [curve(0, new Array(length).fill(0.5))]);
          const due = Array.from({ length }, (_, index) => index + 1).filter((n) => n % evaluationInterval === 0 && n >= delayEvaluation);
          expect(decisions.map(({ interval }) => interval)).toEqual(due);
        },
      ),
    );
  });
});

describe("ASHA and Hyperband", () => {
  it("let the best third of those that reached a rung go on", () => {
    const curves = [5, 4, 3, 2, 1, 6].map((value, trial) => curve(trial, [value]));
    const decisions = decideOn(asha(), curves);
    expect(stopped(decisions)).toEqual(["1@1", "2@1", "3@1", "4@1"]);
    expect(decisions[1]!.because).toMatchObject({ reached: 6, better: 2, kept: 2, own: 4 });
  });

  it("let the first at a rung go on, and look at rungs alone", () => {
    expect(decideOn(asha(3, 2), [curve(0, new Array(20).fill(1))]).map(({ interval }) => interval)).toEqual([2, 6, 18]);
    expect(decideOn(asha(3, 2, 18), [curve(0, new Array(20).fill(1))]).map(({ interval }) => interval)).toEqual([2, 6]);
    expect(rungsOf(1, 2.5, null, 50)).toEqual([1, 3, 6, 16, 39]);
  });

  it("Hyperband has the brackets of its paper", () => {
    const brackets = bracketsOf(1, 81, 3);
    expect(brackets.map(({ trials }) => trials)).toEqual([81, 34, 15, 8, 5]);
    expect(brackets.map(({ first }) => Math.round(first))).toEqual([1, 3, 9, 27, 81]);
    expect([0, 80, 81, 114, 115, 142, 143].map((trial) => bracketOf(trial, brackets))).toEqual([0, 0, 1, 1, 2, 4, 0]);
  });

  it("Hyperband compares trials of one bracket only", () => {
    const policy: TerminationPolicy = { type: "HyperbandPolicy", minIntervals: 1, maxIntervals: 9, reductionFactor: 3 };
    // brackets take 9, 5 and 3 trials
    const curves = [curve(0, [1]), curve(1, [2]), curve(9, [0.1, 0.1, 0.1]), curve(14, [0, 0, 0, 0])];
    const decisions = decideOn(policy, curves);
    expect(decisions.map(({ trial, interval, decision }) => [trial, interval, decision])).toEqual([
      [0, 1, "stop"],
      [1, 1, "continue"],
      [9, 3, "continue"],
    ]);
    expect(decisions[0]!.because.bracket).toBe(0);
  });
});

const POLICIES: TerminationPolicy[] = [
  factor(0.1),
  amount(0.1),
  MEDIAN,
  truncation(30),
  truncation(30, true),
  asha(),
  asha(2, 2, 9),
  { type: "HyperbandPolicy", minIntervals: 1, maxIntervals: 9, reductionFactor: 3 },
];
const curves = fc
  .array(
    fc.record({
      values: fc.array(
        fc.oneof(
          { weight: 9, arbitrary: fc.double({ min: -10, max: 10, noNaN: true }) },
          { weight: 1, arbitrary: fc.constant(Number.NaN) },
        ),
        { maxLength: 12 },
      ),
      ended: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) => all.map(({ values, ended }, trial) => curve(trial, values, ended)));
const cases = fc.record({ policy: fc.constantFrom(...POLICIES), goal: fc.constantFrom<MetricGoal>("maximize", "minimize"), curves });

describe("every policy", () => {
  it("decides once on each interval, in order, and never on an ended trial or after a stop", () => {
    fc.assert(
      fc.property(cases, ({ policy, goal, curves }) => {
        const decisions = decideOn(policy, curves, { goal });
        for (const { trial } of decisions) expect(curves[trial]!.ended).toBe(false);
        for (const { trial } of curves) {
          const own = decisions.filter((decision) => decision.trial === trial);
          expect(own.map(({ interval }) => interval)).toEqual([...new Set(own.map(({ interval }) => interval))].sort((a, b) => a - b));
          expect(own.slice(0, -1).every(({ decision }) => decision === "continue")).toBe(true);
        }
        const decided = new Map<number, number>();
        for (const { trial, interval } of decisions) decided.set(trial, Math.max(decided.get(trial) ?? 0, interval));
        const again = decideOn(policy, curves, { goal, decided }).filter(
          ({ trial }) => !stopped(decisions).some((key) => key.startsWith(`${trial}@`)),
        );
        expect(again).toEqual([]);
      }),
    );
  });

  it("does not look at what a trial logs after the interval, nor at the order of trials in the request", () => {
    fc.assert(
      fc.property(
        cases,
        fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 3 }),
        ({ policy, goal, curves }, later) => {
          const before = decideOn(policy, curves, { goal });
          const shuffled = decideOn(policy, curves.toReversed(), { goal });
          expect(shuffled).toEqual(before);
          if (policy.type === "TruncationSelectionPolicy" || policy.type === "MedianStoppingPolicy" || policy.type === "BanditPolicy") {
            const all = Math.max(...curves.map(({ values }) => values.length));
            if (curves.some(({ values, ended }) => !ended && values.length < all)) return; // those would get new intervals below
            const longer = curves.map((each) => (each.ended ? each : { ...each, values: [...each.values, ...later] }));
            const after = decideOn(policy, longer, { goal }).filter(({ interval }) => interval <= all);
            expect(after).toEqual(before);
          }
        },
      ),
    );
  });

  it("never stops the trial that is best of all at every interval", () => {
    fc.assert(
      fc.property(cases, ({ policy, goal, curves }) => {
        // a negative metric and slack as a factor do not go together: the formula is kept, and the decision says so
        if (policy.type === "BanditPolicy" && policy.slackFactor !== null && goal === "minimize") return;
        const sign = goal === "maximize" ? 1 : -1;
        const best = curve(curves.length, new Array(12).fill(sign * 100));
        expect(stopped(decideOn(policy, [...curves, best], { goal })).filter((key) => key.startsWith(`${curves.length}@`))).toEqual([]);
      }),
    );
  });

  it("is the mirror image when the metric and the goal are turned round, except for slack as a factor", () => {
    fc.assert(
      fc.property(cases, ({ policy, curves }) => {
        if (policy.type === "BanditPolicy" && policy.slackFactor !== null) return;
        const mirrored = curves.map((each) => ({ ...each, values: each.values.map((value) => -value) }));
        expect(stopped(decideOn(policy, mirrored, { goal: "minimize" }))).toEqual(stopped(decideOn(policy, curves, { goal: "maximize" })));
      }),
    );
  });

  it("compares with trials of earlier sweeps and decides nothing on them", () => {
    const prior = [curve(7, [0.9]), curve(8, [0.8]), curve(9, [0.7])];
    for (const policy of [factor(0.1), MEDIAN, truncation(50), asha()]) {
      const decisions = decideOn(policy, [curve(0, [0.1])], { prior });
      expect(stopped(decisions)).toEqual(["0@1"]);
      expect(decideOn(policy, [curve(0, [0.1])])).toMatchObject([{ decision: "continue" }]);
    }
  });
});
