import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Grown, shareBudget } from "../../src/site/budget.ts";

const files = (...sizes: number[]): Grown[] => sizes.map((bytes, index) => ({ attempt: 1, file: `logs/${index}`, offset: 0, bytes }));
const sum = (shares: number[][]): number => shares.flat().reduce((total, share) => total + share, 0);

describe("sharing a byte budget", () => {
  it("gives everybody everything when there is enough", () => {
    expect(shareBudget([files(10, 20), files(), files(30)], 60)).toEqual([[10, 20], [], [30]]);
  });

  it("lets one noisy job not eat what a quiet one needs", () => {
    const shares = shareBudget([files(100_000_000), files(1000)], 1_000_000);
    expect(shares).toEqual([[999_000], [1000]]);
  });

  it("gives a job at least a useful piece when there is too little for all, and another one next time", () => {
    const jobs = Array.from({ length: 100 }, () => files(1_000_000));
    const first = shareBudget(jobs, 128 * 1024, () => 0);
    expect(first.filter(([share]) => (share ?? 0) > 0)).toHaveLength(2);
    expect(first[0]).toEqual([64 * 1024]);
    expect(shareBudget(jobs, 128 * 1024, () => 0.5)[50]).toEqual([64 * 1024]);
  });

  it("never gives more than there is to give or to take, and leaves nothing over", () => {
    const someJobs = fc.array(fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 5 }), { maxLength: 8 });
    fc.assert(
      fc.property(
        someJobs,
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (sizes, budget, where) => {
          const jobs = sizes.map((each) => files(...each));
          const shares = shareBudget(jobs, budget, () => where);
          const wanted = sizes.flat().reduce((total, size) => total + size, 0);
          expect(sum(shares)).toBe(Math.min(wanted, budget));
          expect(shares.flat().every((share, index) => share >= 0 && share <= (sizes.flat()[index] ?? 0))).toBe(true);
        },
      ),
    );
  });
});
