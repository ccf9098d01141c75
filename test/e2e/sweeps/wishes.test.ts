// What people wish of a sweep meanwhile: stop, cancel, resume, other limits, trials of their own, a warm start.
import { describe, expect, it, vi } from "vitest";
import { inWorkspace, sweepOf } from "../../support/sweeps.ts";
import { until } from "../../support/wait.ts";
import { sweepLab, x } from "./lab.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });
const lab = sweepLab();
const { client, ended, gated, journal, replayed, resume, run, stop, submit, textOf, whenRunning } = lab;

describe("wishes", () => {
  it("stop: no more trials are made, those that run end by themselves; resume: it goes on to its last", async () => {
    await gated(async (words, open) => {
      const { runId } = await submit(sweepOf([x], { max_total_runs: 3, max_concurrent_runs: 1 }), words);
      await whenRunning(runId, 1);
      expect((await stop(runId)).closed).toMatchObject({ because: "stopped", cancels: false });
      expect((await lab.sweep(runId)).status).toBe("Running");
      open();
      const stopped = await ended(runId);
      expect(stopped).toMatchObject({ status: "Completed", counts: { finished: 1 } });
      expect((await resume(runId)).status).toBe("Running");
      const resumed = await ended(runId);
      expect(resumed).toMatchObject({ status: "Completed", counts: { finished: 3 } });
      expect((await run(runId)).properties.best_child_run_id).toBe(resumed.best!.runId);
      await expect(resume(runId)).rejects.toThrow(/has had all of its 3 trials.*sweep extend/);
      await client().extendSweep({ params: { ...inWorkspace, runId }, body: { maxTotalRuns: 4 } });
      expect((await ended(runId)).counts.finished).toBe(4);
      expect(await replayed(runId)).toMatchObject({ identical: true, suggestions: 4 });
      const fresh = await ended((await submit(sweepOf([x]))).runId);
      expect((await lab.sweep(runId)).trials.map(({ values }) => values)).toEqual(fresh.trials.map(({ values }) => values));
    });
  });

  it("cancel: trials end Canceled with the reason; resume tries what was cut off again", async () => {
    await gated(async (words, open) => {
      const { runId } = await submit(sweepOf([x], { max_total_runs: 3 }), words);
      await whenRunning(runId, 2);
      const wished = await client().cancelRun({ params: { ...inWorkspace, runId }, body: { graceSeconds: 1 } });
      expect(wished.status).toBe("CancelRequested");
      const canceled = await ended(runId);
      expect(canceled).toMatchObject({ status: "Canceled", counts: { canceled: 2 } });
      expect((await run(`${runId}_0`)).error).toMatchObject({ code: "SweepClosed", message: "The sweep was canceled." });
      open();
      await resume(runId);
      const resumed = await ended(runId);
      expect(resumed).toMatchObject({ status: "Completed", counts: { canceled: 2, finished: 3 } });
      expect(resumed.trials.map(({ retryOf }) => retryOf)).toEqual([null, null, 0, 1, null]);
      expect(resumed.trials[2]!.values).toEqual(resumed.trials[0]!.values);
    });
  });

  it("limits: when the time is over, or the budget used up, what runs is stopped and the sweep ends", async () => {
    await gated(async (words) => {
      const [timed, budgeted] = await Promise.all([
        submit(sweepOf([x], { max_duration_minutes: 0.1 }), words),
        submit(sweepOf([x], { max_compute_hours: 0.0003 }), words),
      ]);
      const [time, budget] = await Promise.all([timed, budgeted].map(({ runId }) => ended(runId)));
      expect(time).toMatchObject({ status: "Completed", closed: { because: "duration" }, counts: { canceled: 2 } });
      expect(budget).toMatchObject({ status: "Completed", closed: { because: "budget" } });
      // what the trials' own machines measured, which is not to the tick what the server saw go by
      const trials = await Promise.all([0, 1].map((number) => run(`${budgeted.runId}_${number}`)));
      const seconds = trials.flatMap(({ attempts }) => attempts.map(({ durationSeconds }) => durationSeconds ?? 0));
      expect(budget!.computeHours * 3600).toBeCloseTo(seconds.reduce((sum, each) => sum + each));
      expect(budget!.computeHours).toBeGreaterThan(0.0001);
      expect((await run(`${timed.runId}_0`)).error?.message).toBe("The sweep took as long as it may (max_duration_minutes is 0.1).");
    });
  });

  it("an optimiser elsewhere asks for trials, each once, and hears what came of them", async () => {
    const { runId } = await submit(sweepOf([], { max_total_runs: 3 }), [], { generates: false });
    const add = (key: string, value: number) =>
      client().addTrials({ params: { ...inWorkspace, runId }, body: { trials: [{ key, values: { x: value } }] } });
    const [[one], [again], [two]] = [await add("a", 1.5), await add("a", 1.5), await add("b", 4)];
    expect([one!.trial, again!.trial, two!.trial]).toEqual([0, 0, 1]);
    const told = await until(200, "both are told of", async () => {
      const { trials } = await lab.sweep(runId);
      return trials.every(({ state }) => state === "finished") && trials;
    });
    expect(told.map(({ key, score, origin }) => [key, score, origin])).toEqual([
      ["a", 1.5, "asked"],
      ["b", 4, "asked"],
    ]);
    expect((await lab.sweep(runId)).status).toBe("Running");
    await add("c", 2);
    expect(await ended(runId)).toMatchObject({ status: "Completed", best: { trial: 1, score: 4 } });
    await expect(add("d", 3)).rejects.toThrow(/takes no more trials: it is over/);
    await expect(resume(runId)).rejects.toThrow(/has had all of its 3 trials.*--max-total-runs 6/);
    await expect(add("a", 1.5)).resolves.toMatchObject([{ trial: 0 }]);
    await expect(add("a", 2)).rejects.toThrow('The key "a" is that of trial 0, which tries {"x":1.5}; other values need another key.');
  });

  it("beside a space of the sweep's own, names and values that are none of it are taken and told", async () => {
    await gated(async (words, open) => {
      const { runId } = await submit(sweepOf([x], { max_total_runs: 3, max_concurrent_runs: 1 }), words);
      const trials = [{ values: { "--x": 4 } }, { values: { xx: 2 } }];
      const [meant, misspelt] = await client().addTrials({ params: { ...inWorkspace, runId }, body: { trials } });
      expect(meant).toMatchObject({ values: { x: 4 }, arguments: ["--x", "4.0"], warnings: [] });
      const told = expect.stringContaining('"xx" is no parameter of the sweep\'s space and goes to the script as it is; did you mean "x"?');
      expect(misspelt).toMatchObject({ arguments: ["--xx", "2"], warnings: [told, expect.stringContaining("outside")] });
      open();
      expect((await ended(runId)).trials[misspelt!.trial]).toMatchObject({ warnings: [told, {}] });
      const { hints } = await client().whyRun({ params: { ...inWorkspace, runId: misspelt!.runId } });
      expect(hints).toContainEqual(told);
    });
  });

  it("trials with names that are no arguments, and limits that are none, are refused", async () => {
    await gated(async (words, open) => {
      const { runId } = await submit(sweepOf([], { max_total_runs: 3 }), words, { generates: false });
      const add = (values: Record<string, number>) =>
        client().addTrials({ params: { ...inWorkspace, runId }, body: { trials: [{ values }] } });
      await expect(add({ "a b": 1 })).rejects.toThrow('"a b" cannot be the name of an argument; give it as --name');
      for (const name of ["", "--", "x=1"]) await expect(add({ [name]: 1 })).rejects.toThrow("cannot be the name of an argument");
      await expect(add({ x: 1, "--x": 2 })).rejects.toThrow('"--x" is in the trial twice');
      await expect(add({ do: 1 })).rejects.toThrow('"--do" is among the fixed arguments');
      const extend = (body: Record<string, number>) => client().extendSweep({ params: { ...inWorkspace, runId }, body });
      await expect(extend({ maxDurationMinutes: 0 })).rejects.toThrow(/maxDurationMinutes.*more than 0/);
      await expect(extend({ maxComputeHours: -1 })).rejects.toThrow(/maxComputeHours.*more than 0/);
      await expect(extend({ maxTotalRuns: 1e9 })).rejects.toThrow(/maxTotalRuns.*1,?000,?000/);
      expect(await lab.sweep(runId)).toMatchObject({ entries: 1, trials: [], closed: null });
      await lab.stop(runId);
      open();
    });
  });

  it("the sampler suggests to whoever asks, who tries it elsewhere: logged to its run, it counts as any other", async () => {
    const policy = { type: "BanditPolicy", slack_amount: 1 };
    const { runId } = await submit(sweepOf([x], { max_total_runs: 4, max_trial_retries: 1, policy }), [], { generates: false });
    const params = { ...inWorkspace, runId };
    const lend = (key: string) => client().lendTrial({ params, body: { key } });
    const told = async (trial: number, score: number, status?: "Completed" | "Failed") => {
      const ofTrial = { params: { ...inWorkspace, runId: `${runId}_${trial}` } };
      const line = { n: 1, t: 1, k: "m", name: "score", v: score };
      await client().logMetrics({ ...ofTrial, query: { writer: "w" }, body: new TextEncoder().encode(`${JSON.stringify(line)}\n`) });
      if (status !== undefined) await client().endRun({ ...ofTrial, body: { status } });
    };
    const [one, again, two, three] = [await lend("a"), await lend("a"), await lend("b"), await lend("c")];
    expect([one.trial, again.trial, two.trial, three.trial]).toEqual([0, 0, 1, 2]);
    expect(one).toMatchObject({ origin: "lent", status: "Running", values: { x: expect.any(Number) }, key: "a" });
    await told(0, 5, "Completed");
    await told(1, 1); // worse than the policy allows
    await told(2, 4.5, "Failed"); // and is not tried again here
    const when = (state: string, trial: number) =>
      until(100, `trial ${trial} is ${state}`, async () => (await lab.sweep(runId)).trials[trial]?.state === state);
    await Promise.all([when("finished", 0), when("stopped", 1), when("failed", 2)]);
    expect((await run(two.runId)).status).toBe("Canceled");
    await lend("d");
    await lab.stop(runId, true);
    const over = await ended(runId);
    expect(over).toMatchObject({ status: "Completed", best: { trial: 0, score: 5 } });
    expect(over.trials.map(({ state }) => state)).toEqual(["finished", "stopped", "failed", "canceled"]);
    expect(await lab.replayed(runId)).toMatchObject({ identical: true, suggestions: 4 });
    await expect(lend("e")).rejects.toThrow(/takes no more trials: it is over/);
    await expect(resume(runId)).rejects.toThrow(/has had all of its 4 trials/); // the canceled one is not ours to try again
    const { runId: spaceless } = await submit(sweepOf([]), [], { generates: false });
    await expect(client().lendTrial({ params: { ...inWorkspace, runId: spaceless }, body: {} })).rejects.toThrow(
      /has no space to suggest from/,
    );
    await lab.stop(spaceless);
  });

  it("warm start: earlier trials go on from their outputs, and earlier sweeps are known", async () => {
    const first = await ended((await submit(sweepOf([x], { max_total_runs: 2 }))).runId);
    const { runId } = await submit(
      sweepOf([x], { max_total_runs: 3, resume_from: [first.runId], resume_child_runs: [`${first.runId}_1`] }),
      [],
      // an input of the same name as the sweep's own
      { configuration: { dataReferences: { resume_from: { dataStoreName: "workspaceblobstore", pathOnDataStore: "none" } } } },
    );
    const sweep = await ended(runId);
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
