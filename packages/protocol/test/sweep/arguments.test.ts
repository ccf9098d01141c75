import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Expression, pythonNumber, pythonText, type SweepParameter, trialArguments } from "../../src/index.ts";

function parameter(name: string, expression: Expression): SweepParameter {
  return { name, expression, when: null };
}

describe("the arguments of a trial", () => {
  it("are the names and values in the order of the space, as Python prints them", () => {
    const space = [
      parameter("--lr", ["uniform", [0, 1]]),
      parameter("batch", ["choice", [[16, 32]]]),
      parameter("-p", ["choice", [[{ float: 1 }, 2, true, null, "a b", [{ float: 1 }, 2]]]]),
      parameter("n", ["quniform", [0, 10, 1]]),
      parameter("f", ["quniform", [0, 10, { float: 2 }]]),
      parameter("r", ["randint", [3]]),
    ];
    const of = (values: Record<string, never>) => trialArguments(space, { values, branches: {} });
    const values = { f: 4, batch: 32, "--lr": 1, "-p": 1, n: 4, r: 2 };
    expect(of(values as never)).toEqual(["--lr", "1.0", "--batch", "32", "-p", "1.0", "--n", "4", "--f", "4.0", "--r", "2"]);
    expect(of({ "-p": 2 } as never)).toEqual(["-p", "2"]);
    expect(of({ "-p": true } as never)).toEqual(["-p", "True"]);
    expect(of({ "-p": null } as never)).toEqual(["-p", "None"]);
    expect(of({ "-p": "a b" } as never)).toEqual(["-p", "a b"]);
    expect(of({ "-p": [1, 2] } as never)).toEqual(["-p", "[1.0, 2]"]);
    expect(of({ unknown: 0.1 } as never)).toEqual(["--unknown", "0.1"]);
    expect(of({ unknown: 1e300 } as never)).toEqual(["--unknown", "1e+300"]); // JSON has no whole number as large as that
  });

  it("are those of the option of a nested choice that was drawn", () => {
    const option = (q: number | { float: number }) => ({ space: [{ name: "n", expression: ["quniform", [0, 9, q]], when: null }] });
    const space = [parameter("model", ["choice", [[option(1), option({ float: 1 })]]] as unknown as Expression)];
    expect(trialArguments(space, { values: { n: 3 }, branches: { model: 0 } })).toEqual(["--n", "3"]);
    expect(trialArguments(space, { values: { n: 3 }, branches: { model: 1 } })).toEqual(["--n", "3.0"]);
  });
});

describe("numbers as Python prints them", () => {
  it("are the same as Python's own", () => {
    const awkward = [0, -0, 1, 1e-5, 0.0001, 1e16, 123456789012345680, 1e15, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, -2.5];
    const drawn = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { numRuns: 2000, seed: 1 });
    const numbers = [...awkward, ...drawn];
    const program = "import struct, sys\nfor line in sys.stdin: print(repr(struct.unpack('>d', bytes.fromhex(line.strip()))[0]))";
    const input = numbers.map(hexOf).join("\n");
    const python = execFileSync("python3", ["-c", program], { input, encoding: "utf8" }).trim().split("\n");
    expect(numbers.map((number) => pythonNumber(number, true))).toEqual(python);
  });

  it("show lists and mappings as Python does", () => {
    const value = [1, 0.5, "it's", 'say "x"', null, { a: [true, false] }];
    const python = execFileSync("python3", ["-c", "import json, sys; print(json.loads(sys.argv[1]))", JSON.stringify(value)], {
      encoding: "utf8",
    });
    expect(pythonText(value)).toBe(python.trim());
  });
});

function hexOf(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString("hex");
}
