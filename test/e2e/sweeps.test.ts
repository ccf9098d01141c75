// Sweeps over HTTP, on this machine: from submit to the end, what people wish meanwhile, and bad input.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NumberedEntry, Sweep } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { LiveServer } from "../support/liveServer.ts";
import { endedSweep, getSweep, inWorkspace, sendScript, submitSweep, sweepOf, uniform } from "../support/sweeps.ts";
import { until } from "../support/wait.ts";

vi.setConfig({ testTimeout: 120_000 });

/** Does as its arguments say: which script a test meets is said by the test. */
const TRAIN = `
import argparse, math, os, sys, time
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--x", type=float, default=0.0)
parser.add_argument("--y", default="")
parser.add_argument("--do", default="log")
parser.add_argument("--gate", default="")
parser.add_argument("--resume-from", default="")
args = parser.parse_args()
run = Run.get_context()
if args.do == "log":
    run.log("score", args.x - 1)
    run.log("score", args.x)
    run.log("score", args.x - 2)
elif args.do == "other":
    run.log("Score", args.x)
    run.log("loss", args.x)
elif args.do == "text":
    run.log("score", str(args.x))
elif args.do == "nan":
    run.log("score", math.nan)
elif args.do == "same":
    run.log("score", 0.5)
elif args.do == "fail":
    run.log("score", args.x)
    sys.exit(3)
elif args.do == "wait":
    run.log("score", args.x)
    end = time.monotonic() + 100
    open(os.path.join(args.gate, "at-" + os.environ["AZUREML_RUN_ID"]), "w").close()
    while not os.path.exists(os.path.join(args.gate, "open")) and time.monotonic() < end:
        time.sleep(0.02)
elif args.do == "curve":
    end = time.monotonic() + 100
    while not os.path.exists(os.path.join(args.gate, "open")) and time.monotonic() < end:
        run.log("score", args.x)
        time.sleep(0.1)
os.makedirs("outputs", exist_ok=True)
with open("outputs/x.txt", "w") as file:
    file.write(str(args.x))
if args.resume_from:
    print("resumes from", sorted(os.listdir(args.resume_from)), open(os.path.join(args.resume_from, "x.txt")).read())
print("arguments", sys.argv[1:])
`;

const server = new LiveServer();
const client = () => server.client;
const gate = mkdtempSync(join(tmpdir(), "switchyard-gate-"));
let train: string;
beforeAll(async () => {
  await server.start();
  train = await sendScript(client(), "train.py", TRAIN);
});
afterAll(async () => {
  await server.close();
  rmSync(gate, { recursive: true, force: true });
});

const x = uniform("x", 0, 10);
const submit = (sweep: ReturnType<typeof sweepOf>, words: readonly string[] = [], more: object = {}) =>
  submitSweep(client(), { snapshotId: train, sweep, arguments: words, ...more });
const run = (runId: string) => client().getRun({ params: { ...inWorkspace, runId } });
const textOf = async (runId: string, path: string) =>
  await (await client().readRunFile({ params: { ...inWorkspace, runId, path } })).text();
const journal = async (runId: string): Promise<NumberedEntry[]> =>
  (await client().readSweepJournal({ params: { ...inWorkspace, runId }, query: { limit: 10_000 } })).entries;
const replayed = (runId: string) => client().replaySweep({ params: { ...inWorkspace, runId } });
const stop = (runId: string, cancelRunning = false) => client().stopSweep({ params: { ...inWorkspace, runId }, body: { cancelRunning } });
const resume = (runId: string) => client().resumeSweep({ params: { ...inWorkspace, runId }, body: {} });
const whenRunning = (runId: string, trials: number): Promise<Sweep> =>
  until(60, `${trials} trials of ${runId} wait at the gate`, async () => {
    const at = readdirSync(gate).filter((name) => name.startsWith(`at-${runId}_`)).length;
    return at >= trials && (await getSweep(client(), runId));
  });

/** A sweep whose trials wait at a gate of its own until `open`. */
async function gated<T>(act: (words: string[], open: () => void) => Promise<T>): Promise<T> {
  const open = join(gate, "open");
  rmSync(open, { force: true });
  try {
    return await act(["--do", "wait", "--gate", gate], () => writeFileSync(open, ""));
  } finally {
    writeFileSync(open, "");
  }
}

describe("a sweep", () => {
  it("runs its trials, says which was best, and its journal says it all again", async () => {
    const { runId } = await submit(sweepOf([x, { name: "--y", expression: "choice", values: ["a", "b"] }]), ["--do", "log"]);
    expect(runId).toMatch(/^HD_[0-9a-f-]{36}$/);
    const sweep = await endedSweep(client, runId);
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
    const [first, second, third] = await Promise.all(sweeps.map(({ runId }) => endedSweep(client, runId)));
    expect(second!.trials.map(({ values }) => values)).toEqual(first!.trials.map(({ values }) => values));
    expect(third!.configuration.sampling.seed).not.toBeNull();
    expect(third!.trials.map(({ values }) => values)).not.toEqual(first!.trials.map(({ values }) => values));
  });

  it("asked for twice with one key is one sweep", async () => {
    const ask = { runId: "HD_once" };
    const [a, b] = await Promise.all([1, 2].map(() => submit(sweepOf([x], { max_total_runs: 1 }), [], ask)));
    expect([a!.runId, b!.runId]).toEqual(["HD_once", "HD_once"]);
    expect((await endedSweep(client, "HD_once")).trials).toHaveLength(1);
  });

  it("tells who waits as soon as its journal grows", async () => {
    await gated(async (words, open) => {
      const { runId } = await submit(sweepOf([x], { max_total_runs: 1 }), words);
      const before = await whenRunning(runId, 1);
      const waiting = client().getSweep({ params: { ...inWorkspace, runId }, query: { after: before.entries, waitSeconds: 60 } });
      const events = client().events({ params: inWorkspace, query: { run: runId }, signal: AbortSignal.timeout(60_000), onOpen: open });
      for await (const event of events) if (event.kind === "sweep") break;
      expect((await waiting).entries).toBeGreaterThan(before.entries);
      await endedSweep(client, runId);
    });
  });
});

describe("wishes", () => {
  it("stop: no more trials are made, those that run end by themselves; resume: it goes on to its last", async () => {
    await gated(async (words, open) => {
      const { runId } = await submit(sweepOf([x], { max_total_runs: 3, max_concurrent_runs: 1 }), words);
      await whenRunning(runId, 1);
      expect((await stop(runId)).closed).toMatchObject({ because: "stopped", cancels: false });
      expect((await getSweep(client(), runId)).status).toBe("Running");
      open();
      const stopped = await endedSweep(client, runId);
      expect(stopped).toMatchObject({ status: "Completed", counts: { finished: 1 } });
      expect((await resume(runId)).status).toBe("Running");
      const resumed = await endedSweep(client, runId);
      expect(resumed).toMatchObject({ status: "Completed", counts: { finished: 3 } });
      expect((await run(runId)).properties.best_child_run_id).toBe(resumed.best!.runId);
      await expect(resume(runId)).rejects.toThrow(/has had all of its 3 trials.*sweep extend/);
      await client().extendSweep({ params: { ...inWorkspace, runId }, body: { maxTotalRuns: 4 } });
      expect((await endedSweep(client, runId)).counts.finished).toBe(4);
      expect(await replayed(runId)).toMatchObject({ identical: true, suggestions: 4 });
      const fresh = await endedSweep(client, (await submit(sweepOf([x]))).runId);
      expect((await getSweep(client(), runId)).trials.map(({ values }) => values)).toEqual(fresh.trials.map(({ values }) => values));
    });
  });

  it("cancel: trials end Canceled with the reason; resume tries what was cut off again", async () => {
    await gated(async (words, open) => {
      const { runId } = await submit(sweepOf([x], { max_total_runs: 3 }), words);
      await whenRunning(runId, 2);
      const wished = await client().cancelRun({ params: { ...inWorkspace, runId }, body: { graceSeconds: 1 } });
      expect(wished.status).toBe("CancelRequested");
      const canceled = await endedSweep(client, runId);
      expect(canceled).toMatchObject({ status: "Canceled", counts: { canceled: 2 } });
      expect((await run(`${runId}_0`)).error).toMatchObject({ code: "SweepClosed", message: "The sweep was canceled." });
      open();
      await resume(runId);
      const resumed = await endedSweep(client, runId);
      expect(resumed).toMatchObject({ status: "Completed", counts: { canceled: 2, finished: 3 } });
      expect(resumed.trials.map(({ retryOf }) => retryOf)).toEqual([null, null, 0, 1, null]);
      expect(resumed.trials[2]!.values).toEqual(resumed.trials[0]!.values);
    });
  });

  it("limits: when the time is over, or the budget used up, what runs is stopped and the sweep ends", async () => {
    await gated(async (words) => {
      const [timed, budgeted] = await Promise.all([
        submit(sweepOf([x], { max_duration_minutes: 0.03 }), words),
        submit(sweepOf([x], { max_compute_hours: 0.0003 }), words),
      ]);
      const [time, budget] = await Promise.all([timed, budgeted].map(({ runId }) => endedSweep(client, runId)));
      expect(time).toMatchObject({ status: "Completed", closed: { because: "duration" }, counts: { canceled: 2 } });
      expect(budget).toMatchObject({ status: "Completed", closed: { because: "budget" } });
      expect(budget!.computeHours).toBeGreaterThan(0.0003);
      expect((await run(`${timed.runId}_0`)).error?.message).toBe("The sweep took as long as it may (max_duration_minutes is 0.03).");
    });
  });

  it("an optimiser elsewhere asks for trials, each once, and hears what came of them", async () => {
    const { runId } = await submit(sweepOf([], { max_total_runs: 3 }), [], { generates: false });
    const add = (key: string, value: number) =>
      client().addTrials({ params: { ...inWorkspace, runId }, body: { trials: [{ key, values: { x: value } }] } });
    const [[one], [again], [two]] = [await add("a", 1.5), await add("a", 1.5), await add("b", 4)];
    expect([one!.trial, again!.trial, two!.trial]).toEqual([0, 0, 1]);
    const told = await until(60, "both are told of", async () => {
      const { trials } = await getSweep(client(), runId);
      return trials.every(({ state }) => state === "finished") && trials;
    });
    expect(told.map(({ key, score, origin }) => [key, score, origin])).toEqual([
      ["a", 1.5, "asked"],
      ["b", 4, "asked"],
    ]);
    expect((await getSweep(client(), runId)).status).toBe("Running");
    await add("c", 2);
    expect(await endedSweep(client, runId)).toMatchObject({ status: "Completed", best: { trial: 1, score: 4 } });
    await expect(add("d", 3)).rejects.toThrow(/takes no more trials: it is over/);
    await expect(add("a", 1.5)).resolves.toMatchObject([{ trial: 0 }]);
  });

  it("warm start: earlier trials go on from their outputs, and earlier sweeps are known", async () => {
    const first = await endedSweep(client, (await submit(sweepOf([x], { max_total_runs: 2 }))).runId);
    const { runId } = await submit(
      sweepOf([x], { max_total_runs: 3, resume_from: [first.runId], resume_child_runs: [`${first.runId}_1`] }),
    );
    const sweep = await endedSweep(client, runId);
    expect(sweep.trials.map(({ origin }) => origin)).toEqual(["continued", "sampler", "sampler"]);
    expect(sweep.trials[0]).toMatchObject({ continues: `${first.runId}_1`, values: first.trials[1]!.values });
    expect(await textOf(`${runId}_0`, "azureml-logs/80_driver_log.txt")).toContain(`resumes from ['x.txt'] ${first.trials[1]!.values.x}`);
    const [, prior] = await journal(runId);
    expect(prior!.entry).toMatchObject({ kind: "prior", from: first.runId, trials: [{ score: first.trials[0]!.score }, {}] });
    expect((await run(runId)).properties.resume_from).toBe(JSON.stringify([first.runId]));
    await expect(submit(sweepOf([x], { resume_from: ["HD_none"] }))).rejects.toThrow(/no sweep "HD_none"/);
    await expect(submit(sweepOf([x], { resume_child_runs: [first.runId] }))).rejects.toThrow(/is no trial of a sweep/);
    await expect(submit(sweepOf([x], { resume_from: [first.runId], primary_metric_goal: "minimize" }))).rejects.toThrow(
      /cannot be compared/,
    );
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
      const stopped = await until(60, "the worst trial was stopped", async () => {
        const sweep = await getSweep(client(), runId);
        return sweep.counts.stopped === 1 && sweep;
      });
      open();
      const sweep = await endedSweep(client, runId);
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

describe("other samplers", () => {
  it.each(["bayesian", "sobol"])("%s: its journal says it all again", async (type) => {
    const { runId } = await submit(
      sweepOf([x], { sampling: { type, seed: 3, parameter_space: [x] }, max_total_runs: 5, max_concurrent_runs: 3 }),
    );
    const sweep = await endedSweep(client, runId);
    expect(sweep).toMatchObject({ status: "Completed", counts: { finished: 5 } });
    expect(await replayed(runId)).toMatchObject({ identical: true, suggestions: 5 });
  });
});

describe("trials that fail", () => {
  it("are tried again as often as the sweep says, and all failing fails the sweep", async () => {
    const { runId } = await submit(sweepOf([x], { max_total_runs: 2, max_trial_retries: 1 }), ["--do", "fail"]);
    const sweep = await endedSweep(client, runId);
    expect(sweep).toMatchObject({ status: "Completed", counts: { failed: 4 } }); // what was logged still counts (spec 06 §7)
    expect(sweep.trials.map(({ retryOf }) => retryOf).sort()).toEqual([0, 1, null, null]);
    expect(await replayed(runId)).toMatchObject({ identical: true });
  });

  it("are replaced by others, but not for ever", async () => {
    const { runId } = await submit(sweepOf([x], { max_total_runs: 2, replace_failed_trials: true }), ["--do", "fail"]);
    expect((await endedSweep(client, runId)).counts).toMatchObject({ failed: 4 });
  });
});

describe("bad input", () => {
  const failed = async (doing: string, more = {}) => {
    const { runId } = await submit(sweepOf([x], { max_total_runs: 3, max_concurrent_runs: 3, ...more }), ["--do", doing]);
    return await endedSweep(client, runId);
  };

  it("the primary metric is never logged: the names that were are told", async () => {
    const sweep = await failed("other");
    expect(sweep).toMatchObject({ status: "Failed", best: null, error: { code: "PrimaryMetricMissing" } });
    expect(sweep.warnings.join()).toMatch(/Trial \d ended without the primary metric "score"\. It logged "Score", "loss"/);
    expect(sweep.error?.message).toContain('It logged "Score", "loss"');
    expect((await run(sweep.runId)).properties).toMatchObject({ best_metric_status: "Failed" });
  });

  it("it is logged as text, or as NaN", async () => {
    const [text, nan] = await Promise.all([failed("text"), failed("nan")]);
    expect(text).toMatchObject({ status: "Failed", best: null });
    expect(text.error?.message).toMatch(/logged the primary metric "score" as text.*Log a number/);
    expect(nan).toMatchObject({ status: "Failed", best: null });
    expect(nan.error?.message).toMatch(/nothing but NaN or infinity/);
  });

  it("a script that ignores its arguments: all trials come to the same, and that is told", async () => {
    const sweep = await failed("same");
    expect(sweep).toMatchObject({ status: "Completed", best: { trial: 0, score: 0.5 } });
    expect(sweep.warnings.join()).toMatch(/All 3 trials came to the same "score", 0\.5, whatever their values\. Does the script read x\?/);
  });

  it("a grid of a million points with 20 runs has 20 of them, each another", async () => {
    const numbers = Array.from({ length: 1000 }, (_, i) => i);
    const space = ["x", "z"].map((name) => ({ name, expression: "choice", values: numbers }));
    const began = performance.now();
    const { runId } = await submitSweep(client(), {
      snapshotId: await sendScript(
        client(),
        "train.py",
        'import sys\nfrom azureml.core import Run\nRun.get_context().log("score", float(sys.argv[2]))\n',
      ),
      sweep: sweepOf(space, { sampling: { type: "grid", parameter_space: space }, max_total_runs: 20, max_concurrent_runs: 8 }),
    });
    expect(performance.now() - began).toBeLessThan(5000);
    const sweep = await endedSweep(client, runId, 90);
    expect(sweep).toMatchObject({ status: "Completed", spaceSize: "1000000", counts: { finished: 20 } });
    expect(new Set(sweep.trials.map(({ values }) => JSON.stringify(values))).size).toBe(20);
  });

  it("is refused with the reason, and nothing is kept of it", async () => {
    const before = await client().listRuns({ params: inWorkspace, query: { limit: 1000 } });
    await expect(submit(sweepOf([x]), ["--x", "1"])).rejects.toThrow(/gives the argument "--x" to all trials/);
    await expect(submit(sweepOf([x]), [], { target: "amlcompute" })).rejects.toThrow(/cannot have a cluster of its own.*Create a cluster/s);
    await expect(submit(sweepOf([x]), [], { target: "nowhere" })).rejects.toThrow(/no compute target "nowhere"/);
    await expect(submit(sweepOf([x]), [], { script: "trian.py" })).rejects.toThrow(/Did you mean "train.py"/);
    await expect(submit(sweepOf([]))).rejects.toThrow(/the space has no parameter/);
    await expect(submit(sweepOf([{ name: "x", expression: "unifrom", values: [0, 1] }]))).rejects.toThrow(/uniform/);
    const after = await client().listRuns({ params: inWorkspace, query: { limit: 1000 } });
    expect(after.items.length).toBe(before.items.length);
    await expect(getSweep(client(), "HD_none")).rejects.toThrow(/no run "HD_none"/);
    const [other] = after.items.filter(({ runType }) => runType !== "hyperdrive");
    if (other !== undefined) await expect(getSweep(client(), other.runId)).rejects.toThrow(/is no sweep/);
    const [sweep] = after.items.filter(({ runType }) => runType === "hyperdrive");
    const end = client().endRun({ params: { ...inWorkspace, runId: sweep!.runId }, body: { status: "Completed" } });
    await expect(end).rejects.toThrow(/is a sweep, which ends with its trials/);
    expect(existsSync(server.home)).toBe(true);
  });
});
