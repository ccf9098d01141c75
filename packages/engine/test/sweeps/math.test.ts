import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exp, log, logAdd, roundHalfEven } from "../../src/sweeps/math/elementary.ts";
import { normalBelow, normalBetween, normalQuantile } from "../../src/sweeps/math/normal.ts";
import { permutation } from "../../src/sweeps/math/permutation.ts";
import { randomStream } from "../../src/sweeps/math/random.ts";
import { SOBOL_DIMENSIONS, sobol } from "../../src/sweeps/math/sobol.ts";

describe("exponential and logarithm of our own", () => {
  it("are right to the last bits", () => {
    fc.assert(
      fc.property(fc.double({ min: -744, max: 709.7, noNaN: true }), (x) => {
        const right = Math.exp(x);
        expect(Math.abs(exp(x) - right)).toBeLessThanOrEqual(Math.max(right * 1e-15, 1e-323));
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 5e-324, noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(Math.log(x))));
      }),
    );
  });

  it("have the ends that the language's own have", () => {
    expect([exp(710), exp(-746), exp(0), exp(Number.NaN), log(0), log(-1), log(1), log(Infinity)]).toEqual([
      Infinity,
      0,
      1,
      Number.NaN,
      -Infinity,
      Number.NaN,
      0,
      Infinity,
    ]);
    expect(logAdd(-Infinity, -Infinity)).toBe(-Infinity);
    expect(logAdd(1000, 1000)).toBeCloseTo(1000 + Math.LN2, 9);
  });

  it("give these very numbers, on every machine", () => {
    expect([exp(1), exp(-20.5), log(3), log(1e-200)].map(String)).toEqual([
      "2.718281828459045",
      "1.2501528663867426e-9",
      "1.0986122886681098",
      "-460.51701859880916",
    ]);
  });

  it("round halves to the even number", () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 2.6].map(roundHalfEven).map((value) => value + 0)).toEqual([0, 2, 2, 0, -2, 2, 3]);
  });
});

describe("the normal distribution", () => {
  it("has the values of the tables", () => {
    expect(normalBelow(0)).toBe(0.5);
    expect(normalBelow(-1)).toBeCloseTo(0.15865525393145707, 14);
    expect(normalBelow(1.96)).toBeCloseTo(0.9750021048517795, 14);
    expect(normalBelow(-8) / 6.220960574271785e-16).toBeCloseTo(1, 6);
    expect(normalBetween(8, 9) / 6.219831986e-16).toBeCloseTo(1, 4);
    expect(normalQuantile(0.999)).toBeCloseTo(3.090232306167813, 12);
    expect(normalQuantile(1e-10)).toBeCloseTo(-6.361340902404056, 8);
  });

  it("goes to a share and back", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) => {
        expect(normalBelow(normalQuantile(p))).toBeCloseTo(p, 12);
      }),
    );
  });
});

describe("random numbers", () => {
  it("are these very numbers for a seed, a purpose and a number", () => {
    const random = randomStream(42, "draw", 3);
    const again = randomStream(42, "draw", 3);
    const drawn = Array.from({ length: 3 }, () => random.next());
    expect(drawn).toEqual(Array.from({ length: 3 }, () => again.next()));
    expect(drawn).toMatchInlineSnapshot(`
      [
        0.07620710375838136,
        0.9388327979948968,
        0.48841051682014414,
      ]
    `);
  });

  it("are even between 0 and 1, and other streams have others", () => {
    const counts = new Array(20).fill(0);
    const streams = Array.from({ length: 100 }, (_, ordinal) => randomStream(7, "draw", ordinal));
    for (const stream of streams) for (let index = 0; index < 200; index++) counts[Math.floor(stream.next() * 20)]++;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquared).toBeLessThan(45.3); // 19 degrees of freedom, 0.06 %
    expect(new Set(streams.map((stream) => stream.next())).size).toBe(100);
  });

  it("arrange the numbers below a size, each once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (size, seed) => {
        const at = permutation(size, seed);
        expect(new Set(Array.from({ length: size }, (_, n) => at(n))).size).toBe(size);
        expect(at(0)).toBeLessThan(size);
      }),
      { numRuns: 50 },
    );
    expect(permutation(2 ** 53, 3)(12345)).toBeLessThan(2 ** 53);
  });
});

describe("the Sobol sequence", () => {
  it("has one point in each of 2^n parts of every dimension, whatever the seed", () => {
    for (let dimension = 0; dimension < SOBOL_DIMENSIONS; dimension++) {
      for (const seed of [0, 99]) {
        const parts = new Set(Array.from({ length: 64 }, (_, n) => Math.floor(sobol(n, dimension, seed) * 64)));
        expect(parts.size).toBe(64);
      }
    }
  });

  it("fills a square more evenly than independent draws", () => {
    const boxes = new Set(Array.from({ length: 256 }, (_, n) => `${Math.floor(sobol(n, 0, 5) * 16)},${Math.floor(sobol(n, 1, 5) * 16)}`));
    expect(boxes.size).toBe(256); // draws would leave a third of the boxes empty
  });
});

describe("what is suggested and decided", () => {
  it("uses no function whose last bit the language leaves open", () => {
    const root = new URL("../../src/sweeps/", import.meta.url);
    const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
      (file) => file.endsWith(".ts") && !file.startsWith("report/"),
    );
    expect(files.length).toBeGreaterThan(20);
    const open = /Math\.(?:a?(?:sin|cos|tan)h?|atan2|cbrt|expm?1?|hypot|log(?:1p|2|10)?|pow)\(|\b[a-z]\w*\s*\*\*\s*[a-z(]/;
    for (const file of files) {
      const code = readFileSync(new URL(file, root), "utf8").replaceAll(/\/\/.*|\/\*[\s\S]*?\*\//g, "");
      expect(open.exec(code)?.[0] ?? null, file).toBeNull();
    }
  });
});
