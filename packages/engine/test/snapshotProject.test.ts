import { Conflict } from "@switchyard/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { eventually, World } from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.close());

const NOT_KEPT = { history: { snapshotProject: false } };
const options = { submittedBy: "tester" };
const gc = { dryRun: false, environmentsUnusedDays: 30, graceSeconds: -1 };

it("a run that is not to keep its code gets it, and lets it go at its end", async () => {
  const engine = world.engine();
  const { id, snapshotId } = await world.submit(engine, undefined, NOT_KEPT);
  const job = await eventually(async () => world.compute.jobs.get(id));
  expect(await world.store.snapshots.get(snapshotId ?? "")).toBeDefined();
  job.run().exit(0);
  await world.ended(id);
  await eventually(async () => (await world.store.snapshots.get(snapshotId ?? "")) === undefined);
  expect((await engine.collectGarbage(gc)).blobs.count).toBe(2);
  await expect(engine.rerun(id, {}, options)).rejects.toThrow(Conflict);
  await expect(engine.rerun(id, {}, options)).rejects.toThrow(/snapshotProject is false/);
});

it("keeps it while a repetition still needs it", async () => {
  const engine = world.engine();
  const { id, snapshotId } = await world.submit(engine, undefined, NOT_KEPT);
  const job = await eventually(async () => world.compute.jobs.get(id));
  const again = await engine.rerun(id, {}, options);
  job.run().exit(0);
  await world.until(id, (run) => run.removedAt !== null);
  expect(await world.store.snapshots.get(snapshotId ?? "")).toBeDefined();
  (await eventually(async () => world.compute.jobs.get(again.id))).run().exit(0);
  await eventually(async () => (await world.store.snapshots.get(snapshotId ?? "")) === undefined);
});

it("lets it go when the run is canceled in the queue or refused", async () => {
  const engine = world.engine({ maxConcurrentRuns: 1 });
  const first = await world.submit(engine);
  await eventually(async () => world.compute.jobs.get(first.id));
  const { id, snapshotId } = await world.submit(engine, undefined, NOT_KEPT);
  await engine.cancel(id, 1);
  await world.ended(id);
  expect(await world.store.snapshots.get(snapshotId ?? "")).toBeUndefined();
  expect(await world.store.snapshots.get(first.snapshotId ?? "")).toBeDefined();
});
