import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DataKeeper, Engine } from "../src/index.ts";
import { buildError, pythonError } from "../src/why/causes.ts";
import { eventually, World } from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.close());

const by = { submittedBy: null };

async function diedWith(engine: Engine, log: string, exitCode: number | null, how: object = {}, configuration = {}): Promise<string> {
  const { id } = await world.submit(engine, undefined, configuration);
  const job = await eventually(async () => world.compute.jobs.get(id));
  job.run().write("azureml-logs/80_driver_log.txt", log).exit(exitCode, how);
  await world.ended(id);
  return id;
}

describe("why", () => {
  it("names the Python error of a failed script, and shows its last lines", async () => {
    const engine = world.engine();
    const log = [
      "epoch 1",
      "Traceback (most recent call last):",
      '  File "train.py", line 3, in <module>',
      "    import nupmy",
      "ModuleNotFoundError: No module named 'nupmy'",
      "",
    ].join("\n");
    const why = await engine.why(await diedWith(engine, log, 1));
    expect(why).toMatchObject({ status: "Failed", summary: "The script exited with code 1. ModuleNotFoundError: No module named 'nupmy'" });
    expect(why.hints[0]).toContain('"nupmy"');
    expect(why.lastLines).toEqual([{ file: "azureml-logs/80_driver_log.txt", lines: log.trimEnd().split("\n") }]);
  });

  it("suspects memory behind a KILL, and names the limit behind a time limit", async () => {
    const engine = world.engine();
    expect((await engine.why(await diedWith(engine, "x\n", null, { signal: "KILL" }))).hints[0]).toContain("memory");
    const limited = await engine.why(
      await diedWith(engine, "x\n", null, { signal: "TERM", because: "time_limit" }, { maxRunDurationSeconds: 9 }),
    );
    expect(limited).toMatchObject({ status: "Canceled" });
    expect(limited.summary).toContain("The limit was 9 s.");
  });

  it("passes on what the supervisor said when it could not begin", async () => {
    const said = 'The Python interpreter "python9" was not found. There is /usr/bin/python3: set interpreterPath to it.';
    const why = await world.engine().why(await diedWith(world.engine(), `Switchyard: ${said}\n`, null, { because: "interpreter_missing" }));
    expect(why.summary).toBe(said);
  });

  it("passes on why there was no container, and that its memory ran out", async () => {
    const engine = world.engine();
    const none = "The run asks for a container, and docker or podman was not found on gpu-box. Install Docker or Podman there.";
    const first = await diedWith(engine, `Switchyard: ${none}\n`, null, { because: "container_failed" });
    expect((await world.store.runs.get(first))?.error).toMatchObject({ code: "ContainerFailed" });
    expect(await engine.why(first)).toMatchObject({ summary: none, hints: [expect.stringContaining("Nothing of the script ran")] });
    const full = "The container ran out of its memory, so the kernel killed a process in it.";
    const second = await diedWith(engine, `epoch 1\nSwitchyard: ${full}\n`, null, { because: "out_of_memory" });
    expect((await world.store.runs.get(second))?.error).toMatchObject({ code: "OutOfMemory" });
    expect(await engine.why(second)).toMatchObject({ summary: full, hints: [expect.stringContaining("smaller batch")] });
  });

  it("suspects the disk that was full when the script ended", async () => {
    const engine = world.engine();
    const why = await engine.why(
      await diedWith(engine, "epoch 1\nSwitchyard: The disk of /site/jobs/a was full when the script ended.\n", 1),
    );
    expect(why.summary).toBe("The script exited with code 1. The disk of /site/jobs/a was full when the script ended.");
    expect(why.hints).toEqual([expect.stringContaining("Free space")]);
  });

  it("quotes the line of the build log that matters", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.claim().event({ kind: "environment", state: "building", name: "azureml_1", because: null, seconds: null });
    await world.until(id, (run) => run.preparing);
    expect((await engine.why(id)).summary).toBe("The environment is being prepared.");
    job.write("azureml-logs/20_image_build_log.txt", "Collecting nupmy\nERROR: No matching distribution found for nupmy\n");
    job.exit(null, { because: "environment_failed" });
    await world.ended(id);
    const why = await engine.why(id);
    expect(why.summary).toBe("The environment could not be prepared: No matching distribution found for nupmy");
    expect(why.lastLines[0]?.file).toBe("azureml-logs/20_image_build_log.txt");
  });

  it("says behind whom a run queues", async () => {
    const engine = world.engine({ maxConcurrentRuns: 1 });
    const first = await world.submit(engine);
    await world.until(first.id, (run) => run.handle !== null);
    const second = await world.submit(engine);
    const third = await world.submit(engine);
    const why = await eventually(async () => {
      const told = await engine.why(third.id);
      return told.summary.includes("Before it") ? told : null;
    });
    expect(why.summary).toBe(`The run is queued. Before it in line: ${second.id}. 1 of 1 places on "local" are taken (${first.id}).`);
  });

  it("finds errors in logs of many shapes", () => {
    expect(
      pythonError([
        "Traceback (most recent call last):",
        "  x",
        "KeyError: 'a'",
        "",
        "During handling",
        "Traceback (most recent call last):",
        "  y",
        "my.pkg.OddThing: why",
      ]),
    ).toBe("my.pkg.OddThing: why");
    expect(pythonError(["all fine", "UserWarning: old"])).toBeNull();
    expect(
      buildError([
        "a",
        "ERROR: Could not find a version that satisfies the requirement x",
        "ERROR: No matching distribution found for x",
        "b",
      ]),
    ).toBe("No matching distribution found for x");
    expect(
      buildError(["  × No solution found when resolving dependencies:", "  ╰─▶ Because nupmy was not found in the package registry"]),
    ).toBe("Because nupmy was not found in the package registry");
    expect(buildError([])).toBeNull();
  });
});

describe("diff", () => {
  it("shows code, arguments, environment, configuration and metrics side by side", async () => {
    const engine = world.engine();
    const python = (interpreterPath: string) => ({ python: { userManagedDependencies: true, interpreterPath } });
    const left = await engine.submit(
      "default",
      await world.submission({ arguments: ["--lr", "0.1", "x"], environment: python("python3") }, { "train.py": "a\nb\n", "old.py": "" }),
      by,
    );
    const right = await engine.submit(
      "default",
      await world.submission(
        { arguments: ["--lr=0.2", "x"], maxRunDurationSeconds: 5, environment: python("python3.11") },
        { "train.py": "a\nc\n", "new.py": "n\n" },
      ),
      by,
    );
    for (const [run, loss] of [
      [left, 1],
      [right, 2],
    ] as const) {
      const job = await eventually(async () => world.compute.jobs.get(run.id));
      job.run().journal("main", { n: 1, t: 1, k: "m", name: "loss", v: loss }).exit(0);
      await world.ended(run.id);
    }
    const diff = await engine.diff(left.id, right.id);
    expect(diff.code.map(({ path, status }) => [path, status])).toEqual([
      ["new.py", "added"],
      ["old.py", "removed"],
      ["train.py", "changed"],
    ]);
    expect(diff.code[2]?.patch).toContain("-b\n+c\n");
    expect(diff.arguments).toEqual([{ what: "--lr", a: "0.1", b: "0.2" }]);
    expect(diff.environment).toEqual([{ what: "python.interpreterPath", a: "python3", b: "python3.11" }]);
    expect(diff.configuration).toEqual([{ what: "maxRunDurationSeconds", a: null, b: 5 }]);
    expect(diff.metrics).toEqual([{ what: "loss", a: 1, b: 2 }]);
  });
});

describe("garbage", () => {
  it("is what no snapshot needs and is not fresh; a dry run frees nothing", async () => {
    const engine = world.engine();
    const submission = await world.submission();
    const orphan = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    await world.artifacts.blobs.put(orphan, [Buffer.from("test")]);
    const options = { environmentsUnusedDays: 30, dryRun: true, graceSeconds: -60 };
    expect((await engine.collectGarbage({ ...options, graceSeconds: 60 })).blobs.count).toBe(0);
    expect((await engine.collectGarbage(options)).blobs).toEqual({ count: 1, bytes: 4 });
    expect(await world.artifacts.blobs.size(orphan)).toBe(4);
    await engine.collectGarbage({ ...options, dryRun: false });
    expect(await world.artifacts.blobs.size(orphan)).toBeNull();
    const run = await engine.submit("default", submission, by);
    await eventually(async () => world.compute.jobs.get(run.id));
  });

  it("is not what a model needs, until the last model that does is deleted", async () => {
    const engine = world.engine();
    await world.artifacts.runFiles.put("run_1", "outputs/model.pkl", [Buffer.from("weights")]);
    const kept = await world.artifacts.runFiles.keepAsBlob("run_1", "outputs/model.pkl");
    const nothing = { description: null, framework: null, frameworkVersion: null, runId: null, experiment: null, runPath: null };
    const unknown = {
      source: null,
      location: null,
      runLink: null,
      loggedModelId: null,
      createdBy: null,
      details: {},
      tags: {},
      properties: {},
    };
    const content = [{ path: "model.pkl", ...kept }];
    const model = { workspace: "default", name: "m", path: "model.pkl", content, ...nothing, ...unknown };
    for (let time = 0; time < 2; time++) await world.store.modelVersions.register(model);
    const options = { environmentsUnusedDays: 30, dryRun: false, graceSeconds: -60 };
    await world.store.modelVersions.remove("default", "m", 1);
    expect((await engine.collectGarbage(options)).blobs.count).toBe(0);
    await world.store.modelVersions.remove("default", "m", 2);
    expect((await engine.collectGarbage(options)).blobs).toEqual({ count: 1, bytes: 7 });
    expect(await world.artifacts.runFiles.stat("run_1", "outputs/model.pkl")).toMatchObject({ size: 7 });
  });

  it("is not what a datastore has, nor what a run that is not over reads", async () => {
    const data: DataKeeper = {
      freeze: async () => ({ files: [{ path: "deep/a.csv", ...read }], isFile: false }),
      require: async () => "workspaceblobstore",
      deliver: async () => ({ skipped: [] }),
    };
    const read = await world.artifacts.blobs.add([Buffer.from("read by a run")]);
    const kept = await world.artifacts.blobs.add([Buffer.from("on a datastore")]);
    await world.store.datastoreFiles.add("default", "workspaceblobstore", [{ path: "x", ...kept }], "refuse");
    const options = { environmentsUnusedDays: 30, dryRun: false, graceSeconds: -60 };
    const engine = world.engine({ maxConcurrentRuns: 0 }, { data });
    const submission = await world.submission({ dataReferences: { x: { mode: "mount" } } } as never);
    const run = await engine.submit("default", submission, by);
    expect((await engine.collectGarbage(options)).blobs.count).toBe(0);
    await engine.cancel(run.id, 0);
    await eventually(async () => (await world.run(run.id)).state === "ended" && (await world.store.runData.roots()).length === 0);
    expect((await engine.collectGarbage(options)).blobs.count).toBe(3); // the file, and the two folders it lay in
    expect(await world.artifacts.blobs.size(kept.sha256)).toBe(14);
    await world.store.datastoreFiles.remove("default", "workspaceblobstore", "x");
    expect((await engine.collectGarbage(options)).blobs.count).toBe(1);
  });
});
