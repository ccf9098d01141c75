import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { statusOfRun } from "../src/index.ts";
import { eventually, World } from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.close());

describe("canceling a run", () => {
  it("that is queued ends it without any compute hearing of it", async () => {
    const engine = world.engine({ maxConcurrentRuns: 1 });
    const blocker = await world.submit(engine);
    await world.until(blocker.id, (run) => run.state === "starting");
    const { id } = await world.submit(engine);
    await engine.cancel(id, 5);
    expect(await world.ended(id)).toMatchObject({ outcome: "canceled", error: null, launches: 0 });
    expect(world.compute.jobs.has(id)).toBe(false);
  });

  it("that has stood in line for a while ends it at once, though no place is free", async () => {
    const engine = world.engine({ maxConcurrentRuns: 1 });
    const blocker = await world.submit(engine);
    await world.until(blocker.id, (run) => run.state === "starting");
    const { id } = await world.submit(engine);
    await eventually(async () => (await engine.why(id)).summary.includes("next in line"));
    await engine.cancel(id, 5);
    expect(await world.ended(id)).toMatchObject({ outcome: "canceled", launches: 0 });
    expect((await world.run(blocker.id)).state).toBe("starting");
  });

  it("while it is being placed stops it once it is placed", async () => {
    const release = world.compute.hang("start");
    const engine = world.engine();
    const { id } = await world.submit(engine);
    await world.until(id, (run) => run.state === "starting");
    await engine.cancel(id, 5);
    release();
    expect(await world.ended(id)).toMatchObject({ outcome: "canceled" });
    expect(world.compute.job(id).cancels).toEqual([5]);
  });

  it("that waits on its compute ends it", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    await world.until(id, (run) => run.handle !== null);
    await engine.cancel(id, 1);
    expect(await world.ended(id)).toMatchObject({ outcome: "canceled" });
  });

  it("that runs is a wish first, and keeps what was written", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.onCancel = () => {};
    job.run().say("half way");
    await world.until(id, (run) => run.state === "running");
    const wished = await engine.cancel(id, 7);
    expect(statusOfRun(wished)).toBe("CancelRequested");
    await eventually(async () => job.cancels.length > 0);
    expect(job.cancels).toEqual([7]);
    job.say("last words").exit(0, { because: "canceled" });
    expect(await world.ended(id)).toMatchObject({ outcome: "canceled", error: null });
    expect(await world.text(id, "attempts/1/azureml-logs/80_driver_log.txt")).toBe("half way\nlast words\n");
  });

  it("that came too late leaves a success a success", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run().exit(0);
    await world.until(id, (run) => run.state === "collecting" || run.state === "ended");
    await engine.cancel(id, 1);
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded" });
    expect(await engine.cancel(id, 1)).toMatchObject({ outcome: "succeeded" });
  });

  it("whose compute is silent is sent when it answers again", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run();
    await world.until(id, (run) => run.state === "running");
    world.compute.unreachable = true;
    await engine.cancel(id, 1);
    const calls = world.compute.calls.length;
    await eventually(async () => world.compute.calls.slice(calls).some(({ call }) => call === "cancel"));
    expect((await world.run(id)).state).toBe("running");
    world.compute.unreachable = false;
    expect(await world.ended(id)).toMatchObject({ outcome: "canceled" });
  });

  it("whose compute stays silent ends after a while; the job is stopped should it answer again", async () => {
    const engine = world.engine({ lostAfterSeconds: 0.2 });
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run().say("before");
    await eventually(async () => (await world.text(id, "attempts/1/azureml-logs/80_driver_log.txt").catch(() => "")) === "before\n");
    world.compute.unreachable = true;
    await engine.cancel(id, 1);
    expect(await world.ended(id)).toMatchObject({ outcome: "canceled", error: null, cancelSentAt: null, removedAt: null });
    world.compute.unreachable = false;
    await eventually(async () => job.stopReason === "abandoned");
    expect(job.removed).toBe(false); // nobody brought home what it wrote since
  });

  it("that waits to be placed on a silent compute ends it after a while", async () => {
    world.compute.unreachable = true;
    const engine = world.engine({ lostAfterSeconds: 0.2 });
    const { id } = await world.submit(engine);
    await world.until(id, (run) => run.state === "starting");
    await engine.cancel(id, 1);
    expect(await world.ended(id)).toMatchObject({ outcome: "canceled", error: null, removedAt: null });
    world.compute.unreachable = false; // it has to say whether it has the job
    await world.until(id, (run) => run.removedAt !== null);
    expect(world.compute.jobs.has(id)).toBe(false);
  });

  it("that was placed by a compute whose answer came to nobody has its job found and stopped", async () => {
    const engine = world.engine({ lostAfterSeconds: 0.2 });
    world.compute.loseAnswers("start", 1000);
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run();
    await engine.cancel(id, 1);
    expect(await world.ended(id)).toMatchObject({ outcome: "canceled", error: null });
    await eventually(async () => job.stopReason === "abandoned");
  });

  it("that somebody else executes ends it at once", async () => {
    const engine = world.engine();
    const run = await engine.startInteractive("default", { experimentName: "test", snapshotId: null }, { submittedBy: null });
    expect(await engine.cancel(run.id, 1)).toMatchObject({ state: "ended", outcome: "canceled" });
  });
});
