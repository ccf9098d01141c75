// Sweeps that cannot come to much: trials that fail, metrics that are none, what is refused.
import { describe, expect, it, vi } from "vitest";
import { inWorkspace, sendScript, submitSweep, sweepOf } from "../../support/sweeps.ts";
import { sweepLab, x } from "./lab.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });
const lab = sweepLab();
const { client, ended, replayed, run, submit } = lab;

describe("trials that fail", () => {
  it("are tried again as often as the sweep says, and all failing fails the sweep", async () => {
    const { runId } = await submit(sweepOf([x], { max_total_runs: 2, max_trial_retries: 1 }), ["--do", "fail"]);
    const sweep = await ended(runId);
    expect(sweep).toMatchObject({ status: "Completed", counts: { failed: 4 } }); // what was logged still counts (spec 06 §7)
    expect(sweep.trials.map(({ retryOf }) => retryOf).sort()).toEqual([0, 1, null, null]);
    expect(await replayed(runId)).toMatchObject({ identical: true });
    const report = await client().reportSweep({ params: { ...inWorkspace, runId } });
    expect(report.trajectory.at(-1)?.score).toBe(sweep.best?.score);
  });

  it("are replaced by others, but not for ever", async () => {
    const { runId } = await submit(sweepOf([x], { max_total_runs: 2, replace_failed_trials: true }), ["--do", "fail"]);
    expect((await ended(runId)).counts).toMatchObject({ failed: 4 });
  });
});

describe("trials that cannot start", () => {
  it("end the sweep after three of them, and the others are not tried", async () => {
    const environment = { python: { userManagedDependencies: true, interpreterPath: "/nowhere/python3" } };
    const wanted = sweepOf([x], { max_total_runs: 20, max_concurrent_runs: 1 });
    const { runId } = await submit(wanted, [], { environment });
    const sweep = await ended(runId);
    expect(sweep).toMatchObject({ status: "Failed", best: null, closed: { because: "failing" }, counts: { failed: 3 } });
    expect(sweep.error).toMatchObject({ code: "TrialsCannotStart", message: expect.stringMatching(/3 trials failed.*interpreter/) });
    expect(sweep.trials.length).toBeLessThanOrEqual(4);
    expect(await replayed(runId)).toMatchObject({ identical: true });
    await lab.resume(runId);
    expect(await ended(runId)).toMatchObject({ status: "Failed", counts: { failed: 6 } });
  });
});

describe("bad input", () => {
  const failed = async (doing: string, more = {}) => {
    const { runId } = await submit(sweepOf([x], { max_total_runs: 3, max_concurrent_runs: 3, ...more }), ["--do", doing]);
    return await ended(runId);
  };

  it("the primary metric is never logged: the names that were are told", async () => {
    const sweep = await failed("other");
    expect(sweep).toMatchObject({ status: "Failed", best: null, error: { code: "PrimaryMetricMissing" } });
    expect(sweep.warnings.join()).toMatch(/Trial \d ended without the primary metric "score"\. It logged "Score", "loss"/);
    expect(sweep.error?.message).toContain('It logged "Score", "loss"');
    expect((await run(sweep.runId)).properties).toMatchObject({ best_metric_status: "Failed" });
    for (const { trial, runId } of sweep.trials) {
      const { hints } = await client().whyRun({ params: { ...inWorkspace, runId } });
      expect(hints.join()).toContain(`Trial ${trial} ended without the primary metric "score". It logged "Score", "loss"`);
    }
  });

  it("it is logged for the sweep in place of the trial: that is the sweep's, and no trial's score", async () => {
    const sweep = await failed("parent");
    expect(sweep.error?.message).toContain("It logged no metric at all");
    expect(sweep.error?.message).toContain("What run.parent.log says is the sweep's own");
    const metrics = await client().listMetrics({ params: { ...inWorkspace, runId: sweep.runId } });
    expect(metrics.filter(({ runId }) => runId === sweep.runId)).toMatchObject([{ name: "score", count: 3 }]);
  });

  it("it is logged as text, or as NaN", async () => {
    const [text, nan] = await Promise.all([failed("text"), failed("nan")]);
    expect(text).toMatchObject({ status: "Failed", best: null });
    expect(text.error?.message).toMatch(/logged the primary metric "score" as text.*Log a number/);
    expect(nan).toMatchObject({ status: "Failed", best: null });
    expect(nan.error?.message).toMatch(/nothing but NaN or infinity/);
    const why = await client().whyRun({ params: { ...inWorkspace, runId: text.trials[2]!.runId } }); // of the first, the sweep has told
    expect(why.hints.join()).toMatch(/Trial 2 logged the primary metric "score" as text/);
  });

  it("a script that ignores its arguments: all trials come to the same, and that is told", async () => {
    const sweep = await failed("same");
    expect(sweep).toMatchObject({ status: "Completed", best: { trial: 0, score: 0.5 } });
    expect(sweep.warnings.join()).toMatch(/All 3 trials came to the same "score", 0\.5, whatever their values\. Does the script read x\?/);
  });

  it("a grid of a million points with 20 runs has 20 of them, each another", async () => {
    const numbers = Array.from({ length: 1000 }, (_, i) => i);
    const space = ["x", "z"].map((name) => ({ name, expression: "choice", values: numbers }));
    const { runId } = await submitSweep(client(), {
      snapshotId: await sendScript(
        client(),
        "train.py",
        'import sys\nfrom azureml.core import Run\nRun.get_context().log("score", float(sys.argv[2]))\n',
      ),
      sweep: sweepOf(space, { sampling: { type: "grid", parameter_space: space }, max_total_runs: 20, max_concurrent_runs: 8 }),
    });
    const sweep = await ended(runId);
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
    const [some] = after.items.filter(({ runType }) => runType === "hyperdrive");
    await expect(lab.sweep("HD_none")).rejects.toThrow(/no run "HD_none"/);
    await expect(lab.sweep(`${some!.runId}_0`)).rejects.toThrow(/is no sweep/);
    const end = client().endRun({ params: { ...inWorkspace, runId: some!.runId }, body: { status: "Completed" } });
    await expect(end).rejects.toThrow(/is a sweep, which ends with its trials/);
  });
});
