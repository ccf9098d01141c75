// Sweeps over HTTP, on this machine: from submit to the end, by every sampler, and with a policy.
import { describe, expect, it, vi } from "vitest";
import { inWorkspace, sweepOf } from "../../support/sweeps.ts";
import { until } from "../../support/wait.ts";
import { expectToldAbove } from "./above.ts";
import { sweepLab, x } from "./lab.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });
const lab = sweepLab();
const { client, ended, gate, gated, journal, replayed, run, submit, textOf, whenRunning } = lab;

describe("a sweep", () => {
  it("runs its trials, says which was best, and its journal says it all again", async () => {
    const { runId } = await submit(sweepOf([x, { name: "--y", expression: "choice", values: ["a", "b"] }]), ["--do", "log"]);
    expect(runId).toMatch(/^HD_[0-9a-f-]{36}$/);
    const sweep = await ended(runId);
    expect(sweep).toMatchObject({ status: "Completed", error: null, warnings: [], counts: { finished: 4 }, closed: null, spaceSize: null });
    expect(sweep.trials.map((trial) => trial.runId)).toEqual([0, 1, 2, 3].map((n) => `${runId}_${n}`));
    for (const trial of sweep.trials) expect(trial).toMatchObject({ score: trial.values.x, intervals: 3, status: "Completed" });
    const best = sweep.trials.toSorted((a, b) => b.score! - a.score!)[0]!;
    expect(sweep.best).toEqual({ trial: best.trial, runId: best.runId, score: best.score, values: best.values });

    const parent = await run(runId);
    expect(parent).toMatchObject({ runType: "hyperdrive", status: "Completed", parentRunId: null });
    expect(parent.properties).toMatchObject({
      primary_metric_config: '{"name":"score","goal":"maximize"}',
      resume_from: "null",
      runTemplate: "HyperDrive",
      "azureml.runsource": "hyperdrive",
      platform: "AML",
      best_child_run_id: best.runId,
      score: String(best.score),
      best_metric_status: "Succeeded",
      best_data_container_id: `dcid.${best.runId}`,
    });
    const child = await run(`${runId}_2`);
    expect(child).toMatchObject({ parentRunId: runId, rootRunId: runId, status: "Completed" });
    const { values } = sweep.trials[2]!;
    expect((child.runDefinition as { arguments: string[] }).arguments).toEqual([
      "--do",
      "log",
      "--x",
      String(values.x),
      "--y",
      values["--y"],
    ]);
    const { items } = await client().listRuns({ params: inWorkspace, query: { type: "hyperdrive" } });
    expect(items.map((each) => each.runId)).toContain(runId);

    const log = await textOf(runId, "azureml-logs/hyperdrive.txt");
    expect(
      log
        .split("\n")
        .slice(0, -1)
        .every((line) => /^\[\d{4}-\d\d-\d\dT[\d:.]+\]\[[A-Z]+\]\[(INFO|WARNING|ERROR)\]./.test(line)),
    ).toBe(true);
    for (const { runId: id } of sweep.trials) expect(log).toContain(`[SCHEDULER][INFO]Scheduling job, id='${id}'`);
    expect(log).toContain("Max number of jobs '4' reached for experiment.");
    expect(log).toContain("[CONTROLLER][INFO]Changing Run Status from Running to Completed");

    expect(await replayed(runId)).toMatchObject({ identical: true, suggestions: 4, difference: null });
    expect((await journal(runId)).map(({ number }) => number)).toEqual(Array.from({ length: sweep.entries }, (_, i) => i));
    const why = await client().whyRun({ params: { ...inWorkspace, runId } });
    expect(why.summary).toBe(`The sweep is over (Completed) after 4 trials. Trial ${best.trial} was the best, with ${best.score}.`);
    const whyTrial = await client().whyRun({ params: { ...inWorkspace, runId: `${runId}_1` } });
    expect(whyTrial.hints[0]).toContain(`Trial 1 of sweep ${runId}: the sampler chose {"x":`);
  });

  it("suggests the same again with the same seed, and draws one when none is given", async () => {
    const sweeps = await Promise.all([
      submit(sweepOf([x], { max_total_runs: 2 })),
      submit(sweepOf([x], { max_total_runs: 2, max_concurrent_runs: 1 })),
      submit(sweepOf([x], { max_total_runs: 2, sampling: { type: "random", parameter_space: [x] } })),
    ]);
    const [first, second, third] = await Promise.all(sweeps.map(({ runId }) => ended(runId)));
    expect(second!.trials.map(({ values }) => values)).toEqual(first!.trials.map(({ values }) => values));
    expect(third!.configuration.sampling.seed).not.toBeNull();
    expect(third!.trials.map(({ values }) => values)).not.toEqual(first!.trials.map(({ values }) => values));
  });

  it("asked for twice with one key is one sweep", async () => {
    const ask = { runId: "HD_once" };
    const [a, b] = await Promise.all([1, 2].map(() => submit(sweepOf([x], { max_total_runs: 1 }), [], ask)));
    expect([a!.runId, b!.runId]).toEqual(["HD_once", "HD_once"]);
    expect((await ended("HD_once")).trials).toHaveLength(1);
  });

  it("tells who waits as soon as its journal grows", async () => {
    await gated(async (words, open) => {
      const { runId } = await submit(sweepOf([x], { max_total_runs: 1 }), words);
      const before = await whenRunning(runId, 1);
      const waiting = client().getSweep({ params: { ...inWorkspace, runId }, query: { after: before.entries, waitSeconds: 60 } });
      const events = client().events({ params: inWorkspace, query: { run: runId }, signal: AbortSignal.timeout(200_000), onOpen: open });
      for await (const event of events) if (event.kind === "sweep") break;
      expect((await waiting).entries).toBeGreaterThan(before.entries);
      await ended(runId);
    });
  });
});

describe("a policy", () => {
  it("ends trials early: they are Canceled, and why says by which numbers", async () => {
    await gated(async (_, open) => {
      const space = [{ name: "x", expression: "choice", values: [10, 1, 9] }];
      const { runId } = await submit(
        sweepOf(space, {
          sampling: { type: "grid", parameter_space: space },
          policy: { type: "BanditPolicy", slack_factor: 0.2, evaluation_interval: 1 },
          max_concurrent_runs: 3,
        }),
        ["--do", "curve", "--gate", gate],
      );
      const stopped = await until(200, "the worst trial was stopped", async () => {
        const sweep = await lab.sweep(runId);
        return sweep.counts.stopped === 1 && sweep;
      });
      open();
      const sweep = await ended(runId);
      expect(sweep).toMatchObject({ status: "Completed", counts: { finished: 2, stopped: 1 }, best: { trial: 0, score: 10 } });
      const [trial] = stopped.trials.filter(({ state }) => state === "stopped");
      expect(trial).toMatchObject({ trial: 1, status: "Canceled", score: 1, decision: { decision: "stop" } });
      const at = trial!.decision!.interval;
      const child = await run(trial!.runId);
      expect(child).toMatchObject({ status: "Canceled", error: { code: "EarlyTermination" } });
      expect(child.error?.message).toMatch(new RegExp(`^BanditPolicy ended the trial at interval ${at}: .`));
      const why = await client().whyRun({ params: { ...inWorkspace, runId: trial!.runId } });
      expect(why.summary).toBe(child.error?.message);
      expect(why.hints.join("\n")).toMatch(new RegExp(`The policy ended it at interval ${at}: .*\\d`));
      const whyOther = await client().whyRun({ params: { ...inWorkspace, runId: `${runId}_0` } });
      expect(whyOther.hints.join("\n")).toMatch(/The policy let it go on at interval \d+: /);
      expect(await textOf(runId, "azureml-logs/hyperdrive.txt")).toMatch(
        new RegExp(`\\[ENFORCER\\]\\[INFO\\]Stopping job, id='${trial!.runId}', at interval '${at}'`),
      );
      const replay = await replayed(runId);
      expect(replay).toMatchObject({ identical: true, suggestions: 3 });
      expect(replay.decisions).toBeGreaterThanOrEqual(3);
      const report = await client().reportSweep({ params: { ...inWorkspace, runId } });
      expect(report).toMatchObject({ saved: { stopped: 1 }, importance: null });
      expect(report.trajectory.at(-1)).toMatchObject({ trial: 0, score: 10 });
      expect(report.curves.map(({ trial: number, values }) => [number, values[0]])).toEqual([
        [0, 10],
        [1, 1],
        [2, 9],
      ]);
    });
  });
});

it("is told by its trials, whose scores stay their own", () => expectToldAbove({ server: { client: client() }, target: "local" }));

describe("other samplers", () => {
  it.each(["bayesian", "sobol"])("%s: its journal says it all again", async (type) => {
    const { runId } = await submit(
      sweepOf([x], { sampling: { type, seed: 3, parameter_space: [x] }, max_total_runs: 5, max_concurrent_runs: 3 }),
    );
    const sweep = await ended(runId);
    expect(sweep).toMatchObject({ status: "Completed", counts: { finished: 5 } });
    expect(await replayed(runId)).toMatchObject({ identical: true, suggestions: 5 });
  });
});
