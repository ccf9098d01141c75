// Kills the server and takes nodes away while a sweep goes on, and checks that no trial was lost or doubled and that the journal
// says it all again. Used by the tests (20 kills, 5 preemptions, 60 trials) and by `npm run soak` (100, 20 and 200).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ComputeNode, type JsonObject, normaliseSweep, type Run, type Sweep } from "@switchyard/protocol";
import { RemoteError } from "@switchyard/protocol/errors";
import { expect } from "vitest";
import { suggest } from "../../packages/engine/src/sweeps/samplers/samplers.ts";
import type { LiveServer } from "../support/liveServer.ts";
import { getSweep, inWorkspace, submitSweep } from "../support/sweeps.ts";
import { until } from "../support/wait.ts";
import { mulberry32 } from "./randomKills.ts";
import { persistently, sendFolder } from "./script.ts";

export interface SweepOrdeal {
  readonly server: LiveServer;
  readonly trials: number;
  readonly kills: number;
  readonly preemptions: number;
  readonly seed: number;
  /** how long everything may take */
  readonly seconds: number;
  /** over a random search without a policy */
  readonly sweep?: JsonObject;
}

const NODES = 4;
const named = { ...inWorkspace, name: "cluster" };

/**
 * Every start of it leaves its run's id and attempt; logs a curve whose best value follows from x alone. The last trials, one for
 * each node, begin that only when the disturbances are over: until then there is always a node with a trial on it.
 */
const TRAIN = `
import os, sys, time
from azureml.core import Run
starts, over, last, lingers, x = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], float(sys.argv[6])
with open(starts, "a") as file:
    file.write("%s %s\\n" % (os.environ["AZUREML_RUN_ID"], os.environ["SWITCHYARD_ATTEMPT"]))
end = time.monotonic() + 1800
while int(os.environ["AZUREML_RUN_ID"].rsplit("_", 1)[1]) >= last and not os.path.exists(over) and time.monotonic() < end:
    time.sleep(0.05)
run = Run.get_context()
for step in range(1, 6):
    run.log("score", x if step == 5 else x * step / 5)
    time.sleep(0.2)
while lingers != "none" and float(lingers) == x and time.monotonic() < end:
    run.log("score", x)
    time.sleep(0.2)
`;

/** The sweep when it is over, after everything that was done to it. */
export async function surviveSweep(ordeal: SweepOrdeal): Promise<Sweep> {
  const { server, trials, seed, seconds } = ordeal;
  const folder = mkdtempSync(join(tmpdir(), "switchyard-sweep-survival-"));
  const told = mkdtempSync(join(tmpdir(), "switchyard-starts-"));
  const [startsFile, over] = [join(told, "starts"), join(told, "over")];
  writeFileSync(join(folder, "train.py"), TRAIN);
  writeFileSync(startsFile, "");
  try {
    await server.start();
    await createCluster(server);
    const snapshotId = await persistently("the folder is sent", () => sendFolder(server.client, folder));
    const runId = `HD_survivor_${seed}`;
    const sweep = {
      sampling: { type: "random", seed, parameter_space: [{ name: "x", expression: "uniform", values: [0, 1] }] },
      primary_metric_name: "score",
      primary_metric_goal: "maximize",
      max_total_runs: trials,
      max_concurrent_runs: NODES,
      ...ordeal.sweep,
    };
    const words = [startsFile, over, String(trials - NODES), ordeal.sweep?.policy === undefined ? "none" : String(worstOf(sweep, ordeal))];
    const submitted = persistently("the sweep is submitted", () =>
      submitSweep(server.client, { snapshotId, sweep, runId, target: "cluster", arguments: words }),
    );
    await Promise.all([submitted, disturb(ordeal, runId)]);
    writeFileSync(over, "");
    if (!server.running) await server.start();
    const ended = await until(seconds, `the sweep ${runId} is over`, async () => {
      const now = await getSweep(server.client, runId).catch(() => null);
      return now !== null && now.endTimeUtc !== null && now;
    });
    await expectNothingLost(server, ended, startsFile, trials);
    await until(
      120,
      "the cluster has shrunk to nothing",
      async () => (await server.client.listTargetNodes({ params: named })).length === 0,
    );
    return ended;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(told, { recursive: true, force: true });
  }
}

/** The x of the worst trial, which goes on until the policy ends it. What a random search draws follows from its seed. */
function worstOf(sweep: JsonObject, { trials, seed }: SweepOrdeal): number {
  const { sampling, primaryMetricGoal: goal } = normaliseSweep(sweep, { rules: "v1" }).configuration;
  const { suggestions } = suggest({ sampling: { ...sampling, seed }, goal, history: [], made: 0, count: trials });
  return Math.min(...suggestions.map(({ values }) => values.x as number));
}

async function createCluster(server: LiveServer): Promise<void> {
  const settings = { vmSize: "STANDARD_D1_V2", vmPriority: "lowpriority", maxNodes: NODES, idleSecondsBeforeScaledown: 3 };
  await persistently("the cluster is created", async () => {
    const body = { type: "amlcompute", name: "cluster", settings } as never;
    await server.client.createTarget({ params: inWorkspace, body }).catch((error) => {
      if (!(error instanceof RemoteError && error.code === "already_exists")) throw error;
    });
    return true;
  });
}

/**
 * Kills the server at moments drawn at random, from 0 to 0.8 s of its life; before some of the kills a node with a trial on it is
 * taken away.
 */
async function disturb({ server, kills, preemptions, seed, seconds }: SweepOrdeal, runId: string): Promise<void> {
  const random = mulberry32(seed);
  let taken = 0;
  for (let i = 0; i < kills; i++) {
    if (taken < Math.floor(((i + 1) * preemptions) / kills)) {
      await takeNode(server, runId, seconds);
      taken += 1;
    }
    await new Promise((resolve) => setTimeout(resolve, random() * 800)); // the moment is the point, not a wait for something
    await server.kill();
    await server.start();
  }
}

async function takeNode(server: LiveServer, runId: string, seconds: number): Promise<void> {
  await until(seconds, "a node with a trial on it was preempted", async () => {
    const nodes = await server.client.listTargetNodes({ params: named }).catch((): ComputeNode[] => []);
    const node = nodes.find((each) => each.nodeState === "running" && each.runId?.startsWith(runId));
    if (node === undefined) return false;
    return await server.client.simulatePreemption({ params: named, body: { nodeId: node.nodeId } }).then(
      () => true,
      () => false,
    );
  });
}

/** Every trial has one run, every attempt was started once, and the journal decides the same again. */
async function expectNothingLost(server: LiveServer, sweep: Sweep, startsFile: string, trials: number): Promise<void> {
  const { runId } = sweep;
  expect({ status: sweep.status, error: sweep.error, warnings: sweep.warnings }).toEqual({
    status: "Completed",
    error: null,
    warnings: [],
  });
  expect(sweep.trials.map((trial) => trial.runId)).toEqual(Array.from({ length: trials }, (_, n) => `${runId}_${n}`));
  const children = await allChildren(server, runId);
  expect(children.map((child) => child.runId).sort()).toEqual(sweep.trials.map((trial) => trial.runId).sort());
  const starts = readFileSync(startsFile, "utf8").split("\n").filter(Boolean);
  expect(new Set(starts).size, "no attempt was started twice").toBe(starts.length);
  for (const child of children) {
    const started = starts.filter((line) => line.startsWith(`${child.runId} `));
    expect(started.length, `${child.runId} was started at least once`).toBeGreaterThan(0);
    const taken = child.attempts.slice(0, -1).map(({ because }) => because);
    for (const because of taken) expect(["preempted", "node_lost"]).toContain(because);
  }
  const replay = await server.client.replaySweep({ params: { ...inWorkspace, runId } });
  expect(replay).toMatchObject({ identical: true, difference: null });
}

async function allChildren(server: LiveServer, parent: string): Promise<Run[]> {
  const { items } = await server.client.listRuns({ params: inWorkspace, query: { parent, includeChildren: true, limit: 10_000 } });
  return items;
}
