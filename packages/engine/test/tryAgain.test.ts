import { type JsonObject, onFailPoint, RETRY_FAIL_POINTS } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { localTarget } from "../src/index.ts";
import { targetAfterLoss } from "../src/runs/tryAgain.ts";
import { eventually, World } from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(async () => {
  onFailPoint(undefined);
  await world.close();
});

const LOG = "azureml-logs/80_driver_log.txt";
const job = (id: string) => eventually(async () => world.compute.jobs.get(id));

/** A run whose first attempt saved a checkpoint and was preempted then. */
async function preempted(engine = world.engine(), configuration: JsonObject = {}): Promise<string> {
  const { id } = await world.submit(engine, undefined, configuration);
  const first = await job(id);
  first.run().say("first").output("checkpoints/epoch/3.pt", "weights").output("outputs/half.txt", "half");
  await world.until(id, (run) => run.state === "running");
  first.exit(0, { because: "preempted" });
  return id;
}

describe("a preempted run", () => {
  it("goes on with another attempt that finds the checkpoints, and keeps the logs of both", async () => {
    const id = await preempted();
    const second = await job(`${id}~2`);
    expect([...second.checkpoints]).toEqual([["epoch/3.pt", "weights"]]);
    expect(second.job.firstAttempt).toBe(2);
    second.run().say("second").output("outputs/model.bin", "done").exit(0);
    const run = await world.ended(id);
    expect(run).toMatchObject({ outcome: "succeeded", error: null, launches: 2 });
    expect(run.attempts).toMatchObject([{ number: 1, because: "preempted" }, { number: 2, exitCode: 0, because: null }]); // biome-ignore format: short
    expect(await world.text(id, `attempts/1/${LOG}`)).toBe("first\n");
    expect(await world.text(id, `attempts/2/${LOG}`)).toBe("second\n");
    expect(await world.text(id, "outputs/model.bin")).toBe("done");
    await world.until(id, (ended) => ended.removedAt !== null);
    expect(world.compute.job(id).removed).toBe(true);
    expect(second.removed).toBe(true);
    const told = (await world.store.runs.timeline(id)).filter((entry) => entry.what === "queued");
    expect(told).toMatchObject([{ attempt: 1, detail: "again, because the attempt was preempted" }]);
  });

  it("does not go on when it is to be canceled", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const first = await job(id);
    first.onCancel = () => {};
    first.run();
    await world.until(id, (run) => run.state === "running");
    await engine.cancel(id, 1);
    first.exit(null, { signal: "TERM", because: "preempted" });
    expect(await world.ended(id)).toMatchObject({ outcome: "canceled", error: null, launches: 1 });
  });

  it("gives up after as many attempts as its configuration allows", async () => {
    const id = await preempted(world.engine(), { restart: { maxAttempts: 2 } });
    (await job(`${id}~2`)).run().exit(null, { signal: "KILL", because: "node_lost" });
    const run = await world.ended(id);
    expect(run).toMatchObject({ outcome: "failed", error: { code: "NodeLost" } });
    expect(run.attempts).toHaveLength(2);
  });

  it("keeps the points of each attempt apart", async () => {
    const { id } = await world.submit(world.engine());
    const first = await job(id);
    first.run().journal("main", { n: 1, t: 1, k: "m", name: "loss", v: 1 }, { n: 2, t: 2, k: "m", name: "loss", v: 0.5 });
    first.exit(null, { signal: "TERM", because: "preempted" });
    const second = await job(`${id}~2`);
    second.run().journal("main", { n: 1, t: 3, k: "m", name: "loss", v: 0.9 }).exit(0);
    await world.ended(id);
    expect((await world.store.metrics.points(id, "loss", {}))?.values).toEqual([0.9]);
    expect((await world.store.metrics.points(id, "loss", { attempt: 1 }))?.values).toEqual([1, 0.5]);
  });

  for (const place of RETRY_FAIL_POINTS) {
    it(`loses nothing when the server dies at ${place}`, async () => {
      const died = Promise.withResolvers<void>();
      let dead = false;
      onFailPoint((name) => {
        dead ||= name === place;
        if (!dead) return;
        died.resolve();
        throw new Error(`killed at ${name}`);
      });
      const engine = world.engine();
      const id = await preempted(engine);
      await died.promise;
      await engine.stop();
      onFailPoint(undefined);
      world.engine();
      (await job(`${id}~2`)).run().say("second").exit(0);
      const run = await world.ended(id);
      expect(run).toMatchObject({ outcome: "succeeded", launches: 2, left: [] });
      expect(await world.text(id, `attempts/1/${LOG}`)).toBe("first\n");
      await world.until(id, (ended) => ended.removedAt !== null);
      expect([...world.compute.jobs.values()].every((each) => each.removed)).toBe(true);
    });
  }
});

describe("a run whose target has to be vacated", () => {
  it("is stopped as preempted, stands in line while the target is closed, and goes on afterwards", async () => {
    let open = true;
    const local = localTarget(10);
    const target = () => (open ? local : { ...local, vacates: true, closedBecause: "It is stopped." });
    const targets = { get: target, list: () => [target()] };
    const engine = world.engine({}, { targets });
    const { id } = await world.submit(engine);
    const first = await job(id);
    first.onCancel = () => first.output("checkpoints/a", "saved").exit(0, { because: "preempted" });
    first.run();
    await world.until(id, (run) => run.state === "running");
    open = false;
    engine.wake(id);
    await world.until(id, (run) => run.state === "queued" && run.handle === null);
    expect(first).toMatchObject({ stopReason: "preempted", cancels: [30] });
    expect((await engine.why(id)).summary).toContain("It is stopped.");
    open = true;
    engine.wake(id);
    (await job(`${id}~2`)).run().exit(0);
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded" });
  });
});

describe("a run whose target is removed while it stands in line", () => {
  it("ends, and says what happened and what to do", async () => {
    let isThere = true;
    let laterMs = 0;
    const closed = { ...localTarget(10), name: "box", closedBecause: "It is stopped." };
    const targets = { get: () => (isThere ? closed : undefined), list: () => (isThere ? [closed] : []) };
    const clock = { now: () => new Date(Date.now() + laterMs), monotonicMs: () => performance.now() + laterMs };
    const engine = world.engine({}, { targets, clock });
    const { id } = await world.submit(engine, undefined, { target: "box" });
    await eventually(async () => (await engine.why(id)).summary.includes("It is stopped."));
    isThere = false;
    laterMs = 20_000;
    engine.wake(id);
    const run = await world.ended(id);
    expect(run).toMatchObject({ outcome: "failed", error: { code: "TargetGone", message: expect.stringContaining('"box"') }, launches: 0 });
  });
});

describe("a lost run", () => {
  const settings = { lostAfterSeconds: 0.05, keepLostRunDirectoriesSeconds: 0.2 };
  const missing = (id: string) => world.compute.lies.set(id, { jobId: id, attempt: 0, grown: [], phase: "missing" });

  it("ends, unless its configuration wants it to go on", async () => {
    const { id } = await world.submit(world.engine(settings));
    (await job(id)).run();
    await world.until(id, (run) => run.state === "running");
    missing(id);
    expect(await world.ended(id)).toMatchObject({ outcome: "lost", error: { code: "JobLost" }, launches: 1 });
  });

  it("goes on as a new attempt; the abandoned one is stopped when it comes back, and what it wrote is not mixed in", async () => {
    const { id } = await world.submit(world.engine(settings), undefined, { restart: { onLoss: true } });
    const first = await job(id);
    first.run().say("before");
    await world.until(id, (run) => run.state === "running");
    await eventually(async () => (await world.text(id, `attempts/1/${LOG}`)) === "before\n");
    const release = world.compute.hang("cancel");
    missing(id);
    const second = await job(`${id}~2`);
    world.compute.lies.clear();
    first.say("after");
    second.run().say("second");
    release();
    await eventually(async () => first.stopReason === "abandoned");
    second.exit(0);
    const run = await world.ended(id);
    expect(run).toMatchObject({ outcome: "succeeded" });
    expect(run.attempts).toMatchObject([{ number: 1, because: "lost" }, { number: 2, exitCode: 0 }]); // biome-ignore format: short
    expect(await world.text(id, `attempts/1/${LOG}`)).toBe("before\n");
    expect(await world.text(id, `attempts/2/${LOG}`)).toBe("second\n");
    await world.until(id, (ended) => ended.removedAt !== null);
    expect(first.removed).toBe(true);
  });

  it("goes on at the targets that its configuration names, in turn, and skips those that are gone", () => {
    const run = (target: string, restart: JsonObject) =>
      ({ target, definition: { restart }, attempts: [], cancelRequestedAt: null }) as unknown as RunRecord;
    const there = (name: string) => ["here", "a", "b"].find((known) => known === name.toLowerCase());
    const next = (target: string, restart: JsonObject) => targetAfterLoss(run(target, restart), there);
    expect(next("here", {})).toBeNull();
    expect(next("here", { onLoss: true })).toBe("here");
    const elsewhere = ["A", "gone", "b"];
    expect(["here", "a", "b"].map((target) => next(target, { elsewhere }))).toEqual(["a", "b", "a"]);
    expect(next("here", { elsewhere: ["gone"] })).toBe("here");
    expect(next("here", { elsewhere, maxAttempts: 0 })).toBeNull();
  });

  it("is not over in the records while its abandoned job still waits to be stopped", async () => {
    const { id } = await world.submit(world.engine({ ...settings, maxLookMs: 20 }), undefined, { restart: { onLoss: true } });
    const first = await job(id);
    first.run();
    await world.until(id, (run) => run.state === "running");
    world.compute.fail("cancel", ...Array.from({ length: 5 }, () => new Error("no route to host")));
    missing(id);
    (await job(`${id}~2`)).run().exit(0);
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded" });
    await world.until(id, (run) => run.left.length === 0 && run.removedAt !== null);
    expect(first.stopReason).toBe("abandoned");
  });
});
