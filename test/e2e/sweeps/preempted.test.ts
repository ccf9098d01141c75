// Trials whose nodes Slurm gives to a job that goes first, by either of its ways: put back in line, or canceled.
import { SlurmLab } from "@switchyard/compute/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { LiveServer } from "../../support/liveServer.ts";
import { endedSweep, inWorkspace, sendScript, submitSweep, sweepOf } from "../../support/sweeps.ts";
import { until } from "../../support/wait.ts";
import { type Elsewhere, whenBegun, whenGone } from "./elsewhere.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });
const NODES = 2;
let slurm: SlurmLab;
let server: LiveServer;
beforeAll(async () => {
  const all = `Nodes=n[1-${NODES}] State=UP`;
  slurm = await SlurmLab.start({
    nodes: NODES,
    cpusPerNode: 1,
    partitions: [
      `PartitionName=requeues Default=YES PriorityTier=1 PreemptMode=REQUEUE ${all}`,
      `PartitionName=cancels PriorityTier=1 PreemptMode=CANCEL ${all}`,
      `PartitionName=urgent PriorityTier=10 ${all}`,
    ],
  });
  server = new LiveServer({ variables: slurm.env });
  await server.start();
});
afterAll(async () => {
  await server?.close();
  await slurm?.close();
});

/** The first attempt of a trial leaves a checkpoint and goes on until it is stopped; the next one goes on from there. */
const TRAIN = `
import argparse, os, time
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--x", type=float)
x = parser.parse_args().x
run = Run.get_context()
os.makedirs("checkpoints", exist_ok=True)
os.makedirs("outputs", exist_ok=True)
if os.environ["SWITCHYARD_ATTEMPT"] == "1":
    with open("checkpoints/x.txt", "w") as file:
        file.write(str(x))
    run.log("score", -1)
    time.sleep(170)
before = os.environ["SWITCHYARD_RESUME_FROM"]
found = [os.path.join(folder, name) for folder, _, names in os.walk(before) for name in names if name == "x.txt"]
assert open(found[0]).read() == str(x), found
run.log("score", x)
`;
const SPACE = [{ name: "x", expression: "choice", values: [1, 2] }];

it.each(["requeues", "cancels"])(
  "on a partition that %s: each trial goes on from its checkpoint, none is lost or made twice",
  async (partition) => {
    const { client } = server;
    const settings = { vmSize: "STANDARD_D2_V2", maxNodes: NODES, backend: "slurm", slurm: { partition } };
    await client.createTarget({ params: inWorkspace, body: { type: "amlcompute", name: partition, settings } as never });
    await client.waitForTarget({ params: { ...inWorkspace, name: partition }, timeoutSeconds: 60 });
    const { runId } = await submitSweep(client, {
      snapshotId: await sendScript(client, "train.py", TRAIN),
      target: partition,
      sweep: sweepOf(SPACE, { sampling: { type: "grid", parameter_space: SPACE }, max_concurrent_runs: NODES }),
    });
    await whenBegun({ server } as unknown as Elsewhere, runId, NODES);
    const urgent = await slurm.run(
      "sbatch",
      "--parsable",
      "--partition=urgent",
      `--nodes=${NODES}`,
      "--exclusive",
      "--output=/dev/null",
      "--wrap=sleep 3",
    );
    await until(60, "the urgent job has run", async () => {
      const state = await slurm.run("scontrol", "-o", "show", "job", urgent.trim());
      return /JobState=COMPLETED/.test(state);
    });
    const sweep = await endedSweep(() => client, runId, 120);
    expect(sweep).toMatchObject({ status: "Completed", error: null, counts: { finished: NODES, failed: 0 }, best: { trial: 1, score: 2 } });
    expect(sweep.trials).toMatchObject([
      { values: { x: 1 }, score: 1, retryOf: null },
      { values: { x: 2 }, score: 2, retryOf: null },
    ]);
    for (const trial of sweep.trials) {
      const { attempts } = await client.getRun({ params: { ...inWorkspace, runId: trial.runId } });
      expect(attempts).toMatchObject([{ because: expect.stringMatching(/^(preempted|requeued)$/) }, { number: 2, exitCode: 0 }]);
    }
    await whenGone(runId);
    expect(await client.replaySweep({ params: { ...inWorkspace, runId } })).toMatchObject({ identical: true, suggestions: NODES });
  },
);
