import { expect, it } from "vitest";
import { newRun } from "../src/testing/index.ts";
import { onEveryDatabase } from "./everyDatabase.ts";
import { waitFor } from "./waitFor.ts";

const at = new Date("2026-11-27T10:00:00.000Z");
const parent = (id: string) => newRun(id, { type: "hyperdrive", state: "running", createdAt: at, startedAt: at });

onEveryDatabase("sweeps", ({ open, again }) => {
  it("are created with their parent run and the first entries; the same request is answered the first again", async () => {
    const store = await open();
    const claim = { key: "user:k", requestHash: "h" };
    const first = await store.sweeps.create(parent("HD_a"), [{ kind: "began" }, { kind: "prior" }], claim);
    const repeat = await store.sweeps.create(parent("HD_b"), [{ kind: "began" }], claim);
    expect([first.id, repeat.id]).toEqual(["HD_a", "HD_a"]);
    expect(await store.sweeps.get("HD_a")).toEqual({ runId: "HD_a", workspace: "default", entries: 2, isOpen: true });
    expect(await store.sweeps.get("HD_b")).toBeUndefined();
    expect(await (await again()).sweeps.entries("HD_a")).toEqual([
      { number: 0, at, entry: { kind: "began" } },
      { number: 1, at, entry: { kind: "prior" } },
    ]);
  });

  it("have journals to which only who has read all of it appends", async () => {
    const store = await open();
    await store.sweeps.create(parent("HD_a"), [{ n: 0 }]);
    const append = (after: number, ...ns: number[]) => ({ after, entries: ns.map((n) => ({ n })), at, holder: null });
    expect(await store.sweeps.append("HD_a", append(1, 1, 2))).toBe(true);
    expect(await store.sweeps.append("HD_a", append(1, 3))).toBe(false);
    const tries = await Promise.all([3, 4, 5].map((n) => store.sweeps.append("HD_a", append(3, n))));
    expect(tries.filter((won) => won)).toHaveLength(1);
    expect((await store.sweeps.entries("HD_a", 2, 1)).map(({ number }) => number)).toEqual([2]);
    expect((await store.sweeps.entries("HD_a")).map(({ number }) => number)).toEqual([0, 1, 2, 3]);
    expect(await store.sweeps.append("HD_none", append(0, 1))).toBe(false);
    const told = (await store.events.since(0, 100)).filter(({ kind }) => kind === "sweep");
    expect(told.map(({ runId, names }) => [runId, names])).toEqual([
      ["HD_a", ["1", "2"]],
      ["HD_a", ["3"]],
    ]);
  });

  it("are driven by one server at a time, which notices when it was replaced", async () => {
    const store = await open();
    const other = await again();
    await store.sweeps.create(parent("HD_a"), [{ n: 0 }]);
    const tries = await Promise.all(["x", "y", "z"].map((holder, i) => (i % 2 ? store : other).sweeps.claim("HD_a", holder, 60)));
    expect(tries.filter((won) => won)).toHaveLength(1);
    await store.sweeps.create(parent("HD_b"), [{ n: 0 }]);
    expect(await store.sweeps.claim("HD_b", "old", 0.05)).toBe(true);
    await waitFor("the lease to run out", () => other.sweeps.claim("HD_b", "new", 60));
    const append = { after: 1, entries: [{ n: 1 }], at };
    expect(await store.sweeps.append("HD_b", { ...append, holder: "old" })).toBe(false);
    expect(await store.sweeps.append("HD_b", { ...append, holder: "new" })).toBe(true);
    await other.sweeps.release("new");
    expect(await store.sweeps.claim("HD_b", "old", 60)).toBe(true);
  });

  it("change their parent run together with their journal, or neither", async () => {
    const store = await open();
    const was = await store.sweeps.create(parent("HD_a"), [{ n: 0 }]);
    await store.runs.addProperties("HD_a", { best: "1", kept: "k" });
    const next = { ...was, state: "ended", outcome: "succeeded", endedAt: at, removedAt: at } as const;
    const change = { was, next, properties: { best: "2" }, forget: ["best"], timeline: [{ at, what: "ended", detail: null }] };
    const stale = { ...change, was: { ...was, version: was.version + 7 } };
    const append = { after: 1, entries: [{ n: 1 }], at, holder: null, isOpen: false };
    expect(await store.sweeps.append("HD_a", { ...append, parent: stale })).toBe(false);
    expect(await store.sweeps.get("HD_a")).toMatchObject({ entries: 1, isOpen: true });
    expect(await store.sweeps.append("HD_a", { ...append, parent: change })).toBe(true);
    expect(await store.sweeps.get("HD_a")).toMatchObject({ entries: 2, isOpen: false });
    expect(await store.sweeps.open()).toEqual([]);
    expect(await store.sweeps.claim("HD_a", "me", 60)).toBe(false);
    const view = await store.runs.view("HD_a");
    expect(view).toMatchObject({ record: { state: "ended", outcome: "succeeded" }, properties: { best: "2", kept: "k" } });
    expect(await store.sweeps.append("HD_a", { ...append, after: 2, isOpen: true })).toBe(true);
    expect(await store.sweeps.open()).toEqual(["HD_a"]);
  });

  it("know where their trials stand, and what those logged, by attempt and in order", async () => {
    const store = await open();
    const attempts = [{ number: 1, durationSeconds: 3 }] as never;
    const canceled = { state: "ended", outcome: "canceled", cancelReason: { code: "EarlyTermination", message: "m" } } as const;
    await store.runs.create(newRun("HD_a_0", { attempts, ...canceled, error: canceled.cancelReason }));
    await store.runs.create(newRun("HD_a_1", { cancelRequestedAt: at }));
    expect(await store.sweeps.standing(["HD_a_0", "HD_a_1", "HD_a_2"])).toMatchObject([
      { id: "HD_a_0", state: "ended", outcome: "canceled", status: "Canceled", error: { code: "EarlyTermination" }, attempts },
      { id: "HD_a_1", state: "queued", status: "CancelRequested", cancelRequested: true, error: null },
    ]);
    expect((await store.runs.get("HD_a_0"))?.cancelReason).toEqual({ code: "EarlyTermination", message: "m" });
    const values = Array.from({ length: 5000 }, (_, i) => i);
    const log = (attempt: number, numbers: readonly number[], resumes: number[] = []) =>
      store.telemetry.take({
        runId: "HD_a_0",
        cursors: [],
        resumes,
        numbers: [{ name: "score", attempt, values: numbers, steps: numbers.map(() => null), times: numbers.map(() => at.getTime()) }],
      });
    await log(1, values);
    await log(1, [Number.NaN, -1]);
    await log(2, [7], [2]);
    const series = (await store.sweeps.seriesOf(["HD_a_0", "HD_a_1"], "score")).get("HD_a_0")!;
    expect(series).toMatchObject([
      { attempt: 1, count: 5002, kind: "number", min: -1, max: 4999, resumes: false },
      { attempt: 2, count: 1, resumes: true },
    ]);
    expect(await store.sweeps.valuesFrom(series[0]!, 4998)).toEqual([4998, 4999, Number.NaN, -1]);
    expect(await store.sweeps.valuesFrom({ id: series[0]!.id, count: 10 }, 8)).toEqual([8, 9]);
    expect(await store.sweeps.valuesFrom(series[0]!, 5002)).toEqual([]);
  });
});
