// A sweep on a server that is killed, on nodes that are taken away: no trial lost, none doubled, and the journal says it all again.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SWEEP_FAIL_POINTS } from "@switchyard/protocol";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { suggest } from "../../packages/engine/src/sweeps/samplers/samplers.ts";
import { LiveServer } from "../support/liveServer.ts";
import { endedSweep, inWorkspace, submitSweep, sweepOf, uniform } from "../support/sweeps.ts";
import { until } from "../support/wait.ts";
import { persistently, sendFolder } from "./script.ts";
import { surviveSweep } from "./sweeps.ts";

vi.setConfig({ testTimeout: 900_000 });
const seed = Number(process.env.SWITCHYARD_SEED ?? Date.now() % 100_000);

let server: LiveServer;
beforeEach(() => {
  server = new LiveServer({ variables: { SWITCHYARD_PREEMPTED_NODE_SECONDS: "1", SWITCHYARD_LEASE_SECONDS: "5" } });
});
afterEach(() => server.close());

describe(`seed ${seed}`, () => {
  it("60 trials survive 20 kills and 5 preemptions, and are those of an undisturbed sweep", async () => {
    const sweep = await surviveSweep({ server, trials: 60, kills: 20, preemptions: 5, seed, seconds: 400 });
    const { sampling, primaryMetricGoal: goal } = sweep.configuration;
    const undisturbed = suggest({ sampling: { ...sampling, seed }, goal, history: [], made: 0, count: 60 }).suggestions;
    expect(sweep.trials.map(({ values }) => values)).toEqual(undisturbed.map(({ values }) => values));
    for (const { score, values } of sweep.trials) expect(score).toBe(values.x);
    const best = Math.max(...undisturbed.map(({ values }) => values.x as number));
    expect(sweep.best).toMatchObject({ score: best, values: { x: best } });
  });

  it("with a policy that ends trials early: every decision is decided again the same", async () => {
    const policy = { type: "MedianStoppingPolicy", evaluation_interval: 1, delay_evaluation: 2 };
    const sweep = await surviveSweep({ server, trials: 24, kills: 8, preemptions: 2, seed, seconds: 400, sweep: { policy } });
    const { decisions } = await server.client.replaySweep({ params: { ...inWorkspace, runId: sweep.runId } });
    expect(decisions).toBeGreaterThan(24);
    expect(sweep.counts.stopped).toBeGreaterThan(0);
    for (const { state, decision } of sweep.trials) if (state === "stopped") expect(decision).toMatchObject({ decision: "stop" });
  });
});

describe("a server killed", () => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-sweep-"));
  const starts = join(folder, "..", `starts-${process.pid}`);
  writeFileSync(
    join(folder, "train.py"),
    `import os, sys, time
from azureml.core import Run
with open(${JSON.stringify(starts)}, "a") as file:
    file.write(os.environ["AZUREML_RUN_ID"] + "\\n")
Run.get_context().log("score", float(sys.argv[-1]))
if "--wait" in sys.argv:
    time.sleep(300)
`,
  );
  afterAll(() => {
    for (const path of [folder, starts]) rmSync(path, { recursive: true, force: true });
  });

  const started = () => readFileSync(starts, "utf8").split("\n").filter(Boolean).sort();

  /** Once both trials have started: a budget that was used up long ago makes the sweep stop them. */
  async function useUpBudget(runId: string): Promise<void> {
    await until(120, "both trials have started", async () => started().length === 2);
    const wish = { params: { ...inWorkspace, runId }, body: { maxComputeHours: 0.000001 } };
    await server.client.extendSweep(wish).catch(() => {}); // it may die of the wish before it has answered; that it does is waited for
  }

  it.each(SWEEP_FAIL_POINTS)("at %s: every trial is started once, and the sweep ends", async (failAt) => {
    await server.start();
    const snapshotId = await sendFolder(server.client, folder);
    await server.kill();
    writeFileSync(starts, "");
    await server.start({ failAt });
    const runId = `HD_${failAt.replace(/\W/g, "-")}`;
    const isStopped = failAt === "sweep.before-stop";
    const ask = {
      ...{ snapshotId, runId, arguments: isStopped ? ["--wait"] : [] },
      sweep: sweepOf([uniform("x", 0, 1)], { max_total_runs: isStopped ? 2 : 3 }),
    };
    const submitted = persistently("the sweep is submitted", () => submitSweep(server.client, ask));
    const shortened = isStopped ? useUpBudget(runId) : Promise.resolve();
    await server.ended(120);
    await server.start();
    await Promise.all([submitted, shortened]);
    const sweep = await endedSweep(() => server.client, runId);
    expect(sweep).toMatchObject({ status: "Completed", counts: isStopped ? { canceled: 2 } : { finished: 3 } });
    const { items } = await server.client.listRuns({ params: inWorkspace, query: { parent: runId, includeChildren: true } });
    const ids = sweep.trials.map((trial) => trial.runId);
    expect(items.map((run) => run.runId).sort()).toEqual(ids);
    expect(started()).toEqual(ids);
    expect(await server.client.replaySweep({ params: { ...inWorkspace, runId } })).toMatchObject({ identical: true });
    const log = await (await server.client.readRunFile({ params: { ...inWorkspace, runId, path: "azureml-logs/hyperdrive.txt" } })).text();
    for (const id of ids) expect(log.split(`Scheduling job, id='${id}'`)).toHaveLength(2);
    expect(log).toMatch(/Changing Run Status from Running to Completed\n$/);
  });
});
