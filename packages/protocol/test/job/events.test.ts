import { jobEvent } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { golden, wholeLines } from "../golden.ts";

describe("job events", () => {
  const { lines } = wholeLines(golden("events.jsonl"));

  for (const line of lines) {
    it(`reads ${line.slice(0, 90)}`, () => expect(jobEvent.safeParse(JSON.parse(line)).error).toBeUndefined());
  }

  it("has an example of every kind of event", () => {
    const kinds = new Set(lines.map((line) => JSON.parse(line).kind));
    expect([...kinds].sort()).toEqual(jobEvent.options.map((option) => option.shape.kind.value).sort());
  });

  it("refuses a reason for the end that nobody knows", () => {
    expect(jobEvent.safeParse({ at: "2026-11-21T09:05:00Z", kind: "stopping", because: "boredom" }).success).toBe(false);
  });
});
