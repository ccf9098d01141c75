// The examples that protocol and the Python client are tested with, read as the engine reads journals.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cutLines } from "../src/telemetry/lines.ts";
import { parseEvent, parseRecord } from "../src/telemetry/records.ts";

interface Golden {
  files: { file: string; records: number; skipped: number; wholeBytes: number; numbers?: number[] }[];
  lines: { case: string; line: string; valid: boolean }[];
  calls: { call: string; lines: string[] }[];
}

const read = (name: string) => readFileSync(new URL(`../../protocol/golden/${name}`, import.meta.url));
const golden = JSON.parse(read("journal.json").toString("utf8")) as Golden;

describe("the golden journals", () => {
  it.each(golden.files)("$file is read as both languages agreed", ({ file, records, skipped, wholeBytes, numbers }) => {
    const { lines, taken } = cutLines(read(file), false);
    const filled = lines.filter((line) => line.trim() !== "");
    const parsed = filled.map(parseRecord).filter((record) => record !== null);
    expect(taken).toBe(wholeBytes);
    expect(parsed).toHaveLength(records);
    expect(filled.length - parsed.length).toBe(skipped);
    if (numbers !== undefined) expect(parsed.map((record) => record.n)).toEqual(numbers);
  });

  it.each(golden.lines)("a line with $case is taken: $valid", ({ line, valid }) => expect(parseRecord(line) !== null).toBe(valid));

  it.each(golden.calls)("$call is understood", ({ lines }) => {
    for (const line of lines) {
      const record = parseRecord(`{"n":1,"t":1.5,${line.slice(1)}`);
      expect(record).toEqual({ n: 1, t: 1.5, ...(JSON.parse(line) as object) });
    }
  });

  it("every golden event is one that the engine reads", () => {
    const { lines } = cutLines(read("events.jsonl"), true);
    for (const line of lines.filter((each) => each !== "")) expect(parseEvent(line), line).not.toBeNull();
  });
});
