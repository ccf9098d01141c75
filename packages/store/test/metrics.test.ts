import { NotFound } from "@switchyard/protocol";
import { expect, it } from "vitest";
import type { NumberPoints, Store } from "../src/index.ts";
import { newRun } from "../src/testing/index.ts";
import { onEveryDatabase } from "./everyDatabase.ts";

const numbers = (values: readonly number[], fields: Partial<NumberPoints> = {}): NumberPoints => ({
  name: "loss",
  attempt: 1,
  values,
  steps: values.map(() => null),
  times: values.map((_, index) => 1_763_715_600_000 + index),
  ...fields,
});

async function withRun(store: Store): Promise<Store> {
  await store.runs.create(newRun("a"));
  return store;
}

const take = (store: Store, ...series: NumberPoints[]) => store.telemetry.take({ runId: "a", cursors: [], numbers: series });

onEveryDatabase("metrics", ({ open }, database) => {
  it("keeps NaN and infinities, and leaves them out of min and max", async () => {
    const store = await withRun(await open());
    await take(store, numbers([1, Number.NaN, Number.POSITIVE_INFINITY, -0, Number.NEGATIVE_INFINITY]));
    expect((await store.metrics.points("a", "loss")).values).toEqual([1, "NaN", "Infinity", -0, "-Infinity"]);
    expect(await store.metrics.summaries("a")).toMatchObject([{ count: 5, min: 0, max: 1, last: "-Infinity" }]);
    await take(store, numbers([Number.NaN], { name: "never finite" }));
    expect((await store.metrics.summaries("a"))[1]).toMatchObject({ name: "never finite", min: null, max: null, last: "NaN" });
  });

  it("keeps order when points come one by one, and cuts chunks that are then left alone", async () => {
    const store = await withRun(await open());
    const count = database === "sqlite" ? 600 : 300;
    for (let index = 0; index < count; index++) await take(store, numbers([index], { steps: [index % 2 ? null : index * 2] }));
    await take(store, numbers(Array.from({ length: 9000 }, (_, index) => count + index)));
    const points = await store.metrics.points("a", "loss");
    expect(points.values).toEqual(Array.from({ length: count + 9000 }, (_, index) => index));
    expect(points.steps.slice(0, 4)).toEqual([0, 1, 4, 3]);
    expect(points.steps.at(-1)).toBe(count + 8999);
  });

  it("down-samples a long curve", async () => {
    const store = await withRun(await open());
    for (let part = 0; part < 10; part++)
      await take(store, numbers(Array.from({ length: 10_000 }, (_, index) => Math.sin(part * 10_000 + index))));
    await take(store, numbers([100, -100, 0]));
    const points = await store.metrics.points("a", "loss", { maxPoints: 500 });
    expect(points).toMatchObject({ total: 100_003, downsampled: true });
    expect(points.values.length).toBeLessThanOrEqual(500);
    expect(points.values.length).toBeGreaterThan(400);
    expect(points.values).toEqual(expect.arrayContaining([100, -100]));
    expect(points.steps.at(-1)).toBe(100_002);
  });

  it("shows the last attempt, after those it resumed from", async () => {
    const store = await withRun(await open());
    await take(store, numbers([3, 2]), numbers([1], { attempt: 2 }), numbers([9, 8], { attempt: 3 }), numbers([5], { name: "early" }));
    expect(await store.metrics.points("a", "loss")).toMatchObject({ attempt: 3, total: 2, values: [9, 8] });
    expect(await store.metrics.points("a", "early")).toMatchObject({ attempt: 1, values: [5] });
    await store.telemetry.take({ runId: "a", cursors: [], resumes: [3, 3] });
    expect(await store.metrics.points("a", "loss")).toMatchObject({ attempt: 3, total: 3, values: [1, 9, 8], steps: [0, 1, 2] });
    await store.telemetry.take({ runId: "a", cursors: [], resumes: [2] });
    expect((await store.metrics.points("a", "loss")).values).toEqual([3, 2, 1, 9, 8]);
    expect((await store.metrics.points("a", "loss", { attempt: 1 })).values).toEqual([3, 2]);
    expect(await store.metrics.summaries("a")).toMatchObject([
      { name: "early" },
      { name: "loss", attempt: 3, count: 5, min: 1, max: 9, last: 8 },
    ]);
  });

  it("keeps rows, texts and mixtures as they were logged", async () => {
    const store = await withRun(await open());
    const value = (name: string, kind: "row" | "text", logged: string | { x: number }) => ({
      name,
      attempt: 1,
      kind,
      value: logged,
      step: null,
      time: 1,
    });
    await take(store, numbers([1, 2], { name: "mixed" }));
    await store.telemetry.take({
      runId: "a",
      cursors: [],
      values: [value("mixed", "text", "stop"), value("rows", "row", { x: 1 }), value("rows", "row", { x: 2 })],
    });
    await take(store, numbers([3], { name: "mixed" }));
    expect(await store.metrics.points("a", "mixed")).toMatchObject({ kind: "text", values: [1, 2, "stop", 3], steps: [0, 1, 2, 3] });
    expect(await store.metrics.points("a", "rows")).toMatchObject({ kind: "row", values: [{ x: 1 }, { x: 2 }] });
    expect((await store.runs.view("a"))?.metrics).toEqual({ mixed: 3, rows: { x: 2 } });
  });

  it("samples many rows, and streams them without holding them all", async () => {
    const store = await withRun(await open());
    const rows = Array.from(
      { length: 20_000 },
      (_, index) => ({ name: "rows", attempt: 1, kind: "row", value: { index }, step: null, time: index }) as const,
    );
    await store.telemetry.take({ runId: "a", cursors: [], values: rows });
    const sample = await store.metrics.points("a", "rows", { maxPoints: 100 });
    expect(sample).toMatchObject({ total: 20_000, downsampled: true });
    expect(sample.values.length).toBeLessThanOrEqual(100);
    expect(sample.values).toEqual(sample.steps.map((index) => ({ index })));
    let streamed = 0;
    for await (const part of store.metrics.read("a", "rows")) {
      expect(part.values.length).toBeLessThanOrEqual(4096);
      for (const value of part.values) expect(value).toEqual({ index: streamed++ });
    }
    expect(streamed).toBe(20_000);
  });

  it("does not write a large table twice, nor show it in lists", async () => {
    const store = await withRun(await open());
    const table = { name: "table", attempt: 1, kind: "table", value: { x: "y".repeat(100_000) }, step: null, time: 1 } as const;
    for (let index = 0; index < 5; index++) await store.telemetry.take({ runId: "a", cursors: [], values: [table] });
    await store.telemetry.take({ runId: "a", cursors: [], values: Array.from({ length: 5 }, () => table) });
    expect((await store.metrics.points("a", "table")).values).toEqual(Array.from({ length: 10 }, () => table.value));
    expect((await store.metrics.summaries("a"))[0]).toMatchObject({ count: 10, last: null });
  });

  it("names what a run has when a metric is asked for that it has not", async () => {
    const store = await withRun(await open());
    await expect(store.metrics.points("a", "los")).rejects.toThrow("has logged no metric");
    await take(store, numbers([1]));
    await expect(store.metrics.points("a", "los")).rejects.toThrow(NotFound);
    await expect(store.metrics.points("a", "los")).rejects.toThrow('It has "loss".');
    await expect(store.metrics.points("a", "loss", { attempt: 2 })).rejects.toThrow("in attempt 2");
  });
});
