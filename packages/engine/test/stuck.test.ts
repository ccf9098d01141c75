// What once could keep a run from ever ending.
import { rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { DiskFull } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, World } from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.close());

const started = async (...args: Parameters<World["submit"]>) => {
  const { id } = await world.submit(...args);
  const job = await eventually(async () => world.compute.jobs.get(id));
  job.run();
  await world.until(id, (run) => run.state === "running");
  return { id, job };
};
const stored = (id: string, file: string) => join(world.folder, "artifacts/runs", id, "files/attempts/1", file);
const sizeOf = async (id: string, file: string) => (await world.artifacts.runFiles.stat(id, `attempts/1/${file}`))?.size;

describe("a run ends although", () => {
  it("the storage has lost the end of a log: the gap is filled, and said", async () => {
    const { id, job } = await started(world.engine());
    job.write("logs/a.txt", "one\ntwo\n");
    await eventually(async () => (await sizeOf(id, "logs/a.txt")) === 8);
    await truncate(stored(id, "logs/a.txt"), 4);
    job.write("logs/a.txt", "three\n").exit(0);
    const { outcome, warnings } = await world.ended(id);
    expect([outcome, warnings]).toEqual(["succeeded", [expect.stringContaining('"logs/a.txt" lacks 4 bytes')]]);
    expect(await world.text(id, "attempts/1/logs/a.txt")).toBe("one\n\n\n\n\nthree\n");
  });

  it("the storage has lost its events", async () => {
    const { id, job } = await started(world.engine({ drainSeconds: 0.1 }));
    await rm(stored(id, "events.jsonl"));
    job.exit(0);
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded" });
  });

  it("a log became a folder", async () => {
    const { id, job } = await started(world.engine());
    job.write("logs/a", "file");
    await eventually(async () => (await sizeOf(id, "logs/a")) === 4);
    job.write("logs/a/b", "below").exit(0);
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded", warnings: [expect.stringContaining('"logs/a/b" was not kept')] });
  });

  it("it was canceled while its compute has no room for it", async () => {
    world.compute.fail("start", ...Array.from({ length: 5000 }, () => new DiskFull("no space")));
    const engine = world.engine();
    const { id } = await world.submit(engine);
    await eventually(async () => world.compute.calls.filter(({ call }) => call === "start").length > 1);
    await engine.cancel(id, 1);
    expect(await world.ended(id)).toMatchObject({ outcome: "canceled" });
    expect(world.compute.jobs.size).toBe(0);
  });
});

describe("children that a script leaves open", () => {
  const child = (n: number, name: string) => ({ n, t: 1, k: "child", child: name, name: null });

  it("complete with a run that succeeded; those that ended before stay as they were", async () => {
    const { id, job } = await started(world.engine());
    job.journal("main", child(1, "kid"), child(2, "sick"), { n: 3, t: 2, k: "fail", code: null, message: "bad", run: "sick" }).exit(0);
    await world.ended(id);
    expect(await world.ended("kid")).toMatchObject({ outcome: "succeeded", error: null });
    expect(await world.run("sick")).toMatchObject({ outcome: "failed", error: { message: "bad" } });
  });

  it("fail with a run that failed", async () => {
    const { id, job } = await started(world.engine());
    job.journal("main", child(1, "kid")).exit(1);
    await world.ended(id);
    expect(await world.ended("kid")).toMatchObject({ outcome: "failed", error: { code: "ParentEnded" } });
  });
});
