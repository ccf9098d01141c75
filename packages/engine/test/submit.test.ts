import { BadRequest, EnvironmentUnusable, JobRejected, NotFound, NotImplemented, UnknownTarget } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../src/index.ts";
import { publicRun } from "../src/index.ts";
import { World } from "./support/world.ts";

let world: World;
let engine: Engine;
beforeEach(async () => {
  world = await World.make();
  engine = world.engine({ maxConcurrentRuns: 0 });
});
afterEach(() => world.close());

const by = { submittedBy: "ada" };

describe("submitting", () => {
  it("stores a queued run with its properties, environment and definition", async () => {
    const submission = await world.submission({ arguments: ["--lr", 0.1] });
    const run = await engine.submit("default", { ...submission, tags: { a: null }, properties: { "azureml.git.branch": "main" } }, by);
    const view = await world.store.runs.view(run.id);
    expect(view && publicRun(view)).toMatchObject({
      runType: "azureml.scriptrun",
      number: 1,
      submittedBy: "ada",
      target: "local",
      status: "Queued",
      snapshotId: submission.snapshotId,
      environment: { name: "project_environment", version: "1" },
      tags: { a: null },
      properties: {
        ContentSnapshotId: submission.snapshotId,
        "_azureml.ComputeTargetType": "local",
        ProcessInfoFile: "azureml-logs/process_info.json",
        ProcessStatusFile: "azureml-logs/process_status.json",
        "azureml.git.branch": "main",
      },
    });
    expect(run.id).toMatch(/^test_\d+_[0-9a-f]{8}$/);
    expect(run.definition.arguments).toEqual(["--lr", "0.1"]);
  });

  it("answers the first run again to the same idempotency key", async () => {
    const submission = await world.submission();
    const claim = { ...by, idempotency: { key: "k", requestHash: "h" } };
    expect((await engine.submit("default", submission, claim)).id).toBe((await engine.submit("default", submission, claim)).id);
  });

  it("keeps an environment's version while its definition stays, and finds registered ones by name", async () => {
    const python = { userManagedDependencies: true, interpreterPath: "python3" };
    const one = await engine.submit("default", await world.submission({ environment: { name: "mine", python } }), by);
    const two = await engine.submit("default", await world.submission({ environment: { name: "mine" } }), by);
    expect([one.environmentVersion, two.environmentName, two.environmentVersion]).toEqual(["1", "mine", "1"]);
    expect(two.definition.environment).toMatchObject({ python });
    const submission = await world.submission({ environment: { name: "mime" } });
    await expect(engine.submit("default", submission, by)).rejects.toThrow('Did you mean "mine"?');
  });

  it("uses an environment that was registered as it is: neither a run that names it nor its repetition makes a version", async () => {
    const python = { userManagedDependencies: true, interpreterPath: "python3" };
    const { environments } = world.store;
    await environments.register("default", { name: "mine", environmentVariables: { A: "a" }, python }, "one");
    await environments.register(
      "default",
      { name: "mine", environmentVariables: {}, python: { ...python, interpreterPath: "other" } },
      "two",
    );
    const named = { name: "mine", version: "1", environmentVariables: { B: "b" } };
    const run = await engine.submit("default", await world.submission({ environment: named }), by);
    expect(run.definition.environment).toMatchObject({ python, environmentVariables: { A: "a", B: "b" } });
    const again = await engine.rerun(run.id, {}, by);
    expect([run.environmentVersion, again.environmentVersion]).toEqual(["1", "1"]);
    expect(await environments.versions("default", "mine")).toHaveLength(2);
  });

  it("may build an environment that the system manages", async () => {
    const condaDependencies = { dependencies: ["python=3.11", { pip: ["numpy"] }] };
    const run = await engine.submit("default", await world.submission({ environment: { python: { condaDependencies } } }), by);
    expect(run.mayPrepare).toBe(true);
    const view = await world.store.runs.view(run.id);
    expect(view && publicRun(view).status).toBe("Starting");
  });

  it("repeats a run with other arguments", async () => {
    const first = await engine.submit("default", await world.submission({ arguments: ["a"] }), by);
    const again = await engine.rerun(first.id, { arguments: ["b"] }, by);
    expect(again).toMatchObject({ snapshotId: first.snapshotId, definition: { arguments: ["b"], script: "train.py" } });
    expect((await world.store.runs.view(again.id))?.properties["azureml.rerunOf"]).toBe(first.id);
  });

  it("makes children of a parent", async () => {
    const parent = await engine.submit("default", await world.submission(), by);
    const child = await engine.submit("default", { ...(await world.submission()), parentRunId: parent.id }, by);
    expect(child).toMatchObject({ parentId: parent.id, rootId: parent.id });
    await expect(engine.submit("default", { ...(await world.submission()), parentRunId: "nobody" }, by)).rejects.toThrow(NotFound);
  });
});

describe("submitting what cannot run", () => {
  const cases: [string, Record<string, unknown>, new (message: string) => Error, RegExp][] = [
    ["an unknown target", { target: "locall" }, UnknownTarget, /no compute target "locall".*Did you mean "local"\?.*Known targets: local/],
    ["a script that is missing", { script: "trian.py" }, BadRequest, /no script "trian.py".*Did you mean "train.py"\?/],
    ["a script outside the folder", { script: "../train.py" }, BadRequest, /outside the folder/],
    ["a script by an absolute path", { script: "/etc/passwd" }, BadRequest, /outside the folder/],
    ["a wrong type", { nodeCount: "many" }, BadRequest, /nodeCount/],
    [
      "an image's name that is none",
      { docker: { useDocker: true }, environment: { docker: { baseImage: "--privileged" } } },
      BadRequest,
      /"--privileged" cannot be the name of an image/,
    ],
    [
      "a Dockerfile that is none",
      { environment: { docker: { enabled: true, baseDockerfile: "Dockerfile" } } },
      EnvironmentUnusable,
      /no line that begins with FROM/,
    ],
    ["several nodes", { nodeCount: 2 }, JobRejected, /several nodes/],
    ["MPI", { communicator: "OpenMpi", mpi: { processCountPerNode: 2 } }, BadRequest, /OpenMpi/],
    ["Gloo", { communicator: "GLOO", pyTorch: { processCount: 2 } }, JobRejected, /communicator Gloo \(2 processes\).*one process/],
    ["Nccl for a single process", { communicator: "Nccl" }, JobRejected, /communicator Nccl\. /],
    [
      "processes that the nodes cannot share",
      { communicator: "Gloo", nodeCount: 2, pyTorch: { processCount: 3 } },
      BadRequest,
      /shared evenly by 2 nodes/,
    ],
    ["a command under Spark", { framework: "PySpark", spark: {}, command: "ls" }, JobRejected, /PySpark/],
    ["data where there are no datastores", { data: { images: {} } }, NotImplemented, /no datastores/],
  ];
  for (const [what, configuration, kind, message] of cases) {
    it(`refuses ${what} by name`, async () => {
      const submission = await world.submission(configuration as never);
      const refused = expect(engine.submit("default", submission, by)).rejects;
      await refused.toThrow(message);
      await expect(engine.submit("default", submission, by)).rejects.toBeInstanceOf(kind);
      expect((await world.store.runs.list("default", { limit: 10, includeChildren: true, order: "-created" })).items).toEqual([]);
    });
  }

  it("refuses a snapshot, a workspace or a run id that are not there or taken", async () => {
    const submission = await world.submission();
    await expect(engine.submit("default", { ...submission, snapshotId: "nope" }, by)).rejects.toThrow(/no snapshot "nope"/);
    await expect(engine.submit("elsewhere", submission, by)).rejects.toThrow(/no workspace "elsewhere"/);
    await expect(engine.submit("default", { ...submission, snapshotId: null }, by)).rejects.toThrow(/needs a snapshot/);
    await engine.submit("default", { ...submission, runId: "mine" }, by);
    await expect(engine.submit("default", { ...submission, runId: "mine" }, by)).rejects.toThrow(/exists already/);
  });
});
