// Sweeps by the names of v1, against a real server: to their end, ended early, warm started, and gone wrong.
import { describe, expect, it, vi } from "vitest";
import { pythonSweepLab } from "./lab.ts";

vi.setConfig({ testTimeout: 800_000, hookTimeout: 300_000 });
const { desk, python } = pythonSweepLab();

describe("a sweep by the names of v1", () => {
  it("runs to its end, and tells of its children", async () => {
    const { said, stdout } = await python(`
hyperdrive_run = experiment.submit(config({"--level": choice(0.1, 0.2, 0.3, 0.4), "--kernel": choice("rbf")}), tags={"kind": "first"})
say(type(hyperdrive_run).__name__, hyperdrive_run.id.startswith("HD_"), hyperdrive_run.hyperdrive_config is not None)
details = hyperdrive_run.wait_for_completion(show_output=True)
assert hyperdrive_run.get_status() == "Completed"
best_run = hyperdrive_run.get_best_run_by_primary_metric()
say(best_run.get_details()["runDefinition"]["arguments"], type(best_run).__name__, best_run.get_metrics()["Accuracy"])
ordered = hyperdrive_run.get_children_sorted_by_primary_metric()
say([json.loads(each["hyperparameters"]) for each in ordered], [each["best_primary_metric"] for each in ordered], {each["status"] for each in ordered} == {"Completed"})
children = list(hyperdrive_run.get_children())
say(len(children), sorted(hyperdrive_run.get_hyperparameters()) == sorted(child.id for child in children) == sorted(hyperdrive_run.get_metrics()))
say(sorted(child.id[len(hyperdrive_run.id):] for child in children))
properties = hyperdrive_run.get_properties()
say(properties["best_child_run_id"] == best_run.id, properties["score"], properties["primary_metric_config"], properties["runTemplate"], properties["space_size"], hyperdrive_run.get_tags())
again = Run.get(ws, hyperdrive_run.id)
say(type(again).__name__, type(next(iter(experiment.get_runs(type="hyperdrive")))).__name__, again.hyperdrive_config, again.replay()["identical"])
say(HyperDriveRun(experiment, hyperdrive_run.id).best_trial().values, best_run.parent.id == hyperdrive_run.id)
model = best_run.register_model("swept", model_path="outputs/level.txt")
say(model.version, best_run.get_file_names())
say(sorted(again.get_diagnostics()), "SCHEDULER" in again.get_diagnostics()["log"])
RunDetails(again).show()
refused(again.fail)
`);
    expect(said[0]).toEqual(["HyperDriveRun", true, true]);
    expect(said[1]).toEqual([["--level", "0.4", "--kernel", "rbf"], "ScriptRun", [0.2, expect.closeTo(0.32), 0.4]]);
    expect(said[2]).toEqual([[0.4, 0.3, 0.2, 0.1].map((level) => ({ "--level": level, "--kernel": "rbf" })), [0.4, 0.3, 0.2, 0.1], true]);
    expect(said[3]).toEqual([4, true]);
    expect(said[4]).toEqual([["_0", "_1", "_2", "_3"]]);
    expect(said[5]).toEqual([true, "0.4", '{"name":"Accuracy","goal":"maximize"}', "HyperDrive", "4", { kind: "first" }]);
    expect(said[6]).toEqual(["HyperDriveRun", "HyperDriveRun", null, true]);
    expect(said[7]).toEqual([{ "--level": 0.4, "--kernel": "rbf" }, true]);
    expect(said[8]).toEqual([1, expect.arrayContaining(["outputs/level.txt"])]);
    expect(said[9]).toEqual([["closed", "counts", "error", "errors", "log", "status", "warnings"], true]);
    expect(said[10]).toEqual(["HyperDriveScenarioNotSupportedException", expect.stringContaining("cancel() stops it")]);
    expect(stdout).toContain("Streaming azureml-logs/hyperdrive.txt");
    expect(stdout).toMatch(/4 of at most 6 trials have ended; best Accuracy: 0\.4 \(trial \d\)/);
  });

  it("takes what an estimator and a configuration fix out of the way of what is sampled", async () => {
    const { said, stderr } = await python(`
estimator = Estimator(".", entry_script="train.py", script_params={"--kernel": "linear", "--penalty": 1.0, "--level": 0.5}, use_docker=False, user_managed=True, compute_target="local")
space = {"--kernel": choice("rbf"), "--penalty": choice(0.5)}
fixed = ScriptRunConfig(".", "train.py", ["--kernel", "linear", "--penalty", 1.0, "--level", 0.5], environment=mine)
older = HyperDriveRunConfig(estimator, RandomParameterSampling(space), "Accuracy", PrimaryMetricGoal.MAXIMIZE, 1)
for run in (experiment.submit(older), experiment.submit(config(space, run_config=fixed, max_total_runs=1))):
    run.wait_for_completion()
    say(run.get_best_run_by_primary_metric().get_details()["runDefinition"]["arguments"])
refused(lambda: experiment.submit(sweeps.SweepConfig(fixed, sweeps.RandomSampling(space), "Accuracy", "maximize", 1)))
`);
    const sampled = ["--level", "0.5", "--kernel", "rbf", "--penalty", "0.5"];
    expect(said.slice(0, 2)).toEqual([[sampled], [sampled]]);
    expect(said[2]).toEqual(["HyperDriveConfigException", expect.stringContaining('gives the argument "--kernel" to all trials')]);
    expect(stderr).toContain("--kernel, --penalty are in the parameter space as well");
  });

  it("gives every trial the data of the configuration", async () => {
    desk.write("data/one.txt", "0.25");
    desk.write(
      "read.py",
      "import os, sys\nfrom azureml.core import Run\nfolder, scale = sys.argv[2], float(sys.argv[4])\nRun.get_context().log('Accuracy', scale * float(open(os.path.join(folder, 'one.txt')).read()))\n",
    );
    const { said } = await python(`
store = ws.get_default_datastore()
store.upload("data", target_path="in", overwrite=True, show_progress=False)
dataset = Dataset.File.from_files(store.path("in/*.txt"))
for data in (dataset.as_named_input("mine").as_mount(), dataset.as_named_input("mine").as_download(), store.path("in").as_download()):
    estimator = Estimator(".", entry_script="read.py", script_params={"--data": data}, use_docker=False, user_managed=True, compute_target="local")
    run = experiment.submit(config(GridParameterSampling({"--scale": choice(1, 2)}), run_config=None, estimator=estimator))
    run.wait_for_completion()
    say([trial.score for trial in run.trials()], [type(child).__name__ for child in run.get_children()])
`);
    expect(said).toEqual(
      Array(3).fill([
        [0.25, 0.5],
        ["ScriptRun", "ScriptRun"],
      ]),
    );
  });

  it("ends trials early, and says why", async () => {
    const { said } = await python(`
patient = ScriptRunConfig(".", "train.py", ["--wait", "low"], environment=mine)
for policy in (BanditPolicy(slack_amount=0.2), MedianStoppingPolicy(), TruncationSelectionPolicy(50)):
    run = experiment.submit(config(GridParameterSampling({"--level": choice(0.9, 0.1)}), policy=policy, max_concurrent_runs=1, run_config=patient))
    run.wait_for_completion()
    first, second = run.trials()
    say(type(policy).__name__, first.state, second.state, second.status, second.details["decision"]["decision"], run.replay()["identical"])
    say(run.get_best_run_by_primary_metric(include_canceled=False).id == first.run_id, [each["status"] for each in run.get_children_sorted_by_primary_metric()])
`);
    const ended = ["finished", "stopped", "Canceled", "stop", true];
    const told = [true, ["Completed", "Canceled"]];
    expect(said).toEqual([
      ["BanditPolicy", ...ended],
      told,
      ["MedianStoppingPolicy", ...ended],
      told,
      ["TruncationSelectionPolicy", ...ended],
      told,
    ]);
  });

  it("begins with what earlier sweeps found, and goes on with their trials", async () => {
    const { said } = await python(`
space = {"--level": choice(0.1, 0.2)}
first = experiment.submit(config(space))
first.wait_for_completion()
child = next(child for child in first.get_children() if child.get_metrics()["Accuracy"][-1] == 0.2)
second = experiment.submit(config(space, resume_from=[first], resume_child_runs=[child], max_total_runs=3))
second.wait_for_completion()
continued = second.trials()[0]
say(continued.details["origin"], continued.details["continues"] == child.id, continued.values, continued.run.get_metrics()["begin"])
say(json.loads(second.get_properties()["resume_from"]) == [first.id])
refused(lambda: experiment.submit(config(space, resume_from=["HD_unknown"])))
refused(lambda: experiment.submit(config(space, resume_from=[child])))
refused(lambda: experiment.submit(config(space, resume_child_runs=[first])))
`);
    expect(said.slice(0, 2)).toEqual([["continued", true, { "--level": 0.2 }, 0.2], [true]]);
    for (const told of said.slice(2) as [string, string][]) {
      expect(told[0]).toMatch(/Exception$/);
      expect(told[1]).toMatch(/HD_/);
    }
    expect(said).toHaveLength(5);
  });

  it("says what went wrong", async () => {
    const { said, stderr } = await python(`
warnings.simplefilter("ignore")
refused(lambda: experiment.submit(config({"--level": choice(1)}, run_config=ScriptRunConfig(".", "absent.py", environment=mine))))
based = Estimator(".", entry_script="train.py", vm_size="STANDARD_D1_V2", use_docker=False)
refused(lambda: experiment.submit(config({"--level": choice(1)}, run_config=None, estimator=based)))
run = experiment.submit(config({"--level": choice(1, 2)}, run_config=ScriptRunConfig(".", "mute.py", environment=mine)))
details = run.wait_for_completion(raise_on_error=False)
say(run.get_best_run_by_primary_metric(), details["status"], details.get("error"), details["warnings"])
odd = experiment.submit(config(GridParameterSampling({"--how": choice("high", "nan,nan", "0.5,nan,0.25", "inf")}), run_config=ScriptRunConfig(".", "odd.py", environment=mine)))
details = odd.wait_for_completion(raise_on_error=False)
say(details["status"], [trial.score for trial in odd.trials()], odd.get_best_run_by_primary_metric().id == odd.id + "_2", details["warnings"], odd.replay()["identical"])
run = experiment.submit(config({"--fail": choice(1)}))
run.wait_for_completion(raise_on_error=False)
say(run.get_best_run_by_primary_metric(include_failed=False), run.get_best_run_by_primary_metric().get_status(), list(run.get_diagnostics()["errors"].values()))
for code in (lambda: Run.get(ws, run.id + "_0").trials, lambda: HyperDriveRun(experiment, run.id + "_0"), lambda: HyperDriveRun(experiment, "HD_none")): refused(code)
`);
    expect(said[0]).toEqual(["UserErrorException", expect.stringContaining('There is no script "absent.py"')]);
    expect(said[1]).toEqual([expect.stringMatching(/Exception$/), expect.stringContaining("cannot have a cluster of its own")]);
    const [missing] = (said[2] as [null, string, object, [string]])[3]; // of two trials the one that ended first
    expect(missing).toMatch(
      /^Trial [01] ended without the primary metric "Accuracy". It logged "los"; names are compared letter by letter.$/,
    );
    expect(said[2]).toEqual([null, "Failed", { code: "PrimaryMetricMissing", message: `No trial has a score: ${missing}` }, [missing]]);
    expect(said[3]).toEqual([
      "Completed",
      [null, null, 0.5, null],
      true,
      expect.arrayContaining([expect.stringContaining('"Accuracy" as text'), expect.stringContaining("nothing but NaN or infinity")]),
      true,
    ]);
    expect(said[4]).toEqual([null, "Failed", [{ code: "ExitCode", message: "The script exited with code 3." }]]);
    expect(said.slice(5)).toEqual([
      ["AttributeError", "'ScriptRun' object has no attribute 'trials'"],
      ["HyperDriveRehydrateException", expect.stringContaining("is no sweep but of the type azureml.scriptrun")],
      ["ServiceException", 'There is no run "HD_none".'],
    ]);
    expect(stderr).toBe("");
  });
});
