import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, World } from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.close());

describe("a run from submit to end", () => {
  it("comes home with its log, metrics, outputs and attempts", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run().say("hello").journal("main", { n: 1, t: 1, k: "m", name: "loss", v: 0.5 }, { n: 2, t: 2, k: "tag", name: "team", v: "a" });
    await world.until(id, (run) => run.state === "running");
    job.journal("main", { n: 3, t: 3, k: "m", name: "loss", v: "NaN" }, { n: 4, t: 3, k: "m", name: "loss", v: 0.25, s: 7 });
    job.output("outputs/model.bin", "weights").say("bye").exit(0);
    const run = await world.ended(id);
    expect(run).toMatchObject({ outcome: "succeeded", error: null, warnings: [], failure: null });
    expect(run.attempts).toMatchObject([{ number: 1, node: "fake-host", exitCode: 0 }]);
    expect(await world.text(id, "attempts/1/azureml-logs/80_driver_log.txt")).toBe("hello\nbye\n");
    expect(await world.text(id, "outputs/model.bin")).toBe("weights");
    const view = await world.store.runs.view(id);
    expect(view?.tags).toEqual({ team: "a" });
    expect(view?.metrics).toEqual({ loss: 0.25 });
    const points = await world.store.metrics.points(id, "loss", {});
    expect(points?.values).toEqual([0.5, "NaN", 0.25]);
    await world.until(id, (ended) => ended.removedAt !== null);
    expect(job.removed).toBe(true);
    const timeline = (await world.store.runs.timeline(id)).map((entry) => entry.what);
    expect(timeline).toEqual(["submitted", "launched", "claimed", "environment", "started", "exited", "collected", "ended"]);
  });

  it("gives the job what spec 05 promises to scripts", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine, undefined, {
      arguments: ["--epochs", 5],
      maxRunDurationSeconds: 60,
      environmentVariables: { A: "run" },
    });
    const job = await eventually(async () => world.compute.jobs.get(id));
    expect(job.job.command).toEqual({ kind: "python", script: "train.py", arguments: ["--epochs", "5"] });
    expect(job.job.limits.maxSeconds).toBe(60);
    expect(job.job.variables).toMatchObject({ A: "run", AZUREML_RUN_ID: id, AZUREML_ARM_PROJECT_NAME: "test", MLFLOW_RUN_ID: id });
    expect(job.secrets.AZUREML_RUN_TOKEN).toMatch(/^sy_/);
    expect(JSON.stringify(job.job)).not.toContain(job.secrets.AZUREML_RUN_TOKEN);
    const token = await world.store.tokens.verify(job.secrets.AZUREML_RUN_TOKEN ?? "");
    expect(token).toMatchObject({ scope: "run", runId: id });
    job.run().exit(0);
    await world.ended(id);
  });

  it("notes how far the clock of the machine is from the server's, and tells the run's times by the server's", async () => {
    world.compute.clockOffsetMs = 86_400_000;
    const { id } = await world.submit(world.engine(), [{ say: "tomorrow" }]);
    const { attempts, createdAt, startedAt, endedAt } = await world.ended(id);
    expect(attempts).toMatchObject([{ number: 1, clockOffsetSeconds: 86_400 }]);
    expect(Date.parse(attempts[0]?.startTimeUtc ?? "") - (startedAt?.getTime() ?? 0)).toBe(86_400_000);
    const told = (await world.store.runs.timeline(id)).map(({ at }) => at);
    for (const time of [startedAt, endedAt, ...told]) {
      expect(new Date(time ?? 0).getTime()).toBeGreaterThanOrEqual(createdAt.getTime());
      expect(new Date(time ?? 0).getTime()).toBeLessThanOrEqual(Date.now());
    }
  });

  it("fails with the script's exit code, unless it counts as success", async () => {
    const engine = world.engine();
    const failed = await world.submit(engine, [{ say: "x" }, { exit: 3 }]);
    const allowed = await world.submit(engine, [{ exit: 3 }], { commandReturnCodeConfig: { successfulReturnCodes: [3] } });
    const killed = await world.submit(engine, [{ dieOf: "KILL" }]);
    expect(await world.ended(failed.id)).toMatchObject({
      outcome: "failed",
      error: { code: "ExitCode", message: "The script exited with code 3." },
    });
    expect(await world.ended(allowed.id)).toMatchObject({ outcome: "succeeded", error: null });
    expect(await world.ended(killed.id)).toMatchObject({ outcome: "failed", error: { code: "Signal" } });
  });

  it("lets run.fail() veto a success", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run().journal("main", { n: 1, t: 1, k: "fail", code: null, message: "bad data" }).exit(0);
    expect(await world.ended(id)).toMatchObject({ outcome: "failed", error: { code: "UserFailed", message: "bad data" } });
  });

  it("starts runs in the order they came when places are few", async () => {
    const engine = world.engine({ maxConcurrentRuns: 1 });
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push((await world.submit(engine, [{ exit: 0 }])).id);
    for (const id of ids) await world.ended(id);
    const started = world.compute.calls.filter(({ call }) => call === "start").flatMap(({ jobIds }) => jobIds);
    expect(started).toEqual(ids);
  });
});
