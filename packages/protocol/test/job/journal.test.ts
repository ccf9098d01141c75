import { journalRecord } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { golden, wholeLines } from "../golden.ts";

interface Expected {
  files: { file: string; records: number; skipped: number; wholeBytes: number; kinds: Record<string, number>; numbers?: number[] }[];
  lines: { case: string; line: string; valid: boolean }[];
}
const expected = JSON.parse(golden("journal.json").toString()) as Expected;

function parse(line: string) {
  try {
    return journalRecord.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

describe("journal", () => {
  for (const { file, records, skipped, wholeBytes, kinds, numbers } of expected.files) {
    it(`reads ${file} as both languages agreed`, () => {
      const { lines, bytes } = wholeLines(golden(file));
      const filled = lines.filter((line) => line.trim() !== "");
      const read = filled.map(parse).filter((record) => record !== null);
      expect(bytes).toBe(wholeBytes);
      expect(read).toHaveLength(records);
      expect(filled.length - read.length).toBe(skipped);
      expect(Object.fromEntries(Object.keys(kinds).map((kind) => [kind, read.filter((record) => record.k === kind).length]))).toEqual(
        kinds,
      );
      if (numbers) expect(read.map((record) => record.n)).toEqual(numbers);
    });
  }

  for (const { case: name, line, valid } of expected.lines) {
    it(`${valid ? "takes" : "refuses"} a record: ${name}`, () => expect(parse(line) !== null).toBe(valid));
  }

  it("has an example of every kind of record", () => {
    const kinds = new Set(wholeLines(golden("journal.jsonl")).lines.map((line) => parse(line)?.k));
    const known = journalRecord.options.map((option) => option.shape.k.value);
    expect([...kinds].sort()).toEqual([...known].sort());
  });
});
