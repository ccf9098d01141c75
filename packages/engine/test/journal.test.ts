import type { EndedEvent } from "@switchyard/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readGrowth } from "../src/telemetry/growth.ts";
import { cutLines } from "../src/telemetry/lines.ts";
import { parseRecord } from "../src/telemetry/records.ts";

const FILE = "journal/main.jsonl";

function endedWith(size: number): EndedEvent {
  return {
    at: "2026-01-01T00:00:00.000Z",
    kind: "ended",
    exitCode: 0,
    signal: null,
    because: null,
    seconds: 1,
    cpuSeconds: 1,
    peakMemoryBytes: 1,
    files: { [FILE]: size },
  };
}

/** Carries a journal home in looks of these sizes, as a reconciler would. */
function carry(journal: Uint8Array, looks: readonly number[]): { values: number[]; skipped: number; offset: number } {
  const home = { values: [] as number[], skipped: 0, offset: 0 };
  let visible = 0;
  const ended = new Map<number, EndedEvent>();
  const look = () => {
    const bytes = journal.subarray(home.offset, visible);
    const reading = readGrowth(bytes.length === 0 ? [] : [{ attempt: 1, file: FILE, offset: home.offset, bytes, more: false }], ended);
    for (const harvest of reading.harvests.values()) for (const series of harvest.numbers.values()) home.values.push(...series.values);
    for (const move of reading.moves) {
      expect(move.was).toBe(home.offset);
      home.offset = move.now;
      home.skipped += reading.linesSkipped.get(move) ?? 0;
    }
  };
  for (const size of looks) {
    visible = Math.min(journal.length, visible + size);
    look();
  }
  visible = journal.length;
  ended.set(1, endedWith(journal.length));
  look();
  return home;
}

const record = (n: number, name: string) => `${JSON.stringify({ n, t: n, k: "m", name, v: n })}\n`;

describe("a journal", () => {
  it("gives each point once and in order, wherever it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 1 }),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.nat(200), { maxLength: 60 }),
        ([name = "x"], count, looks) => {
          const numbers = Array.from({ length: count }, (_, index) => index + 1);
          const journal = Buffer.from(numbers.map((n) => record(n, name)).join(""));
          expect(carry(journal, looks)).toEqual({ values: numbers, skipped: 0, offset: journal.length });
        },
      ),
      { numRuns: 300 },
    );
  });

  it("skips and counts torn records, and loses no whole one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 20 })), { maxLength: 30 }),
        fc.array(fc.nat(150), { maxLength: 40 }),
        (writes, looks) => {
          let text = "";
          const whole: number[] = [];
          let torn = 0;
          for (const [index, [isTorn, cut]] of writes.entries()) {
            const n = index + 1;
            const line = record(n, "loss");
            // After a short write the client begins its next record on a new line.
            if (isTorn) text += `${line.slice(0, Math.min(cut, line.length - 3))}\n`;
            else text += line;
            if (isTorn) torn += 1;
            else whole.push(n);
          }
          const journal = Buffer.from(text);
          expect(carry(journal, looks)).toEqual({ values: whole, skipped: torn, offset: journal.length });
        },
      ),
      { numRuns: 300 },
    );
  });

  it("takes a last record that lacks only its line end, and skips one that is torn", () => {
    expect(carry(Buffer.from(record(1, "a").trimEnd()), [5])).toMatchObject({ values: [1], skipped: 0 });
    const torn = Buffer.from(record(1, "a") + record(2, "a").slice(0, 9));
    expect(carry(torn, [5, 50])).toEqual({ values: [1], skipped: 1, offset: torn.length });
  });

  it("keeps NaN and infinities, and multi-byte names", () => {
    const lines = ['{"n":1,"t":1,"k":"m","name":"größe","v":"NaN"}', '{"n":2,"t":1,"k":"m","name":"größe","v":"-Infinity"}'];
    const { values } = carry(Buffer.from(`${lines.join("\n")}\n`), [20, 3, 3, 50]);
    expect(values).toEqual([Number.NaN, Number.NEGATIVE_INFINITY]);
  });

  it("takes no record that is not one", () => {
    for (const line of [
      "",
      "null",
      "[]",
      "{}",
      '{"n":1}',
      '{"n":0,"t":1,"k":"m","name":"a","v":1}',
      '{"n":1,"t":1,"k":"m","name":"","v":1}',
      '{"n":1,"t":1,"k":"m","name":"a","v":true}',
      '{"n":1,"t":1,"k":"m","name":"a","v":NaN}',
    ]) {
      expect(parseRecord(line), line).toBeNull();
    }
    expect(parseRecord(JSON.stringify({ n: 1, t: 1, k: "m", name: "x".repeat(256), v: 1 }))).toBeNull();
  });

  it("passes over a line that is too long for a record, and goes on after it", () => {
    const long = Buffer.from(`{"n":1,"v":"${"x".repeat(100)}`);
    expect(cutLines(long, false, 64)).toEqual({ lines: [], taken: long.length, skippedLines: 1 });
    expect(cutLines(Buffer.from(`${"y".repeat(100)}\nz\n`), false, 64)).toEqual({ lines: ["", "z"], taken: 103, skippedLines: 1 });
    expect(cutLines(Buffer.from("short"), false, 64)).toEqual({ lines: [], taken: 0, skippedLines: 0 });
  });

  it("keeps what writers of one look say apart, each in its order", () => {
    const grown = ["a", "b"].map((writer) => ({
      attempt: 1,
      file: `journal/${writer}.jsonl`,
      offset: 0,
      bytes: Buffer.from(record(1, "m") + record(2, "m")),
      more: false,
    }));
    const [harvest] = readGrowth(grown, new Map()).harvests.values();
    expect([...(harvest?.numbers.values() ?? [])].map(({ writer, values }) => [writer, values])).toEqual([
      ["a", [1, 2]],
      ["b", [1, 2]],
    ]);
  });
});
