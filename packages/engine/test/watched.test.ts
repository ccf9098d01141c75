import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, World } from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.close());

describe("files that grow", () => {
  it("come home from every watched folder while the run goes on, and are listed as its logs", async () => {
    const engine = world.engine({ drainSeconds: 1000 });
    const history = { directoriesToWatch: ["logs", "./tb/", "../out", "exit"] };
    const { id, warnings } = await world.submit(engine, undefined, { history });
    expect(warnings).toEqual([expect.stringContaining('"../out"'), expect.stringContaining('"exit"')]);
    const job = await eventually(async () => world.compute.jobs.get(id));
    expect(job.job.watch).toEqual(["logs", "tb"]);
    job.run().write("tb/run.1", "first ");
    const textOf = async () =>
      (await world.artifacts.runFiles.stat(id, "attempts/1/tb/run.1")) ? world.text(id, "attempts/1/tb/run.1") : "";
    await eventually(async () => (await textOf()) === "first ");
    job.write("tb/run.1", "second").exit(0);
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded" });
    expect(await textOf()).toBe("first second");
    const view = await world.store.runs.view(id);
    const details = view && (await engine.runDetails(view, (path) => path));
    expect(Object.keys(details?.logFiles ?? {})).toContain("tb/run.1");
    expect((await engine.listFiles(id)).map((file) => file.path)).toContain("tb/run.1");
  });

  it("do not hold the end up for what nobody reads: locks, and half-written files beside the journals", async () => {
    const engine = world.engine({ drainSeconds: 1000 });
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run().write("journal/main.jsonl.part", "{").write("sampling/pid", "1").exit(0);
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded", warnings: [] });
    expect((await engine.listFiles(id)).map((file) => file.path)).not.toContain("sampling/pid");
  });
});

describe("the process files", () => {
  it("say who ran where from when, and how it ended, for each attempt", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run();
    await world.until(id, (run) => run.state === "running");
    const json = async (path: string) => JSON.parse(await world.text(id, await engine.resolveFile(id, path))) as object;
    expect(await json("azureml-logs/process_info.json")).toEqual({
      attempt: 1,
      host: "fake-host",
      bootId: "fake-boot",
      supervisorPid: 1,
      pid: 2,
      startTimeUtc: expect.stringMatching(/Z$/),
    });
    job.exit(3);
    await world.ended(id);
    expect(await json("azureml-logs/process_status.json")).toMatchObject({ attempt: 1, exitCode: 3, signal: null, because: null });
    const listed = (await engine.listFiles(id)).map((file) => file.path);
    expect(listed).toEqual(["azureml-logs/process_info.json", "azureml-logs/process_status.json"]);
    const view = await world.store.runs.view(id);
    expect(listed).toContain(view?.properties.ProcessInfoFile);
    expect(listed).toContain(view?.properties.ProcessStatusFile);
  });
});
