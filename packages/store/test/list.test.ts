import { BadRequest, type RunsQuery } from "@switchyard/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Store } from "../src/index.ts";
import { newRun } from "../src/testing/index.ts";
import { onEveryDatabase } from "./everyDatabase.ts";

const query = (fields: Partial<RunsQuery> = {}): RunsQuery => ({ limit: 100, includeChildren: false, order: "-created", ...fields });

async function idsOf(store: Store, fields: Partial<RunsQuery> = {}): Promise<string[]> {
  return (await store.runs.list("default", query(fields))).items.map((view) => view.record.id);
}

/** All pages of a list, with something happening between them. */
async function pages(store: Store, fields: Partial<RunsQuery>, between: (page: number) => Promise<unknown> = async () => {}) {
  const ids: string[] = [];
  let after: string | undefined;
  for (let page = 0; ; page++) {
    const found = await store.runs.list("default", query({ ...fields, ...(after ? { after } : {}) }));
    ids.push(...found.items.map((view) => view.record.id));
    if (found.next === null) return ids;
    after = found.next;
    await between(page);
  }
}

async function log(store: Store, runId: string, metrics: Record<string, number>, attempt = 1) {
  const numbers = Object.entries(metrics).map(([name, value]) => ({ name, attempt, values: [value], steps: [null], times: [1] }));
  await store.telemetry.take({ runId, cursors: [], numbers });
}

/** Five runs of different kinds. */
async function withRuns(store: Store): Promise<Store> {
  const at = (second: number) => new Date(1_700_000_000_000 + second * 1000);
  const over = { state: "ended", startedAt: at(10) } as const;
  await store.runs.create(
    newRun("a", { createdAt: at(1), tags: { team: "vision" }, displayName: "First Try", ...over, outcome: "succeeded", endedAt: at(70) }),
  );
  await store.runs.create(
    newRun("b", { createdAt: at(2), tags: { team: "nlp", bare: null }, target: "gpu", ...over, outcome: "failed", endedAt: at(20) }),
  );
  await store.runs.create(
    newRun("c", { createdAt: at(3), experiment: "cifar", properties: { "a.b": "x", git: "1" }, state: "running", startedAt: at(5) }),
  );
  await store.runs.create(newRun("d", { createdAt: at(4), mayPrepare: true, type: "hyperdrive", displayName: "100%_done" }));
  await store.runs.create(newRun("e", { createdAt: at(5), parentId: "d", rootId: "d" }));
  await log(store, "a", { loss: 0.25, "val/acc": 1 });
  await log(store, "b", { loss: 0.75, "my metric": Number.NaN });
  await log(store, "c", { loss: Number.POSITIVE_INFINITY });
  await store.telemetry.take({
    runId: "d",
    cursors: [],
    values: [{ name: "note", attempt: 1, kind: "text", value: "it's fine", step: null, time: 1 }],
  });
  return store;
}

onEveryDatabase("lists of runs", ({ open }, database) => {
  it("filters", async () => {
    const store = await withRuns(await open());
    expect(await idsOf(store)).toEqual(["d", "c", "b", "a"]);
    expect(await idsOf(store, { includeChildren: true })).toEqual(["e", "d", "c", "b", "a"]);
    expect(await idsOf(store, { parent: "d" })).toEqual(["e"]);
    expect(await idsOf(store, { experiment: "cifar" })).toEqual(["c"]);
    expect(await idsOf(store, { target: "gpu" })).toEqual(["b"]);
    expect(await idsOf(store, { type: "hyperdrive" })).toEqual(["d"]);
    expect(await idsOf(store, { status: "completed, Failed" })).toEqual(["b", "a"]);
    expect(await idsOf(store, { status: "Starting" })).toEqual(["d"]); // queued, but an environment may have to be built
    expect(await idsOf(store, { tag: "team" })).toEqual(["b", "a"]);
    expect(await idsOf(store, { tag: ["team=nlp", "bare"] })).toEqual(["b"]);
    expect(await idsOf(store, { property: "a.b=x" })).toEqual(["c"]);
    expect((await store.runs.list("elsewhere", query())).items).toEqual([]);
    const odd = "nul\0 \ud800";
    expect(
      await idsOf(store, { experiment: odd, target: odd, type: odd, parent: odd, tag: [odd, `${odd}=${odd}`], property: odd }),
    ).toEqual([]);
    expect(await idsOf(store, { where: `displayName = '${odd}' and tags."${odd}" = '${odd}' and metrics."${odd}" = '${odd}'` })).toEqual(
      [],
    );
  });

  it("understands comparisons", async () => {
    const store = await withRuns(await open());
    const where = (text: string) => idsOf(store, { where: text, order: "created" });
    expect(await where("metrics.loss < 0.5")).toEqual(["a"]);
    expect(await where("metrics.loss >= 0.25 and tags.team = 'nlp'")).toEqual(["b"]);
    expect(await where("tags.team != 'nlp'")).toEqual(["a"]);
    expect(await where("STATUS = 'completed' AND target == 'local'")).toEqual(["a"]);
    expect(await where(`properties."a.b" = 'x' and properties.a.b like 'X'`)).toEqual(["c"]);
    expect(await where("displayName like '%TRY'")).toEqual(["a"]);
    expect(await where("displayName like '100\\%\\_%'")).toEqual(["d"]);
    expect(await where("metrics.note = 'it''s fine'")).toEqual(["d"]);
    expect(await where("metrics.note like '%fine'")).toEqual(["d"]);
    expect(await where(`metrics.val/acc = 1 and metrics."val/acc" < 2e0`)).toEqual(["a"]);
    expect(await where("duration > 30")).toEqual(["a"]);
    expect(await where("number <= 1.5")).toEqual(["a", "c"]); // b is 2 of mnist
    expect(await where("created > '2023-11-14T22:13:22Z' and type <> 'hyperdrive'")).toEqual(["c"]);
    expect(await where(`runId = "a"`)).toEqual(["a"]);
    expect(await where("tags.team = 'x'' or 1=1 --'")).toEqual([]);
    expect(await where("  ")).toEqual(["a", "b", "c", "d"]);
  });

  it("sorts, with runs that lack the value last either way", async () => {
    const store = await withRuns(await open());
    expect(await idsOf(store, { order: "metrics.loss" })).toEqual(["a", "b", "c", "d"]);
    expect(await idsOf(store, { order: "-metrics.loss" })).toEqual(["b", "a", "d", "c"]);
    expect(await idsOf(store, { order: "ended" })).toEqual(["b", "a", "c", "d"]);
    expect(await idsOf(store, { order: "-ended" })).toEqual(["a", "b", "d", "c"]);
    expect(await idsOf(store, { order: "experiment" })).toEqual(["c", "a", "b", "d"]);
    expect(await idsOf(store, { order: "target" })).toEqual(["b", "a", "c", "d"]);
    expect(await idsOf(store, { order: "status" })).toEqual(["a", "b", "c", "d"]);
    expect(await idsOf(store, { order: "started" })).toEqual(["c", "a", "b", "d"]);
  });

  it("sorts by the last attempt that has the metric", async () => {
    const store = await withRuns(await open());
    await log(store, "b", { loss: 0.1 }, 2);
    await log(store, "b", { loss: 9 }, 1); // what was left of the first attempt
    expect(await idsOf(store, { order: "metrics.loss", limit: 2 })).toEqual(["b", "a"]);
    expect((await store.runs.view("b"))?.metrics).toEqual({ loss: 0.1, "my metric": "NaN" });
  });

  it("refuses what it cannot read and names the place", async () => {
    const store = await withRuns(await open());
    const refused = async (fields: Partial<RunsQuery>) => {
      const error = await store.runs.list("default", query(fields)).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(BadRequest);
      return (error as BadRequest).message;
    };
    expect(await refused({ order: "creatd" })).toContain('Did you mean "created"?');
    expect(await refused({ order: "constructor" })).toContain("cannot be sorted");
    expect(await refused({ status: "Done,Runing" })).toContain('"Done" is no status');
    expect(await refused({ where: "stats = 'x'" })).toMatch(/no field "stats" \(at character 1\).*"status"/);
    expect(await refused({ after: "nonsense" })).toContain("is not the `next` of an earlier page");
    const forged = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
    for (const after of [forged("-created", "text", "a"), forged("-created", null, "a"), forged("-created", 1, 2), forged("x")])
      await refused({ after });
    expect((await store.runs.list("default", query({ after: forged("-created", 1, "nul\0") }))).items).toEqual([]);
    const { next } = await store.runs.list("default", query({ limit: 1 }));
    expect(await refused({ after: next as string, order: "created" })).toContain('order "-created"');
  });

  it("visits each run once, page by page, while others are made", async () => {
    const store = await open();
    let made = 0;
    const values = fc.constantFrom(null, 1, 2, 2, Number.NaN);
    const orders = fc.constantFrom("created", "-created", "metrics.m", "-metrics.m", "status", "-ended", "experiment");
    const scene = fc.tuple(fc.array(fc.tuple(fc.nat(3), values), { maxLength: 9 }), fc.integer({ min: 1, max: 4 }), orders);
    await fc.assert(
      fc.asyncProperty(scene, async ([runs, limit, order]) => {
        const experiment = `x${made++}`;
        const create = async (index: number, second: number, value: number | null) => {
          const id = `${experiment}_${index}`;
          const ended = second === 3 ? ({ state: "ended", outcome: "succeeded", endedAt: new Date(5) } as const) : {};
          await store.runs.create(newRun(id, { experiment, createdAt: new Date(1000 + second), ...ended }));
          if (value !== null) await log(store, id, { m: value });
          return id;
        };
        const ids: string[] = [];
        for (const [index, [second, value]] of runs.entries()) ids.push(await create(index, second, value));
        const seen = await pages(store, { experiment, limit, order }, (page) => create(100 + page, page % 4, page % 2));
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen).toEqual(expect.arrayContaining(ids));
      }),
      { numRuns: database === "sqlite" ? 25 : 8 },
    );
  });
});
