// One of two machines behind SSH is switched off in the middle of a sweep: its trials go on at the other one.
import { type SshHost, SshLab } from "@switchyard/compute/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { LiveServer } from "../../support/liveServer.ts";
import { attachHost } from "../../support/sshTargets.ts";
import { endedSweep, inWorkspace, sendScript, submitSweep, sweepOf } from "../../support/sweeps.ts";
import { until } from "../../support/wait.ts";
import { type Elsewhere, whenBegun } from "./elsewhere.ts";

vi.setConfig({ testTimeout: 150_000, hookTimeout: 120_000 });
const server = new LiveServer({
  variables: { SWITCHYARD_UNREACHABLE_LOST_AFTER_SECONDS: "3", SWITCHYARD_NOT_RESPONDING_AFTER_SECONDS: "1" },
});
let lab: SshLab;
beforeAll(async () => {
  lab = await SshLab.start(2);
  await server.start();
  for (const host of lab.hosts) await attachHost(server.client, lab, host);
});
afterAll(async () => {
  await server.close();
  await lab?.close();
});

/** Trials above 2 are quick; the first attempt of the others goes on until its machine is gone. */
const TRAIN = `
import argparse, os, time
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--x", type=float)
x = parser.parse_args().x
run = Run.get_context()
run.parent.log("begun", x)
run.log("score", -x)
if x <= 2 and os.environ["SWITCHYARD_ATTEMPT"] == "1":
    time.sleep(140)
os.makedirs("outputs", exist_ok=True)
with open("outputs/x.txt", "w") as file:
    file.write(str(x))
run.log("score", x)
`;
const SPACE = [{ name: "x", expression: "choice", values: [1, 2, 3, 4] }];

it("its trials go on elsewhere, once each, and the sweep ends whole", async () => {
  const { client } = server;
  const [lost, other] = lab.hosts as [SshHost, SshHost];
  const { runId } = await submitSweep(client, {
    snapshotId: await sendScript(client, "train.py", TRAIN),
    target: lost.name,
    configuration: { restart: { elsewhere: [other.name], onLoss: true } },
    sweep: sweepOf(SPACE, { sampling: { type: "grid", parameter_space: SPACE }, max_concurrent_runs: 2 }),
  });
  await whenBegun({ server } as unknown as Elsewhere, runId, 2);
  await lost.powerOff();
  const sweep = await endedSweep(() => client, runId, 120);
  expect(sweep).toMatchObject({ status: "Completed", error: null, counts: { finished: 4, failed: 0 }, best: { trial: 3, score: 4 } });
  expect(sweep.trials.map(({ score, retryOf }) => [score, retryOf])).toEqual([1, 2, 3, 4].map((x) => [x, null]));
  for (const [index, trial] of sweep.trials.entries()) {
    const of = { params: { ...inWorkspace, runId: trial.runId } };
    expect(await client.getRun(of)).toMatchObject({ status: "Completed", target: other.name, attempts: expect.anything() });
    const file = await client.readRunFile({ params: { ...of.params, path: "outputs/x.txt" } });
    expect(await file.text()).toBe(`${index + 1}.0`);
  }
  const first = await client.getRun({ params: { ...inWorkspace, runId: `${runId}_0` } });
  expect(first.attempts).toMatchObject([{ because: "lost" }, { number: 2, exitCode: 0 }]);
  expect(await client.replaySweep({ params: { ...inWorkspace, runId } })).toMatchObject({ identical: true, suggestions: 4 });
  // each trial was begun once, and those of the lost machine a second time
  const begun = await until(10, "what the trials told the sweep is there", async () => {
    const { values } = await client.readMetric({ params: { ...inWorkspace, runId, name: "begun" }, query: {} });
    return values.length === 6 && values.map(Number);
  });
  expect(begun.sort()).toEqual([1, 1, 2, 2, 3, 4]);
});
