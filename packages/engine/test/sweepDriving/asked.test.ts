// Values that somebody else chose, beside a space that the sweep has.
import { describe, expect, it } from "vitest";
import { doubtsAbout, inWordsOfSpace } from "../../src/sweeps/driving/askedValues.ts";
import { configured } from "./madeUp.ts";

const space = [
  { name: "--rate", expression: "loguniform", values: [-6, -1] },
  { name: "--net", expression: "choice", values: [{ depth: { expression: "randint", values: [5] } }, "none"] },
];
const samplingOf = (type: string, parameters: typeof space = space) =>
  configured({ sampling: { type, seed: 5, parameter_space: parameters } }).sampling;

describe("values that somebody asks for", () => {
  it("have the names of the space, with or without dashes", () => {
    const { parameterSpace } = samplingOf("random");
    expect(inWordsOfSpace(parameterSpace, { rate: 0.1, "--depth": 2, other: 1 })).toEqual({ "--rate": 0.1, depth: 2, other: 1 });
  });

  it("are told when their names, or they themselves, are none of the space", () => {
    const doubts = (values: Record<string, number | string>, type = "random") => doubtsAbout(samplingOf(type), { values, branches: {} });
    expect(doubts({ "--rate": 0.1, depth: 2 })).toEqual([]);
    expect(doubts({ "--rate": 0.1, "--net": "none" })).toEqual([]);
    expect(doubts({ "--rate": 0.1, "--net": "none", "--seed": 4 })).toEqual([
      '"--seed" is no parameter of the sweep\'s space and goes to the script as it is.',
    ]);
    const [misspelt, outside] = doubts({ "--raet": 0.1, depth: 2 });
    expect(misspelt).toContain('"--raet" is no parameter of the sweep\'s space and goes to the script as it is; did you mean "--rate"?');
    expect(outside).toMatch(/^The values lie outside of the sweep's space: one is missing/);
    expect(doubts({ "--rate": 100, depth: 2 }, "bayesian")).toEqual([expect.stringContaining("so the sampler learns nothing from them")]);
    expect(doubtsAbout({ ...samplingOf("random"), parameterSpace: [] }, { values: { any: 1 }, branches: {} })).toEqual([]);
  });
});
