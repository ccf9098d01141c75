import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeChunk, encodeChunk } from "../src/metrics/chunk.ts";
import { downsampler, evenIndexes } from "../src/metrics/downsample.ts";

const anyNumber = fc.double();
const point = fc.record({ value: anyNumber, step: fc.option(fc.oneof(fc.integer(), anyNumber)), time: fc.oneof(fc.nat(), anyNumber) });

describe("chunks of metrics", () => {
  it("keep numbers, steps and times exactly", () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 50 }), fc.nat(9), (points, shift) => {
        const values = Float64Array.from(points, ({ value }) => value);
        const steps = Float64Array.from(points, ({ step }) => step ?? Number.NaN);
        const times = Float64Array.from(points, ({ time }) => time);
        const bytes = encodeChunk({ values, steps, times });
        const shifted = new Uint8Array(bytes.length + shift); // databases hand out bytes at any address
        shifted.set(bytes, shift);
        expect(decodeChunk(shifted.subarray(shift))).toEqual({ values, steps, times });
      }),
    );
  });

  it("keep JSON values", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), (values) => {
        const times = Float64Array.from(values, (_, index) => index);
        const bytes = encodeChunk({ values: values.map((value) => JSON.stringify(value)), steps: null, times });
        expect(decodeChunk(bytes)).toEqual({ values: JSON.parse(JSON.stringify(values)), steps: null, times });
      }),
    );
  });

  it("take 12 bytes a point for a plain curve, header aside", () => {
    const values = new Float64Array(4096).map((_, index) => Math.sin(index));
    const times = values.map((_, index) => 1_763_715_600_000 + index * 20);
    expect(encodeChunk({ values, steps: null, times }).length).toBe(32 + 4096 * 12);
    expect(encodeChunk({ values, steps: times.map((_, index) => 10 * index), times }).length).toBe(32 + 4096 * 12);
  });

  it("of another format are refused in words", () => {
    const bytes = encodeChunk({ values: new Float64Array(1), steps: null, times: new Float64Array(1) });
    bytes[0] = 9;
    expect(() => decodeChunk(bytes)).toThrow("format 9");
  });
});

describe("down-sampling", () => {
  it("keeps first, last, least and greatest, in order and within the limit", () => {
    fc.assert(
      fc.property(
        fc.array(anyNumber, { minLength: 2, maxLength: 300 }),
        fc.integer({ min: 5, max: 60 }),
        fc.integer({ min: 1, max: 40 }),
        (all, max, piece) => {
          const kept: number[] = [];
          const odd = all.some((value) => !Number.isFinite(value));
          const take = downsampler<number>(all.length, max, odd, (first, offset) => kept.push(first + offset));
          for (let at = 0; at < all.length; at += piece) take(Float64Array.from(all.slice(at, at + piece)), at);
          expect(kept.length).toBeLessThanOrEqual(max);
          expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
          expect(kept[0]).toBe(0);
          expect(kept.at(-1)).toBe(all.length - 1);
          const finite = (values: number[]) => values.filter(Number.isFinite);
          const [before, after] = [finite(all), finite(kept.map((index) => all[index] as number))];
          expect(Math.min(...after)).toBe(Math.min(...before));
          expect(Math.max(...after)).toBe(Math.max(...before));
          if (odd) expect(kept.some((index) => !Number.isFinite(all[index]))).toBe(true);
        },
      ),
    );
  });

  it("spreads samples evenly", () => {
    expect(evenIndexes(3, 5)).toEqual([0, 1, 2]);
    expect(evenIndexes(101, 5)).toEqual([0, 25, 50, 75, 100]);
  });
});
