import { describe, expect, it } from "vitest";
import { fakeWorld, Written } from "../../test/fakes.ts";
import { format } from "./format.ts";
import { Output } from "./output.ts";
import { paintFor } from "./paint.ts";
import { table } from "./table.ts";
import { tsv } from "./tsv.ts";
import { bytesInWords, durationInWords, numberInWords } from "./words.ts";

const options = { output: undefined, query: undefined, outputMetadataFile: undefined, verbose: false, debug: false, onlyShowErrors: false };
const plain = paintFor(new Written(), {});

describe("output formats", () => {
  it("writes tsv as az does", () => {
    expect(tsv([{ a: 1, b: null, c: [1, 2], d: { x: 1 }, e: true }])).toBe("1\tNone\t2\t\tTrue\n");
    expect(tsv([["a\tb", "c\nd"]])).toBe("a b\tc d\n");
    expect(tsv(["x", "y"])).toBe("x\ny\n");
    expect(tsv("x")).toBe("x\n");
    expect(tsv(null)).toBe("");
  });

  it("makes nested values readable in a table, and keeps a row on one line", () => {
    const text = table([{ id: "a", metrics: { loss: 0.123456789, acc: 1 }, tags: ["x", "y"], note: "two\nlines\u001b[31m" }, { id: "b" }]);
    expect(text.split("\n")).toHaveLength(4);
    expect(text).toContain("loss=0.123457, acc=1");
    expect(text).toContain("x, y");
    expect(text).not.toContain("\u001b");
  });

  it("writes yaml, json, and coloured json", async () => {
    expect(await format({ a: ["x"] }, "yaml", plain)).toBe("a:\n  - x\n");
    expect(await format(undefined, "json", plain)).toBe("null\n");
    const coloured = await format({ a: "b: 1", n: -1.5 }, "jsonc", paintFor(new Written(true), {}));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    expect(JSON.parse(coloured.replace(/\u001b\[\d+m/g, ""))).toEqual({ a: "b: 1", n: -1.5 });
    expect(coloured).toContain("\u001b[");
  });

  it("colours only a terminal, and never with NO_COLOR", () => {
    expect(paintFor(new Written(false), {}).red("x")).toBe("x");
    expect(paintFor(new Written(true), { NO_COLOR: "1" }).red("x")).toBe("x");
    expect(paintFor(new Written(true), {}).red("x")).not.toBe("x");
  });
});

describe("Output", () => {
  it("keeps notes and warnings back with --only-show-errors", () => {
    const world = fakeWorld();
    const out = new Output(world, { ...options, onlyShowErrors: true });
    out.note("a");
    out.warn("b");
    expect(world.stderr.text).toBe("");
  });

  it("streams logs beside the result when a program reads it", () => {
    const piped = fakeWorld();
    new Output(piped, options).write("log\n");
    expect([piped.stdout.text, piped.stderr.text]).toEqual(["", "log\n"]);
    const terminal = fakeWorld({ terminal: true });
    new Output(terminal, options).write("log\n");
    expect(terminal.stdout.text).toBe("log\n");
  });
});

describe("words for people", () => {
  it("keeps sizes, durations and numbers short", () => {
    expect([0, 999, 1000, 1_234_567, 5e9].map(bytesInWords)).toEqual(["0 B", "999 B", "1.0 kB", "1.2 MB", "5.0 GB"]);
    expect([0.84, 12, 60, 185, 7800, 100_000].map(durationInWords)).toEqual([
      "0.8 s",
      "12 s",
      "1 min",
      "3 min 5 s",
      "2 h 10 min",
      "1 d 4 h",
    ]);
    expect([1, 0.1 + 0.2, 1e21].map(numberInWords)).toEqual(["1", "0.3", "1e+21"]);
  });
});
