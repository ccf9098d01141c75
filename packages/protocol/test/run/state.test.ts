import {
  MAY_FOLLOW,
  RUN_OUTCOMES,
  RUN_STATES,
  RUN_STATUSES,
  type RunState,
  type StatusFacts,
  statusOf,
  TERMINAL_STATUSES,
} from "@switchyard/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const quiet: StatusFacts = {
  state: "queued",
  outcome: null,
  cancelRequestedAt: null,
  preparing: false,
  mayPrepare: false,
  unreachable: false,
};

/** One attempt's facts as the engine changes them: an environment may have to be built, is being built, is ready. */
const attempts = fc
  .record({ builds: fc.boolean(), path: fc.constantFrom(0, 1, 2), outcome: fc.constantFrom(...RUN_OUTCOMES) })
  .map(({ builds, path, outcome }): StatusFacts[] => {
    const ways: RunState[][] = [
      ["queued", "starting", "running", "collecting"],
      ["queued", "starting", "collecting"],
      ["queued", "starting"],
    ];
    const facts = ways[path]!.flatMap((state): StatusFacts[] => {
      if (state !== "starting" || !builds) return [{ ...quiet, state, mayPrepare: builds && state === "queued" }];
      const starting = { ...quiet, state };
      return [{ ...starting, mayPrepare: true }, { ...starting, mayPrepare: true, preparing: true }, starting];
    });
    return [...facts, { ...quiet, state: "ended", outcome }];
  });

function rank(facts: StatusFacts): number {
  const status = statusOf(facts);
  return TERMINAL_STATUSES.has(status) ? RUN_STATUSES.length : RUN_STATUSES.indexOf(status);
}

describe("status", () => {
  it("never goes backwards within an attempt", () => {
    fc.assert(
      fc.property(attempts, (steps) => {
        const ranks = steps.map(rank);
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      }),
    );
  });

  it("follows only allowed ways", () => {
    fc.assert(
      fc.property(attempts, (steps) => {
        for (const [index, { state }] of steps.entries()) {
          const before = steps[index - 1]?.state ?? state;
          expect(state === before || MAY_FOLLOW[before].includes(state)).toBe(true);
        }
      }),
    );
  });

  it("shows a wish to cancel until the end, whatever else is known", () => {
    for (const state of RUN_STATES.filter((each) => each !== "ended")) {
      expect(statusOf({ ...quiet, state, cancelRequestedAt: "2026-11-21T09:00:00Z", unreachable: true })).toBe("CancelRequested");
    }
    expect(statusOf({ ...quiet, state: "ended", outcome: "succeeded", cancelRequestedAt: new Date() })).toBe("Completed");
  });

  it("calls a compute that does not answer NotResponding, and a lost job Failed", () => {
    expect(statusOf({ ...quiet, state: "running", unreachable: true })).toBe("NotResponding");
    expect(statusOf({ ...quiet, state: "ended", outcome: "lost" })).toBe("Failed");
    expect(statusOf({ ...quiet, state: "ended", outcome: null })).toBe("Failed");
  });

  it("ends in a terminal status and only then", () => {
    for (const state of RUN_STATES) {
      for (const outcome of [null, ...RUN_OUTCOMES]) {
        expect(TERMINAL_STATUSES.has(statusOf({ ...quiet, state, outcome }))).toBe(state === "ended");
      }
    }
  });

  it("lets nothing follow the end", () => expect(MAY_FOLLOW.ended).toEqual([]));
});
