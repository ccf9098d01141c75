// What a policy is shown, and what a journal says: the state of a sweep is a function of its entries.
import type { SweepEntry } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { applyEntry } from "../../src/sweeps/driving/applyEntry.ts";
import { replay, replayJournal } from "../../src/sweeps/driving/replay.ts";
import { emptyState } from "../../src/sweeps/driving/state.ts";
import { began, fresh, kinds, later, look, MINDS, only, Sweep } from "./madeUp.ts";

describe("the policy", () => {
  const median = { policy: { type: "MedianStoppingPolicy", evaluation_interval: 1 }, max_total_runs: 3, max_concurrent_runs: 3 };

  it("judges what was observed once, in the attempt that counts; a stop is the last word on a trial", () => {
    const sweep = new Sweep(median);
    sweep.decide([]);
    const entries = sweep.decide([look(0, [5], null, fresh([5])), look(1, [1], null, fresh([1])), look(2, [6], null, fresh([6]))]);
    expect(kinds(entries)).toEqual(["observed", "observed", "observed", "judged"]);
    expect(only(entries, "judged")[0]?.decisions.map(({ trial, decision }) => [trial, decision])).toEqual([
      [0, "continue"],
      [1, "stop"],
      [2, "continue"],
    ]);
    expect(sweep.decide([look(0, [5]), look(1, [1]), look(2, [6])])).toEqual([]); // nothing new, nothing decided again
    const more = sweep.decide([look(0, [5, 5], null, fresh([5])), look(1, [1, 1], null, fresh([1])), look(2, [6])]);
    expect(only(more, "judged")[0]?.decisions.map(({ trial, interval }) => [trial, interval])).toEqual([[0, 2]]);
    sweep.decide([look(1, [1, 1], "canceled")]);
    expect(sweep.state.trials[1]).toMatchObject({ state: "stopped", stop: { interval: 1 } });
  });

  it("keeps of a trial's decisions to go on the last one", () => {
    const sweep = new Sweep(median);
    sweep.decide([]);
    const entries = sweep.decide([look(0, [1, 2, 3], null, fresh([1, 2, 3]))]);
    expect(only(entries, "judged")[0]?.decisions).toMatchObject([{ trial: 0, interval: 3, decision: "continue" }]);
  });

  it("counts the intervals of an attempt that begins anew from 1, and those of one that resumes on", () => {
    const sweep = new Sweep(median);
    sweep.decide([]);
    sweep.decide([look(0, [1, 2], null, fresh([1, 2])), look(1, [1, 2], null, fresh([1, 2]))]);
    sweep.decide([look(0, [], null, fresh([7], 2, false)), look(1, [], null, fresh([8], 2, true))]);
    expect(sweep.state.trials.map(({ curve }) => curve)).toEqual([[7], [1, 2, 8], []]);
    sweep.take({ kind: "observed", trial: 1, attempt: 1, resumes: false, values: ["NaN"] }, later(3)); // came home late
    expect(sweep.state.trials[1]?.curve).toEqual([1, 2, Number.NaN, 8]);
  });
});

describe("the journal", () => {
  function played(): Sweep {
    const sweep = new Sweep({ policy: { type: "BanditPolicy", slack_amount: 1 }, max_total_runs: 6, max_concurrent_runs: 3 });
    sweep.decide([]);
    sweep.decide([
      look(0, [5], null, fresh([5])),
      look(1, [1, Number.NaN], null, fresh([1, Number.NaN])),
      look(2, [4.5], null, fresh([4.5])),
    ]);
    sweep.decide([look(1, [1], "canceled"), look(0, [5, 6], "succeeded", fresh([6]))]);
    sweep.decide([look(2, [4.5], "succeeded"), look(3, [2], null, fresh([2])), look(4, [8], null, fresh([8]))]);
    return sweep;
  }

  it("that somebody brings is replayed too, unless it is none", () => {
    const entries = played().entries.map(({ number, at, entry }) => ({
      number,
      at: at.toISOString(),
      entry: entry as unknown as SweepEntry,
    }));
    const runId = "HD_elsewhere";
    expect(replayJournal({ runId, entries }, MINDS)).toMatchObject({ runId, identical: true, entries: entries.length });
    const without = (left: number) => entries.filter((_, index) => index !== left);
    expect(() => replayJournal({ runId, entries: without(3) }, MINDS)).toThrow(
      "The journal of HD_elsewhere is not whole: entry 3 is missing.",
    );
    const renumbered = without(0).map((each, number) => ({ ...each, number }));
    expect(() => replayJournal({ runId, entries: renumbered }, MINDS)).toThrow('does not begin with what the sweep is ("began")');
    const unmade = without(1).map((each, number) => ({ ...each, number }));
    expect(() => replayJournal({ runId, entries: unmade }, MINDS)).toThrow(/cannot be read: .*speaks of trial \d, which it did not make/);
  });

  it("says the same state again, also after it went through JSON", () => {
    const sweep = played();
    const again = emptyState();
    for (const { entry, at } of sweep.entries) applyEntry(again, entry as unknown as SweepEntry, at);
    expect(again).toEqual(sweep.state);
  });

  it("decides the same again, and the first entry that does not is named", () => {
    const { entries, state } = played();
    expect(state.trials.some(({ stop }) => stop !== null)).toBe(true);
    expect(replay("HD_a", entries, MINDS)).toMatchObject({ identical: true, entries: entries.length, difference: null });
    const forged = structuredClone(entries) as typeof entries;
    const at = forged.findIndex(({ entry }) => entry.kind === "suggested");
    const trials = (forged[at]!.entry as { trials: { values: { x: number } }[] }).trials;
    trials[1]!.values.x = 0.25;
    expect(replay("HD_a", forged, MINDS)).toMatchObject({
      identical: false,
      difference: { entry: at, what: `suggestion 1 of entry ${at}`, recorded: { values: { x: 0.25 } } },
    });
    const other = structuredClone(entries) as typeof entries;
    const judged = other.findIndex(({ entry }) => entry.kind === "judged");
    (other[judged]!.entry as { decisions: { decision: string }[] }).decisions[0]!.decision = "stop";
    expect(replay("HD_a", other, MINDS)).toMatchObject({ identical: false, difference: { entry: judged, recorded: { decision: "stop" } } });
  });

  it("does not follow when something is missing in it", () => {
    const { entries } = played();
    const state = emptyState();
    expect(() => applyEntry(state, entries[1]!.entry as never, began)).toThrow(/Entry 0 .* cannot be "suggested"/);
  });

  it("goes on with other limits: trials that were there stay, the duration begins anew", () => {
    const sweep = new Sweep({ max_total_runs: 1 });
    sweep.decide([]);
    sweep.decide([look(0, [1], "succeeded")]);
    expect(sweep.state.finished).not.toBeNull();
    sweep.take({ kind: "reopened", limits: { maxTotalRuns: 2 }, by: "ada" }, later(90));
    expect(sweep.state).toMatchObject({ finished: null, since: later(90), configuration: { maxTotalRuns: 2 } });
    expect(only(sweep.decide([]), "suggested")).toMatchObject([{ trials: [{ trial: 1, ordinal: 1 }] }]);
  });
});
