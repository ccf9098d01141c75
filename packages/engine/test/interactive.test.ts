import { Conflict } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../src/index.ts";
import { eventually, World } from "./support/world.ts";

let world: World;
let engine: Engine;
beforeEach(async () => {
  world = await World.make();
  engine = world.engine();
});
afterEach(() => world.close());

const by = { submittedBy: null };
const lines = (...records: object[]) => Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
const point = (n: number) => ({ n, t: n, k: "m", name: "loss", v: n });

describe("a run that somebody else executes", () => {
  it("takes journal lines by number, each once however often they are sent", async () => {
    const { id } = await engine.startInteractive("default", { experimentName: "test", snapshotId: null }, by);
    expect(await engine.takeJournal(id, "main", lines(point(1), point(2)))).toBe(2);
    expect(await engine.takeJournal(id, "main", lines(point(1), point(2), point(3)))).toBe(3);
    expect(await engine.takeJournal(id, "other", lines(point(1)))).toBe(1);
    await Promise.all([1, 2, 3].map(() => engine.takeJournal(id, "main", lines(point(4), point(5)))));
    expect((await world.store.metrics.points(id, "loss", {}))?.values).toEqual([1, 2, 3, 1, 4, 5]);
  });

  it("ends as its executor says, once", async () => {
    const { id } = await engine.startInteractive("default", { experimentName: "test", snapshotId: null }, by);
    expect(await engine.endInteractive(id, { status: "Completed" })).toMatchObject({ outcome: "succeeded", error: null });
    expect(await engine.endInteractive(id, { status: "Completed" })).toMatchObject({ outcome: "succeeded" });
    await expect(engine.endInteractive(id, { status: "Failed" })).rejects.toThrow(Conflict);
    expect(await engine.takeJournal(id, "late", lines(point(1)))).toBe(1);
  });

  it("cannot be a submitted one", async () => {
    const { id } = await world.submit(engine);
    await expect(engine.endInteractive(id, { status: "Completed" })).rejects.toThrow(/exit code ends it/);
  });

  it("ends by its journal's own word, also when only a repeat of the word arrives whole", async () => {
    const { id } = await engine.startInteractive("default", { experimentName: "test", snapshotId: null }, by);
    const word = { n: 2, t: 2, k: "fail", code: "Broken", message: "no data" };
    await engine.takeJournal(id, "main", lines(point(1), { n: 2, t: 2, k: "complete", run: "some-child" }));
    expect(await world.run(id)).toMatchObject({ state: "running" });
    await engine.takeJournal(id, "main", lines(word));
    expect(await world.run(id)).toMatchObject({ outcome: "failed", error: { code: "Broken", message: "no data" } });
    await engine.takeJournal(id, "main", lines({ n: 3, t: 3, k: "complete" }));
    expect(await world.run(id)).toMatchObject({ outcome: "failed" });
  });

  it("makes and ends children of its own", async () => {
    const { id } = await engine.startInteractive("default", { experimentName: "test", snapshotId: null }, by);
    const child = { n: 1, t: 1, k: "child", child: "kid", name: "first" };
    await engine.takeJournal(id, "main", lines(child, { ...point(2), run: "kid" }, { n: 3, t: 3, k: "complete", run: "kid" }));
    expect(await world.run("kid")).toMatchObject({ parentId: id, outcome: "succeeded", type: "azureml.childrun" });
  });

  it("says for how long nothing has come of it or its children, and goes on", async () => {
    const quiet = world.engine({ quietAfterSeconds: 0.01 });
    const { id } = await quiet.startInteractive("default", { experimentName: "test", snapshotId: null }, by);
    expect((await engine.why(id)).summary).toBe("The run is executed outside, and is open until it is completed there.");
    await eventually(async () => (await quiet.why(id)).summary.includes("Nothing has come from there since"));
    const before = await world.store.runs.lastSignOf(await world.run(id));
    await quiet.takeJournal(id, "main", lines({ n: 1, t: Date.now() / 1000, k: "child", child: "kid", name: "first" }));
    expect((await world.store.runs.lastSignOf(await world.run(id))).getTime()).toBeGreaterThan(before.getTime());
    expect(await world.run(id)).toMatchObject({ state: "running", outcome: null });
  });
});

describe("a submitted run that is declared failed from elsewhere", () => {
  it("is stopped and ends as failed", async () => {
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run();
    await engine.endInteractive(id, { status: "Failed", error: { code: "Mine", message: "enough" } });
    expect(await world.ended(id)).toMatchObject({ outcome: "failed", error: { code: "Mine", message: "enough" } });
    expect(job.cancels).toEqual([5]);
    expect(await engine.endInteractive(id, { status: "Failed" })).toMatchObject({ outcome: "failed" });
  });

  it("in the queue ends at once, and one that is over keeps its end", async () => {
    const crowded = world.engine({ maxConcurrentRuns: 1 });
    const blocker = await world.submit(crowded);
    await world.until(blocker.id, (run) => run.state === "starting");
    const { id } = await world.submit(crowded);
    await crowded.endInteractive(id, { status: "Failed" });
    expect(await world.ended(id)).toMatchObject({ outcome: "failed", error: { code: "UserFailed" }, launches: 0 });
    const job = await eventually(async () => world.compute.jobs.get(blocker.id));
    job.run();
    job.exit(0);
    await world.ended(blocker.id);
    await expect(crowded.endInteractive(blocker.id, { status: "Failed" })).rejects.toThrow(/ended already \(succeeded\)/);
  });
});

describe("children that a script makes", () => {
  it("are made, logged to and ended out of the parent's journal; strangers are left alone", async () => {
    const stranger = await engine.startInteractive("default", { experimentName: "test", snapshotId: null }, by);
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job
      .run()
      .journal(
        "main",
        { n: 1, t: 1, k: "child", child: "kid-1", name: "first" },
        { n: 2, t: 2, k: "child", child: "kid-2", name: null },
        { n: 3, t: 3, k: "m", name: "loss", v: 1, run: "kid-1" },
        { n: 4, t: 3, k: "tag", name: "x", v: "y", run: "kid-1" },
        { n: 5, t: 4, k: "complete", run: "kid-1" },
        { n: 6, t: 4, k: "fail", run: "kid-2", code: null, message: "no" },
        { n: 7, t: 4, k: "m", name: "loss", v: 9, run: stranger.id },
        { n: 8, t: 4, k: "complete" },
      );
    job.exit(0);
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded" });
    expect(await world.run("kid-1")).toMatchObject({ parentId: id, displayName: "first", outcome: "succeeded" });
    expect(await world.run("kid-2")).toMatchObject({ outcome: "failed", error: { code: "UserFailed", message: "no" } });
    expect(await world.store.runs.view("kid-1")).toMatchObject({ tags: { x: "y" }, metrics: { loss: 1 } });
    expect((await world.store.runs.view(stranger.id))?.metrics).toEqual({});
  });
});
