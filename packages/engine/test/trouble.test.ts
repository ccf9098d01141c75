import { DiskFull, JobRejected, LOG_FILES } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { statusOfRun } from "../src/index.ts";
import { eventually, World } from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.close());

describe("a compute that does not answer", () => {
  it("says nothing about its runs, makes them NotResponding after a while, and is forgiven", async () => {
    const engine = world.engine({ notRespondingAfterSeconds: 0.05 });
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run();
    await world.until(id, (run) => run.state === "running");
    world.compute.unreachable = true;
    const silent = await world.until(id, (run) => run.unreachableSince !== null);
    expect(statusOfRun(silent)).toBe("NotResponding");
    expect((await engine.why(id)).summary).toContain("has not answered since");
    job.say("went on").exit(0);
    world.compute.unreachable = false;
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded", unreachableSince: null });
  });

  it("for very long has lost its runs; the job is stopped once it answers", async () => {
    const engine = world.engine({ notRespondingAfterSeconds: 0.02, unreachableLostAfterSeconds: 0.1 });
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run();
    await world.until(id, (run) => run.state === "running");
    world.compute.unreachable = true;
    const lost = await world.ended(id);
    expect(lost).toMatchObject({ outcome: "lost", error: { code: "JobLost" } });
    expect(statusOfRun(lost)).toBe("Failed");
    world.compute.unreachable = false;
    await eventually(async () => job.cancels.length > 0);
    expect(job.removed).toBe(false);
    expect((await world.run(id)).outcome).toBe("lost");
  });

  it("while jobs are placed makes them wait, and starts each once", async () => {
    world.compute.loseAnswers("start", 2);
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    await world.until(id, (run) => run.handle !== null);
    expect(job.starts).toBe(3);
    job.run().exit(0);
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded", launches: 1 });
  });
});

describe("a job without trace", () => {
  it("is found again within the grace", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run();
    await world.until(id, (run) => run.state === "running");
    world.compute.lies.set(id, { jobId: id, attempt: 0, grown: [], phase: "missing" });
    await world.until(id, (run) => run.missingSince !== null);
    world.compute.lies.delete(id);
    job.exit(0);
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded", missingSince: null });
  });

  it("is lost after the grace, whatever it said before", async () => {
    const engine = world.engine({ lostAfterSeconds: 0.1 });
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run();
    await world.until(id, (run) => run.state === "running");
    job.vanish();
    expect(await world.ended(id)).toMatchObject({ outcome: "lost", error: { code: "JobLost" } });
    expect((await engine.why(id)).summary).toContain("no trace");
  });
});

describe("trouble of one run", () => {
  it("a job that is refused fails with the compute's reason", async () => {
    world.compute.fail("start", new JobRejected("No such partition."));
    const { id } = await world.submit(world.engine());
    expect(await world.ended(id)).toMatchObject({ outcome: "failed", error: { code: "JobRejected", message: "No such partition." } });
  });

  it("a full disk makes it wait and say so, and never fails or loses it", async () => {
    const full = Array.from({ length: 5 }, () => new DiskFull("No space left in /tmp/site."));
    world.compute.fail("start", ...full);
    const engine = world.engine();
    const { id } = await world.submit(engine, [{ say: "x" }, { exit: 0 }]);
    const why = await eventually(async () => {
      const told = await engine.why(id);
      return told.summary.includes("disk space") ? told : null;
    });
    expect(why.summary).toContain("No space left in /tmp/site.");
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded" });
  });

  it("an error of a pass stops neither that run nor others", async () => {
    world.compute.fail("observe", new Error("surprise"), new Error("surprise"));
    world.compute.fail("manifest", new Error("surprise"));
    const engine = world.engine();
    const one = await world.submit(engine, [{ exit: 0 }]);
    const two = await world.submit(engine, [{ exit: 0 }]);
    expect(await world.ended(one.id)).toMatchObject({ outcome: "succeeded" });
    expect(await world.ended(two.id)).toMatchObject({ outcome: "succeeded" });
  });

  it("a journal line that no shared look can bring gets a look of its own; one too long for any is passed over", async () => {
    const engine = world.engine({ observeBudgetBytes: 1000 });
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    const point = (n: number) => ({ n, t: n, k: "m", name: "loss", v: n });
    const text = (n: number, letters: number) => ({ n, t: n, k: "v", name: "note", kind: "text", v: "x".repeat(letters) });
    job.run().journal("main", point(1), text(2, 5000), point(3), text(4, 17 * 1024 * 1024), point(5));
    job.exit(0);
    const run = await world.ended(id);
    expect(run.outcome).toBe("succeeded");
    expect((await world.store.metrics.points(id, "loss", {}))?.values).toEqual([1, 3, 5]);
    expect((await world.store.metrics.points(id, "note", {}))?.values).toEqual(["x".repeat(5000)]);
    expect(run.warnings[0]).toMatch(/journal lines? could not be read/);
  });

  it("bytes that were promised and never come are given up with a warning", async () => {
    const engine = world.engine({ drainSeconds: 0.1 });
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run().say("some");
    const ended = { kind: "ended", exitCode: 0, signal: null, because: null, seconds: 1, cpuSeconds: null, peakMemoryBytes: null } as const;
    job.event({ ...ended, files: { "azureml-logs/80_driver_log.txt": 1000 } });
    if (job.last) job.last.ended = { at: new Date().toISOString(), ...ended, files: {} };
    const run = await world.ended(id);
    expect(run.outcome).toBe("succeeded");
    expect(run.warnings).toEqual(['"azureml-logs/80_driver_log.txt" came home only to byte 5 of 1000.']);
  });

  it("a job that its compute starts again is the next attempt, and the last one counts", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run().say("first");
    await world.until(id, (run) => run.state === "running");
    job.run().say("second");
    job.exit(0);
    const run = await world.ended(id);
    expect(run.outcome).toBe("succeeded");
    expect(run.attempts.map((attempt) => [attempt.number, attempt.exitCode])).toEqual([
      [1, null],
      [2, 0],
    ]);
    const files = await engine.listFiles(id);
    const logs = files.map((file) => file.path).filter((path) => path.endsWith(".txt"));
    expect(logs).toEqual([LOG_FILES.driver, `attempts/1/${LOG_FILES.driver}`]);
    expect(await engine.resolveFile(id, "azureml-logs/80_driver_log.txt")).toBe("attempts/2/azureml-logs/80_driver_log.txt");
  });
});

describe("several servers on one store", () => {
  it("drive each run once, and one goes on where another stops", async () => {
    const one = world.engine({}, { instance: "one" });
    const two = world.engine({}, { instance: "two" });
    const ids: string[] = [];
    for (let index = 0; index < 10; index += 1) ids.push((await world.submit(index % 2 === 0 ? one : two)).id);
    for (const id of ids) await eventually(async () => world.compute.jobs.get(id));
    await one.stop();
    for (const id of ids) world.compute.job(id).run().say("x").journal("main", { n: 1, t: 1, k: "m", name: "a", v: 1 }).exit(0);
    for (const id of ids) {
      expect(await world.ended(id)).toMatchObject({ outcome: "succeeded" });
      expect((await world.store.metrics.points(id, "a", {}))?.values).toEqual([1]);
      expect(world.compute.job(id).starts).toBe(1);
    }
  });

  it("a server that lost its lease unnoticed leaves its runs to who took them over", async () => {
    // Long enough to place the job on a busy machine; it is never renewed.
    const sleeper = world.engine({ leaseSeconds: 1.5, pollMs: 60_000 }, { instance: "sleeper" });
    const { id } = await world.submit(sleeper);
    const job = await eventually(async () => world.compute.jobs.get(id));
    world.engine({}, { instance: "heir" });
    job.run().say("x").exit(0);
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded" });
    expect(job.starts).toBeLessThanOrEqual(2);
  });

  it("a wish made at one reaches the other that owns the run", async () => {
    const owner = world.engine({}, { instance: "owner" });
    const { id } = await world.submit(owner);
    (await eventually(async () => world.compute.jobs.get(id))).run();
    await world.until(id, (run) => run.state === "running");
    const other = world.engine({}, { instance: "other" });
    await other.cancel(id, 1);
    expect(await world.ended(id)).toMatchObject({ outcome: "canceled" });
  });
});
