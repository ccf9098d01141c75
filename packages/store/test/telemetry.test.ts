import fc from "fast-check";
import { expect, it } from "vitest";
import type { Store, TelemetryBatch } from "../src/index.ts";
import { newRun } from "../src/testing/index.ts";
import { onEveryDatabase } from "./everyDatabase.ts";

const JOURNAL = { attempt: 1, file: "journal/main.jsonl" };

/** Points 0, 1, 2, … of one file, as a taker that read from `was` to `now` would bring them. */
const points = (was: number, now: number): TelemetryBatch => {
  const values = Array.from({ length: now - was }, (_, index) => was + index);
  return {
    runId: "a",
    cursors: [{ ...JOURNAL, was, now }],
    numbers: [{ name: "n", attempt: 1, values, steps: values.map(() => null), times: values }],
  };
};

/** Takes up to `end` in pieces of at most `step` points, going on from wherever the cursor is. */
async function takeAll(store: Store, end: number, step: number): Promise<void> {
  for (;;) {
    const was = (await store.telemetry.cursors("a")).get(`1/${JOURNAL.file}`)?.offset ?? 0;
    if (was >= end) return;
    await store.telemetry.take(points(was, Math.min(end, was + step)));
  }
}

onEveryDatabase("telemetry", ({ open, again }, database) => {
  it("takes a batch once", async () => {
    const store = await open();
    await store.runs.create(newRun("a"));
    expect(await store.telemetry.take({ ...points(0, 5), cursors: [{ ...JOURNAL, was: 0, now: 5, linesSkipped: 2 }] })).toBe("taken");
    expect(await store.telemetry.take(points(0, 5))).toBe("stale");
    expect(await store.telemetry.take(points(4, 9))).toBe("stale");
    expect(await store.telemetry.take({ ...points(5, 7), cursors: [{ ...JOURNAL, was: 5, now: 7, linesSkipped: 1 }] })).toBe("taken");
    expect((await store.metrics.points("a", "n")).values).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([...(await store.telemetry.cursors("a"))]).toEqual([["1/journal/main.jsonl", { offset: 7, linesSkipped: 3 }]]);
    expect(await store.telemetry.cursorsOf(["a", "b"])).toEqual(
      new Map([
        ["a", await store.telemetry.cursors("a")],
        ["b", new Map()],
      ]),
    );
  });

  it("stores nothing of a stale batch", async () => {
    const store = await open();
    const was = await store.runs.create(newRun("a"));
    const log = { attempt: 1, file: "azureml-logs/80_driver_log.txt" };
    await store.telemetry.take(points(0, 5));
    const before = await store.events.latestId();
    const batch: TelemetryBatch = {
      ...points(5, 6),
      children: [{ id: "kid", name: null }],
      tags: [{ name: "t", value: "v" }],
      record: { was, next: { ...was, state: "running" } },
      timeline: [{ at: new Date(), what: "started" }],
    };
    expect(await store.telemetry.take({ ...batch, cursors: [...batch.cursors, { ...log, was: 3, now: 4 }] })).toBe("stale");
    expect(await store.runs.replace(was, { ...was, waitsFor: "x" })).toBe(true);
    expect(await store.telemetry.take(batch)).toBe("stale");
    expect(await store.runs.get("kid")).toBeUndefined();
    expect(await store.runs.view("a")).toMatchObject({ record: { state: "queued", version: 2 }, tags: {}, metrics: { n: 4 } });
    expect(await store.events.latestId()).toBe(before + 1); // the replace alone
    expect((await store.runs.timeline("a")).map((entry) => entry.what)).toEqual(["submitted"]);
  });

  it("takes everything a batch may hold, with the run's new state", async () => {
    const store = await open();
    const was = await store.runs.create(newRun("a", { properties: { fixed: "1" } }));
    const before = await store.events.latestId();
    const taken = await store.telemetry.take({
      runId: "a",
      cursors: [
        { ...JOURNAL, was: 0, now: 10 },
        { attempt: 1, file: "logs/x.txt", was: 0, now: 3 },
      ],
      numbers: [{ name: "loss", attempt: 1, writer: "main", values: [2, 1], steps: [10, null], times: [5, 6.4] }],
      values: [{ name: "row", attempt: 1, kind: "row", value: { x: 1 }, step: null, time: 7 }],
      uses: [{ attempt: 1, time: 8, cpu: 0.5, memory: 100, gpu: null, gpuMemory: null }],
      tags: [{ name: "t", value: null }],
      untags: [{ name: "gone" }],
      properties: [
        { name: "fixed", value: "2" },
        { name: "p", value: "first" },
        { name: "p", value: "second" },
      ],
      sets: [{ name: "description", value: "said so" }],
      record: { was, next: { ...was, state: "running", startedAt: new Date(5) } },
      timeline: [{ at: new Date(5), attempt: 1, what: "started" }],
    });
    expect(taken).toBe("taken");
    const view = await store.runs.view("a");
    expect(view).toMatchObject({ tags: { t: null }, properties: { fixed: "1", p: "first" }, metrics: { loss: 1, row: { x: 1 } } });
    expect(view?.record).toMatchObject({ state: "running", version: 2, description: "said so" });
    expect(await store.metrics.points("a", "loss")).toMatchObject({ steps: [10, 1], times: [5, 6], values: [2, 1] });
    expect((await store.metrics.uses("a")).memory?.values).toEqual([100]);
    expect((await store.runs.timeline("a")).map((entry) => entry.what)).toEqual(["submitted", "started", "property_kept", "property_kept"]);
    expect((await store.events.since(before, 10)).map(({ kind, names }) => [kind, names])).toEqual([
      ["run", []],
      ["metrics", ["loss", "row"]],
      ["files", ["logs/x.txt"]],
    ]);
  });

  it("makes children once, lets the script log for them and end them", async () => {
    const store = await open();
    await store.runs.create(newRun("a", { target: "gpu" }));
    const child = { runId: "kid", name: "n", attempt: 1, values: [1], steps: [null], times: [1] };
    const first = {
      children: [
        { id: "kid", name: "Kid", time: 1000 },
        { id: "grandkid", name: null, runId: "kid" },
      ],
      numbers: [child],
    };
    expect(await store.telemetry.take({ runId: "a", cursors: [], ...first })).toBe("taken");
    expect(await store.telemetry.take({ runId: "a", cursors: [], ...first })).toBe("taken");
    expect(await store.runs.get("kid")).toMatchObject({
      parentId: "a", rootId: "a", displayName: "Kid", state: "running", target: "gpu", type: "azureml.childrun", handle: null, number: 2,
    }); // biome-ignore format: facts
    expect((await store.runs.children("a", true)).map((run) => run.id).sort()).toEqual(["grandkid", "kid"]);
    const error = { code: "UserFailed", message: "no luck" };
    const ends = [
      { runId: "kid", outcome: "failed", error, time: 2000 },
      { runId: "a", outcome: "succeeded", error: null, time: 1 },
    ] as const;
    await store.telemetry.take({ runId: "a", cursors: [], ends });
    await store.telemetry.take({ runId: "a", cursors: [], ends: [{ runId: "kid", outcome: "succeeded", error: null, time: 3000 }] });
    expect(await store.runs.get("kid")).toMatchObject({ state: "ended", outcome: "failed", error, endedAt: new Date(2000) });
    expect(await store.runs.get("a")).toMatchObject({ state: "queued" });
    expect((await store.metrics.summaries("a", true)).map(({ runId, name, count }) => [runId, name, count])).toEqual([["kid", "n", 2]]);
  });

  it("lets a run say metrics, tags and properties of the runs above it, each point once and of the attempt up there", async () => {
    const store = await open();
    await store.runs.create(newRun("top", { properties: { fixed: "1" } }));
    await store.runs.create(newRun("a", { parentId: "top" }));
    for (const id of ["kid", "kid2"]) await store.runs.create(newRun(id, { parentId: "a" }));
    const said = (runId: string, speaker: number) => ({
      cursors: [{ ...JOURNAL, was: 0, now: 10 }],
      numbers: [{ runId, name: "n", attempt: speaker, values: [speaker, speaker + 10], steps: [null, null], times: [1, 2] }],
      values: [{ runId, name: "v", attempt: speaker, kind: "text" as const, value: `by ${speaker}`, step: null, time: 3 }],
      tags: [{ runId, name: `t${speaker}`, value: "x" }],
      properties: [{ runId, name: "fixed", value: String(speaker) }],
    });
    for (const above of ["a", "top"]) {
      const journal = { ...JOURNAL, file: `journal/${above}.jsonl`, was: 0, now: 10 };
      const taken = await Promise.all(
        ["kid", "kid2"].map((runId, index) => store.telemetry.take({ runId, ...said(above, index + 1), cursors: [journal] })),
      );
      expect(taken).toEqual(["taken", "taken"]);
      expect(await store.telemetry.take({ runId: "kid", ...said(above, 1), cursors: [journal] })).toBe("stale");
      const { values, ...points } = await store.metrics.points(above, "n");
      expect([...values].sort((x, y) => Number(x) - Number(y))).toEqual([1, 2, 11, 12]);
      expect(points).toMatchObject({ attempt: 1 });
      expect((await store.runs.view(above))?.tags).toEqual({ t1: "x", t2: "x" });
      expect((await store.metrics.summaries(above)).map(({ name, count }) => [name, count])).toEqual([["n", 4], ["v", 2]]); // biome-ignore format: facts
    }
    expect((await store.runs.view("top"))?.properties).toEqual({ fixed: "1" });
    expect((await store.runs.timeline("kid2")).map((entry) => entry.what)).toContain("property_kept");
  });

  it("leaves out what a script says about runs that are not its family, and says so", async () => {
    const store = await open();
    for (const id of ["a", "stranger"]) await store.runs.create(newRun(id));
    for (const id of ["kid", "sister"]) await store.runs.create(newRun(id, { parentId: "a" }));
    const taken = await store.telemetry.take({
      runId: "kid",
      cursors: [],
      numbers: ["stranger", "sister", "nobody"].map((runId) => ({ runId, name: "n", attempt: 1, values: [1], steps: [1], times: [1] })),
      tags: ["stranger", "sister"].map((runId) => ({ runId, name: "t", value: "x" })),
      sets: [{ runId: "a", name: "displayName", value: "x" }],
      children: [
        { id: "stranger", name: null },
        { id: "brother", name: null, runId: "a" },
      ],
      ends: ["stranger", "a", "sister"].map((runId) => ({ runId, outcome: "canceled" as const, error: null, time: 1 })),
    });
    expect(taken).toBe("taken");
    expect(await store.runs.view("stranger")).toMatchObject({ tags: {}, metrics: {}, record: { state: "queued", parentId: null } });
    expect(await store.runs.view("a")).toMatchObject({ metrics: {}, record: { displayName: null, state: "queued" } });
    expect(await store.runs.view("sister")).toMatchObject({ tags: {}, metrics: {}, record: { state: "queued" } });
    expect(await store.runs.get("brother")).toBeUndefined();
    const refused = (await store.runs.timeline("kid")).filter((entry) => entry.what === "refused").map((entry) => entry.detail);
    expect(refused).toContainEqual(expect.stringContaining('"nobody"'));
    expect(refused).toContainEqual(expect.stringMatching(/displayName .* run "a", which is above this run/));
    expect(refused).toContainEqual(expect.stringContaining('a child with the id "stranger"'));
  });

  it("takes batches with more labels and series than one statement can name", async () => {
    const store = await open();
    await store.runs.create(newRun("a"));
    const names = Array.from({ length: 12_000 }, (_, index) => `name ${index}`);
    const batch: TelemetryBatch = {
      runId: "a",
      cursors: [],
      numbers: names.map((name, index) => ({ name, attempt: 1, values: [index], steps: [null], times: [1] })),
      tags: names.map((name) => ({ name, value: name })),
      properties: names.map((name) => ({ name, value: name })),
    };
    expect(await store.telemetry.take(batch)).toBe("taken");
    expect(await store.telemetry.take({ ...batch, tags: [], untags: batch.tags ?? [] })).toBe("taken");
    const view = await store.runs.view("a");
    expect(view?.tags).toEqual({});
    expect(Object.keys(view?.properties ?? {})).toHaveLength(12_000);
    expect(view?.metrics["name 11999"]).toBe(11_999);
    expect((await store.metrics.points("a", "name 7")).values).toEqual([7, 7]);
  });

  it("refuses a run that is not there", async () => {
    const store = await open();
    await expect(store.telemetry.take({ runId: "nobody", cursors: [] })).rejects.toThrow('There is no run "nobody"');
  });

  it("takes each point once and in order, whoever races", async () => {
    const scene = fc.tuple(fc.integer({ min: 1, max: 700 }), fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 2, maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(scene, async ([end, steps]) => {
        const store = await open();
        const other = await again();
        await store.runs.create(newRun("a"));
        await Promise.all(steps.map((step, index) => takeAll(index % 2 ? store : other, end, step)));
        const { values, total } = await store.metrics.points("a", "n");
        expect(total).toBe(end);
        expect(values).toEqual(Array.from({ length: end }, (_, index) => index));
        await store.close();
        await other.close();
      }),
      { numRuns: database === "sqlite" ? 15 : 5 },
    );
  });
});
