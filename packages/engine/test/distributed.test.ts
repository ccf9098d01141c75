import { COMPUTE_KINDS, type JobFile, type JsonObject } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compareLogOrder, type Engine, fixedTargets, localTarget } from "../src/index.ts";
import { eventually, World } from "./support/world.ts";

let world: World;
let engine: Engine;
beforeEach(async () => {
  world = await World.make();
  const cluster = {
    ...localTarget(50),
    name: "cluster",
    type: "amlcompute",
    maxNodes: 8,
    capabilities: COMPUTE_KINDS.amlcompute.capabilities,
  };
  engine = world.engine({}, { targets: fixedTargets([cluster]) });
});
afterEach(() => world.close());

const submit = async (configuration: JsonObject) => {
  const { id } = await world.submit(engine, undefined, { target: "cluster", ...configuration });
  return { id, job: await eventually(async () => world.compute.jobs.get(id)) };
};

describe("a distributed run", () => {
  const cases: [string, JsonObject, Partial<JobFile>][] = [
    [
      "mpi",
      { communicator: "openmpi", nodeCount: 2, mpi: { processCountPerNode: 4 } },
      { communicator: "mpi", nodes: 2, processesPerNode: 4 },
    ],
    ["an older word", { framework: "PythonMpi", nodeCount: 2, mpi: {} }, { communicator: "mpi", nodes: 2, processesPerNode: 1 }],
    ["nccl, one process a node", { communicator: "NCCL", nodeCount: 3 }, { communicator: "nccl", nodes: 3, processesPerNode: 1 }],
    ["gloo", { communicator: "Gloo", nodeCount: 2, pyTorch: { processCount: 6 } }, { communicator: "gloo", nodes: 2, processesPerNode: 3 }],
    [
      "parameter servers",
      { framework: "TensorFlow", communicator: "parameterServer", nodeCount: 2, tensorflow: { workerCount: 3, parameterServerCount: 1 } },
      { communicator: "parameterserver", nodes: 2, processesPerNode: 1, tasks: { workers: 3, parameterServers: 1 } },
    ],
    ["no communicator", { nodeCount: 2 }, { communicator: "none", nodes: 2, processesPerNode: 1 }],
  ];
  it.each(cases)("becomes a job with its processes: %s", async (_, configuration, expected) => {
    const { job } = await submit(configuration);
    expect(job.job).toMatchObject({ ...expected, logs: { driver: "azureml-logs/70_driver_log_0.txt" } });
  });

  it("is one process where sections have no effect", async () => {
    const { job } = await submit({ framework: "TensorFlow", tensorflow: { workerCount: 5 }, mpi: { processCountPerNode: 3 } });
    expect(job.job).toMatchObject({
      communicator: "none",
      nodes: 1,
      processesPerNode: 1,
      tasks: null,
      logs: { driver: "azureml-logs/80_driver_log.txt" },
    });
  });

  it("ends with the reason of the rank that failed, and shows its last lines", async () => {
    const { id, job } = await submit({ communicator: "gloo", nodeCount: 2 });
    job
      .run()
      .write("azureml-logs/70_driver_log_0.txt", "epoch 1\n")
      .write("azureml-logs/70_driver_log_1.txt", "epoch 1\nValueError: nan\n");
    job.exit(1, { rank: { number: 1, node: "node-1", lines: ["ValueError: nan"] } });
    const run = await world.ended(id);
    expect(run.error).toEqual({ code: "ExitCode", message: "Rank 1 on node-1 exited with code 1." });
    expect(run.attempts.at(-1)?.rank).toEqual({ number: 1, node: "node-1" });
    const why = await engine.why(id);
    expect(why.summary).toBe("Rank 1 on node-1 exited with code 1. ValueError: nan");
    expect(why.lastLines).toEqual([{ file: "azureml-logs/70_driver_log_1.txt", lines: ["epoch 1", "ValueError: nan"] }]);
  });

  it("names the signal of a rank, mpirun's own failure, and a rank whose end nobody saw", async () => {
    const ends = [
      [{ signal: "KILL", rank: { number: 2, node: "node-1", lines: [] } }, null, "Rank 2 on node-1 was ended by signal KILL."],
      [{ rank: { number: null, node: "mpirun", lines: ["no slots"] } }, 213, "mpirun exited with code 213."],
      [{ because: "unknown", rank: { number: 0, node: "node-0", lines: [] } }, null, /^Nobody saw how rank 0 on node-0 ended/],
    ] as const;
    for (const [how, code, message] of ends) {
      const { id, job } = await submit({ communicator: "Mpi", mpi: {}, nodeCount: 2 });
      job.run().exit(code, how as never);
      const { error } = await world.ended(id);
      expect(error?.message).toMatch(message);
    }
  });

  it("passes on what was missing on the compute", async () => {
    const { id, job } = await submit({ communicator: "Mpi", mpi: {}, nodeCount: 2 });
    job.run().write("azureml-logs/70_driver_log_0.txt", "Switchyard: mpirun not found on gpu-1. Install an MPI there.\n");
    job.exit(null, { because: "launcher_missing" });
    expect((await world.ended(id)).error?.code).toBe("LauncherMissing");
    expect((await engine.why(id)).summary).toBe("mpirun not found on gpu-1. Install an MPI there.");
  });

  it("lists its logs in the order of the ranks", () => {
    const logs = [10, 2, 0].map((rank) => `azureml-logs/70_driver_log_${rank}.txt`);
    expect([...logs, "azureml-logs/60_control_log.txt", "azureml-logs/70_mpi_log.txt"].sort(compareLogOrder)).toEqual([
      "azureml-logs/60_control_log.txt",
      ...logs.toReversed(),
      "azureml-logs/70_mpi_log.txt",
    ]);
  });
});
