import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Suggestion, suggest, type TrialObservation } from "../../src/index.ts";
import { observation, parameter, request, sampling, search } from "./support.ts";

const MIXED = [
  parameter("lr", ["loguniform", [-12, 0]]),
  parameter("units", ["quniform", [8, 128, 8]]),
  parameter("opt", ["choice", [["sgd", "adam", "rmsprop"]]]),
  parameter("momentum", ["uniform", [0, 1]], { parameter: "opt", in: ["sgd", "rmsprop"] }),
  parameter("noise", ["normal", [0, 1]]),
];
const TEN = [parameter("a", ["choice", [[1, 2, 3, 4, 5]]]), parameter("b", ["choice", [["x", "y"]]])];

function keyOf({ values }: Pick<Suggestion, "values">): string {
  return JSON.stringify(values);
}

describe("every sampler", () => {
  const kinds = [
    sampling("random", MIXED),
    sampling("sobol", MIXED),
    sampling("bayesian", MIXED),
    sampling("random", TEN),
    sampling("grid", TEN),
  ];

  it.each(kinds.map((of) => [`${of.type} of ${of.parameterSpace.length}`, of] as const))(
    "%s suggests the same one at a time, many at once, and again",
    (_, of) => {
      const history: TrialObservation[] = [];
      const single: Suggestion[] = [];
      for (let made = 0; made < 10; made++) {
        const [next] = suggest(request(of, { history: [...history], made })).suggestions;
        single.push(next!);
        history.push({ ...observation(made, next!, null), state: "pending" });
      }
      const together = suggest(request(of, { count: 10 })).suggestions;
      expect(together).toEqual(single);
      expect(suggest(request({ ...of, seed: 2 }, { count: 10 })).suggestions).not.toEqual(of.type === "grid" ? null : single);
    },
  );

  it("gives these very values for seed 42, on every machine", () => {
    const of = sampling("random", MIXED, 42);
    expect(suggest(request(of, { count: 2 })).suggestions.map(({ values }) => values)).toMatchInlineSnapshot(`
      [
        {
          "lr": 0.000009325628883857023,
          "momentum": 0.23018611066191075,
          "noise": -0.03218124713301182,
          "opt": "sgd",
          "units": 80,
        },
        {
          "lr": 0.6040348891195634,
          "momentum": 0.5762112938448158,
          "noise": -1.3951568016545197,
          "opt": "rmsprop",
          "units": 56,
        },
      ]
    `);
    const found = search(sampling("bayesian", MIXED, 42), (values) => (values.lr as number) + (values.noise as number) ** 2, {
      trials: 16,
    });
    expect(found.suggestions.at(-1)).toMatchInlineSnapshot(`
      {
        "because": {
          "good": 2,
          "logRatio": 4.893051396656445,
          "observed": 15,
          "phase": "model",
          "sampler": "bayesian",
          "threshold": 0.013799112496250777,
        },
        "branches": {},
        "ordinal": 15,
        "values": {
          "lr": 0.002240966334893717,
          "noise": 0.00688050664406484,
          "opt": "adam",
          "units": 72,
        },
      }
    `);
  });
});

describe("random and grid over choices", () => {
  it.each(["random", "grid"] as const)("%s draws each combination once and ends", (type) => {
    const { suggestions } = search(sampling(type, TEN), () => 1, { trials: 50, atOnce: 3 });
    expect(suggestions.length).toBe(10);
    expect(new Set(suggestions.map(keyOf)).size).toBe(10);
    const after = suggest(request(sampling(type, TEN), { history: [], made: 10, count: 3 }));
    expect(after).toEqual({ suggestions: [], exhausted: true });
  });

  it.each([5, 900])("not so over randint(%i), whose draws are independent", (upper) => {
    const space = [parameter("seed", ["randint", [upper]])];
    const { suggestions, exhausted } = suggest(request(sampling("random", space), { count: 200 }));
    expect(exhausted).toBe(false);
    expect(new Set(suggestions.map(keyOf)).size).toBeLessThan(200);
  });

  it("a grid changes the last parameter first", () => {
    const { suggestions } = suggest(request(sampling("grid", TEN), { count: 3 }));
    expect(suggestions.map(({ values }) => values)).toEqual([
      { a: 1, b: "x" },
      { a: 1, b: "y" },
      { a: 2, b: "x" },
    ]);
  });

  it("leave out what a continued trial has already", () => {
    for (const type of ["random", "grid"] as const) {
      const continued = observation(0, { values: { a: 1, b: "y" }, branches: {} }, 3);
      const history = [continued];
      const seen: string[] = [];
      for (let made = 0; made < 9; made++) {
        const next = suggest(request(sampling(type, TEN), { history, made })).suggestions[0]!;
        seen.push(keyOf(next));
        history.push(observation(made + 1, next, 1));
      }
      expect(new Set([...seen, keyOf(continued)]).size).toBe(10);
      expect(suggest(request(sampling(type, TEN), { history, made: 9 })).exhausted).toBe(true);
    }
  });

  it.each(["random", "grid"] as const)("%s takes 20 of a million points, and of 10^60, at once", (type) => {
    for (const parameters of [6, 60]) {
      const space = Array.from({ length: parameters }, (_, n) => parameter(`p${n}`, ["choice", [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]]));
      // to list 10^60 points would never end
      const { suggestions, exhausted } = suggest(request(sampling(type, space), { count: 20 }));
      expect(new Set(suggestions.map(keyOf)).size).toBe(20);
      expect(exhausted).toBe(false);
    }
  });
});

describe("Bayesian sampling", () => {
  const PLANE = [
    parameter("x", ["uniform", [-5, 5]]),
    parameter("y", ["uniform", [-5, 5]]),
    parameter("c", ["choice", [["a", "b", "c", "d"]]]),
  ];
  const bowl = ({ x, y, c }: Suggestion["values"]) => ((x as number) - 2) ** 2 + ((y as number) + 1) ** 2 + (c === "b" ? 0 : 5);
  const bestOf = (history: readonly TrialObservation[]) => Math.min(...history.map(({ score }) => score ?? Infinity));

  it.each([null, true, false])("finds a bowl's bottom far better than random draws (multivariate: %s)", (multivariate) => {
    const seeds = Array.from({ length: 7 }, (_, seed) => seed);
    const model = seeds.map((seed) => bestOf(search({ ...sampling("bayesian", PLANE, seed), multivariate }, bowl, { trials: 60 }).history));
    const random = seeds.map((seed) => bestOf(search(sampling("random", PLANE, seed), bowl, { trials: 60 }).history));
    const middle = (values: number[]) => values.toSorted((a, b) => a - b)[3]!;
    expect(middle(model)).toBeLessThan(middle(random) / 3);
  });

  it("maximises as it minimises", () => {
    const up = search(sampling("bayesian", PLANE, 3), (values) => -bowl(values), { trials: 40, goal: "maximize" }).suggestions;
    const down = search(sampling("bayesian", PLANE, 3), bowl, { trials: 40 }).suggestions;
    expect(up.map(({ values }) => values)).toEqual(down.map(({ values }) => values));
  });

  it("keeps many pending trials apart", () => {
    const { history } = search(sampling("bayesian", PLANE, 1), bowl, { trials: 40 });
    const { suggestions } = suggest(request(sampling("bayesian", PLANE, 1), { history, made: 40, count: 8 }));
    for (const [index, a] of suggestions.entries()) {
      for (const b of suggestions.slice(index + 1)) {
        expect(
          Math.hypot((a.values.x as number) - (b.values.x as number), (a.values.y as number) - (b.values.y as number)),
        ).toBeGreaterThan(0.02);
      }
    }
  });

  it("goes on when trials fail, and stays away from where they do", () => {
    const half = (values: Suggestion["values"]) => ((values.x as number) < 0 ? null : bowl(values));
    const { history, suggestions } = search(sampling("bayesian", PLANE, 5), half, { trials: 80 });
    const failedLate = history.slice(50).filter(({ state }) => state === "failed").length;
    expect(failedLate).toBeLessThan(8);
    expect(bestOf(history)).toBeLessThan(0.3);
    const allFail = search(sampling("bayesian", PLANE, 5), () => null, { trials: 30 });
    expect(allFail.suggestions.every(({ because }) => "phase" in because && because.phase === "startup")).toBe(true);
    expect(suggestions.at(-1)!.because).toMatchObject({
      sampler: "bayesian",
      phase: "model",
      observed: expect.any(Number),
      good: expect.any(Number),
    });
  });

  it("takes trials of earlier sweeps as known, and not those of another space", () => {
    const earlier = search(sampling("bayesian", PLANE, 9), bowl, { trials: 40 }).history.map((trial) => ({ ...trial, number: null }));
    const { suggestions } = suggest(request(sampling("bayesian", PLANE, 10), { history: earlier, count: 8 }));
    expect(suggestions[0]!.because).toMatchObject({ phase: "model", observed: 40 });
    expect(Math.min(...suggestions.map(({ values }) => bowl(values)))).toBeLessThan(1);
    const foreign = earlier.map((trial) => ({ ...trial, values: { other: 1 } }));
    expect(suggest(request(sampling("bayesian", PLANE, 10), { history: foreign })).suggestions[0]!.because).toMatchObject({
      phase: "startup",
      observed: 0,
    });
  });

  it("draws only values that the space has, conditions too", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.constantFrom(null, true, false), (seed, multivariate) => {
        const score = (values: Suggestion["values"]) =>
          (values.opt === "sgd" ? 1 - (values.momentum as number) : 1) + (values.units as number) / 128;
        const { suggestions } = search({ ...sampling("bayesian", MIXED, seed), multivariate }, score, { trials: 25, atOnce: 2 });
        for (const { values } of suggestions) {
          expect(["sgd", "adam", "rmsprop"]).toContain(values.opt);
          expect("momentum" in values).toBe(values.opt !== "adam");
          expect((values.units as number) % 8).toBe(0);
          expect(values.units).toBeGreaterThanOrEqual(8);
          expect(values.units).toBeLessThanOrEqual(128);
          expect(values.lr).toBeGreaterThanOrEqual(Math.exp(-12) * 0.999999);
          expect(values.lr).toBeLessThanOrEqual(1.000001);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("tries no combination of a small space twice, and ends when all were tried", () => {
    const { suggestions } = search(sampling("bayesian", TEN, 2), ({ a }) => a as number, { trials: 50, atOnce: 4 });
    expect(suggestions.length).toBe(10);
    expect(new Set(suggestions.map(keyOf)).size).toBe(10);
  });

  it("knows nothing of a pending trial's score, and nothing of NaN", () => {
    const { history } = search(sampling("bayesian", PLANE, 1), bowl, { trials: 30 });
    const odd = history.map((trial, index) => (index % 5 === 0 ? { ...trial, score: Number.NaN } : trial));
    const withPending = [...odd, { ...odd[1]!, number: 30, state: "pending" as const, score: -1e9 }];
    const [next] = suggest(request(sampling("bayesian", PLANE, 1), { history: withPending, made: 31 })).suggestions;
    expect(next!.because).toMatchObject({ observed: 24, threshold: expect.toSatisfy((score: number) => score > 0) });
  });
});
