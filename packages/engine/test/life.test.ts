import type { Observation } from "@switchyard/compute";
import { MAY_FOLLOW, type RunState } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../src/index.ts";
import { afterCollecting } from "../src/runs/afterCollecting.ts";
import { afterEvents } from "../src/runs/afterEvents.ts";
import { afterObserving, afterSilence } from "../src/runs/afterObserving.ts";
import { afterRejected, afterStarting, beforeStarting } from "../src/runs/afterStarting.ts";
import { afterCanceledInQueue, afterCancelRequested, nextCancelStep } from "../src/runs/cancel.ts";
import { jobIdOf } from "../src/runs/jobId.ts";
import { queuedRun } from "./support/records.ts";

const RULES = { ...DEFAULT_SETTINGS, lostAfterSeconds: 300, requeues: true, goesOnAt: null };
const START = Date.parse("2026-01-01T00:00:00.000Z");

/** What may happen to a run, in any order; each says what the engine would do then. */
type Happening = { readonly name: string; readonly exit0: boolean; act(run: RunRecord, now: Date): RunRecord };

const attempts = fc.integer({ min: 0, max: 3 });
const exitCodes = fc.constantFrom(0, 1, 137, null);

const observed = fc
  .oneof(
    attempts.map((attempt): Observation => ({ jobId: "r", attempt, grown: [], phase: "waiting", because: "nodes" })),
    attempts.map((attempt): Observation => ({ jobId: "r", attempt, grown: [], phase: "running", node: "n1" })),
    fc.record({ attempt: attempts, exitCode: exitCodes }).map((seen): Observation => ({ jobId: "r", grown: [], phase: "exited", ...seen })),
    fc.constant<Observation>({ jobId: "r", attempt: 0, grown: [], phase: "missing" }),
  )
  .chain((seen) => fc.boolean().map((requeues) => observing(seen, requeues)));

function observing(seen: Observation, requeues: boolean): Happening {
  const exit0 = seen.phase === "exited" && seen.exitCode === 0;
  return { name: `${seen.phase} ${seen.attempt}`, exit0, act: (run, now) => afterObserving(run, seen, now, { ...RULES, requeues }) };
}

const events = fc.record({ attempt: fc.integer({ min: 1, max: 3 }), exitCode: exitCodes }).chain(({ attempt, exitCode }) =>
  fc.constantFrom<Happening>(
    {
      name: `claimed ${attempt}`,
      exit0: false,
      act: (run, now) => afterEvents(run, attempt, [{ kind: "claimed", at: now.toISOString(), host: "h", pid: 1, bootId: null }]).run,
    },
    {
      name: `started ${attempt}`,
      exit0: false,
      act: (run, now) => afterEvents(run, attempt, [{ kind: "started", at: now.toISOString(), pid: 2 }]).run,
    },
    {
      name: `ended ${attempt} ${exitCode}`,
      exit0: exitCode === 0,
      act: (run, now) =>
        afterEvents(run, attempt, [
          {
            kind: "ended",
            at: now.toISOString(),
            exitCode,
            signal: exitCode === null ? "KILL" : null,
            because: null,
            seconds: 1,
            cpuSeconds: 1,
            peakMemoryBytes: 1,
            files: {},
          },
        ]).run,
    },
  ),
);

const HANDLE = { driver: "fake", version: 1, jobId: "r", ref: {} };
const engineActs = fc.constantFrom<Happening>(
  { name: "place", exit0: false, act: (run) => (run.state === "queued" && run.handle === null ? beforeStarting(run) : run) },
  { name: "placed", exit0: false, act: (run) => (run.state === "starting" ? afterStarting(run, HANDLE) : run) },
  {
    name: "refused",
    exit0: false,
    act: (run, now) => (run.state === "starting" ? afterRejected(run, { code: "JobRejected", message: "no" }, now) : run),
  },
  { name: "collected", exit0: false, act: (run, now) => (run.state === "collecting" ? afterCollecting(run, [0], [], now) : run) },
  { name: "cancel", exit0: false, act: (run, now) => afterCancelRequested(run, 5, now) },
  { name: "end in queue", exit0: false, act: (run, now) => (nextCancelStep(run, now) === "end" ? afterCanceledInQueue(run, now) : run) },
  { name: "silence", exit0: false, act: (run, now) => afterSilence(run, new Date(now.getTime() - 90_000), now, RULES) },
  {
    name: "fail()",
    exit0: false,
    act: (run) => (run.state === "ended" ? run : { ...run, failure: { code: "UserFailed", message: "no" } }),
  },
);

const lives = fc.array(fc.tuple(fc.oneof(observed, observed, events, engineActs, engineActs), fc.integer({ min: 0, max: 200 })), {
  maxLength: 60,
});

describe("the life of a run", () => {
  it("only takes steps of the table, whatever happens in whatever order", () => {
    fc.assert(
      fc.property(lives, (happenings) => {
        let run = queuedRun("r");
        let time = START;
        for (const [happening, seconds] of happenings) {
          time += seconds * 1000;
          const was: RunState = run.state;
          run = happening.act(run, new Date(time));
          if (run.state !== was) expect(MAY_FOLLOW[was], happening.name).toContain(run.state);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("never rewrites how a run ended, and never calls a success what no exit code said", () => {
    fc.assert(
      fc.property(lives, (happenings) => {
        let run = queuedRun("r");
        let time = START;
        let sawExit0 = false;
        for (const [happening, seconds] of happenings) {
          time += seconds * 1000;
          const was = run;
          sawExit0 ||= happening.exit0;
          run = happening.act(run, new Date(time));
          if (was.state === "ended") expect([run.state, run.outcome, run.error]).toEqual([was.state, was.outcome, was.error]);
        }
        if (run.outcome === "succeeded") {
          expect(sawExit0).toBe(true);
          expect(run.attempts.at(-1)?.exitCode).toBe(0);
        }
        if (run.state === "ended") expect(run.outcome).not.toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  it("gives every launch of every run a job id of its own that fits into a path", () => {
    const ids = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,255}$/);
    fc.assert(
      fc.property(ids, ids, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (a, b, m, n) => {
        fc.pre(a !== b || m !== n);
        expect(jobIdOf(a, m)).not.toBe(jobIdOf(b, n));
        expect(jobIdOf(a, m).length).toBeLessThanOrEqual(140);
      }),
    );
  });
});
