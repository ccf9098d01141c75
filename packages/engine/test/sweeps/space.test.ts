import type { Expression } from "@switchyard/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spaceOf, spaceSize } from "../../src/index.ts";
import { drawAt } from "../../src/sweeps/samplers/random.ts";
import { Enumeration } from "../../src/sweeps/space/count.ts";
import { coordinatesOf, valuesOf } from "../../src/sweeps/space/values.ts";
import { parameter } from "./support.ts";

const DRAWS = 4000;

function draws(expression: Expression): number[] {
  const space = spaceOf([parameter("x", expression)]);
  return Array.from({ length: DRAWS }, (_, n) => valuesOf(space, drawAt(space, 11, n)).values.x as number);
}

/** Largest distance between the draws' distribution and the expected one (Kolmogorov and Smirnov). */
function distance(values: number[], below: (x: number) => number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.max(...sorted.map((x, index) => Math.max(Math.abs(below(x) - index / DRAWS), Math.abs(below(x) - (index + 1) / DRAWS))));
}
const LIMIT = 1.95 / Math.sqrt(DRAWS); // 0.1 % of honest samples are farther off

/** Abramowitz and Stegun 7.1.26, good to 1e-7: enough to judge 4,000 draws by something not our own. */
function phi(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp((-x * x) / 2);
  return x > 0 ? 1 - tail / 2 : tail / 2;
}

describe("the ten expressions", () => {
  it.each<[string, Expression, (x: number) => number]>([
    ["uniform", ["uniform", [2, 5]], (x) => (x - 2) / 3],
    ["loguniform", ["loguniform", [-3, 2]], (x) => (Math.log(x) + 3) / 5],
    ["normal", ["normal", [10, 2]], (x) => phi((x - 10) / 2)],
    ["lognormal", ["lognormal", [1, 0.5]], (x) => phi((Math.log(x) - 1) / 0.5)],
  ])("%s has its distribution", (_, expression, below) => {
    expect(distance(draws(expression), below)).toBeLessThan(LIMIT);
  });

  it.each<[string, Expression, (x: number) => number]>([
    ["quniform", ["quniform", [0, 10, 2.5]], (x) => Math.min(1, (x + 1.25) / 10)],
    ["qloguniform", ["qloguniform", [0, 3, 2]], (x) => Math.min(1, Math.log(x + 1) / 3)],
    ["qnormal", ["qnormal", [0, 10, 5]], (x) => phi((x + 2.5) / 10)],
    ["qlognormal", ["qlognormal", [1, 1, 1]], (x) => phi(Math.log(x + 0.5) - 1)],
  ])("%s draws multiples of q as often as its distribution says", (_, expression, upTo) => {
    const values = draws(expression);
    const q = expression[1].at(-1) as number;
    for (const value of new Set(values)) {
      expect(value / q).toBeCloseTo(Math.round(value / q), 9);
      const share = values.filter((other) => other <= value).length / DRAWS;
      expect(Math.abs(share - upTo(value))).toBeLessThan(LIMIT);
    }
    expect(values.some((value) => Object.is(value, -0))).toBe(false);
  });

  it.each<[string, Expression, unknown[]]>([
    ["choice", ["choice", [["a", 2, true, null, [1, 2]]]], ["a", 2, true, null, [1, 2]]],
    ["randint", ["randint", [5]], [0, 1, 2, 3, 4]],
    ["randint of many", ["randint", [100]], Array.from({ length: 100 }, (_, value) => value)],
  ])("%s draws each of its values alike", (_, expression, options) => {
    const counts = new Map<string, number>();
    for (const value of draws(expression)) counts.set(JSON.stringify(value), (counts.get(JSON.stringify(value)) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual(options.map((option) => JSON.stringify(option)).sort());
    const expected = DRAWS / options.length;
    for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(4.5 * Math.sqrt(expected));
  });

  it("are rounded as Python's round does, with its rounding errors", () => {
    const values = draws(["quniform", [0, 1, 0.1]]);
    expect([...new Set(values)].sort((a, b) => a - b)).toEqual([
      0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.5, 0.6000000000000001, 0.7000000000000001, 0.8, 0.9, 1,
    ]);
  });
});

const NESTED = spaceOf([
  parameter("opt", ["choice", [["sgd", "adam"]]]),
  parameter("momentum", ["choice", [[0, 0.9, 0.99]]], { parameter: "opt", in: ["sgd"] }),
  parameter("model", [
    "choice",
    [
      [
        { space: [{ name: "depth", expression: ["randint", [4]], when: null }] } as never,
        {
          space: [
            { name: "depth", expression: ["quniform", [10, 12, 1]], when: null },
            { name: "width", expression: ["choice", [[1, 2]]], when: null },
          ],
        } as never,
        "none",
      ],
    ],
  ]),
]);

describe("nested choices and conditions", () => {
  it("draw only what is there", () => {
    for (let n = 0; n < 200; n++) {
      const { values, branches } = valuesOf(NESTED, drawAt(NESTED, 3, n));
      expect("momentum" in values).toBe(values.opt === "sgd");
      expect(Object.keys(branches)).toEqual(["model"]);
      if (branches.model === 0) expect(values.depth).toBeLessThan(4);
      if (branches.model === 1)
        expect([values.depth, values.width]).toEqual([expect.toSatisfy((d: number) => d >= 10 && d <= 12), expect.any(Number)]);
      if (branches.model === 2) expect(values.model).toBe("none");
      else expect(values).not.toHaveProperty("model");
      expect("width" in values).toBe(branches.model === 1);
    }
  });

  it("are found again from a trial's values, also when nobody says the branch", () => {
    for (let n = 0; n < 100; n++) {
      const trial = valuesOf(NESTED, drawAt(NESTED, 5, n));
      const found = coordinatesOf(NESTED, trial)!;
      expect(valuesOf(NESTED, found)).toEqual(trial);
      expect(valuesOf(NESTED, coordinatesOf(NESTED, { values: trial.values, branches: {} })!)).toEqual(trial);
    }
    expect(coordinatesOf(NESTED, { values: { opt: "rmsprop", model: "none" }, branches: {} })).toBeNull();
    expect(coordinatesOf(NESTED, { values: { opt: "adam" }, branches: {} })).toBeNull();
  });

  it("count every combination once", () => {
    // (adam + sgd × 3 momenta) × (4 depths + 3 depths × 2 widths + none)
    expect(spaceSize(NESTED)).toBe(44n);
    const listed = new Enumeration(NESTED);
    const all = Array.from({ length: listed.size }, (_, n) => JSON.stringify(valuesOf(NESTED, listed.at(n)).values));
    expect(new Set(all).size).toBe(44);
  });
});

describe("the size of a space", () => {
  it("is exact, and null where there is no end of values", () => {
    const big = Array.from({ length: 30 }, (_, n) => parameter(`p${n}`, ["choice", [Array.from({ length: 100 }, (_, option) => option)]]));
    expect(spaceSize(spaceOf(big))).toBe(100n ** 30n);
    expect(spaceSize(spaceOf([parameter("x", ["uniform", [0, 1]])]))).toBeNull();
    expect(spaceSize(spaceOf([parameter("x", ["qnormal", [0, 1, 1]])]))).toBeNull();
    expect(spaceSize(spaceOf([parameter("x", ["quniform", [0, 10, 2.5]]), parameter("y", ["randint", [7]])]))).toBe(35n);
  });
});

describe("a value's place", () => {
  it("gives the value back, for every expression", () => {
    const numbers: Expression[] = [
      ["uniform", [-1, 4]],
      ["quniform", [0, 10, 0.3]],
      ["loguniform", [-8, 1]],
      ["qloguniform", [-2, 5, 1]],
      ["normal", [3, 2]],
      ["qnormal", [3, 2, 0.5]],
      ["lognormal", [0, 1]],
      ["qlognormal", [-1, 1, 1]],
      ["randint", [9]],
      ["randint", [900]],
    ];
    const space = spaceOf(numbers.map((expression, index) => parameter(`p${index}`, expression)));
    fc.assert(
      fc.property(fc.nat(100_000), (n) => {
        const { values, branches } = valuesOf(space, drawAt(space, 1, n));
        const again = valuesOf(space, coordinatesOf(space, { values, branches })!).values;
        for (const [name, value] of Object.entries(values)) expect(again[name]).toBeCloseTo(value as number, 9);
      }),
      { numRuns: 300 },
    );
  });
});
