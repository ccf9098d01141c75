// Sweeps from Python against a real server: by the names of v1 and by our own, to their end, warm started, and driven by Optuna.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Desk } from "../support/desk.ts";
import { blocksOf } from "../support/guide.ts";
import { LiveServer } from "../support/liveServer.ts";
import { testPython } from "../support/testPython.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });
const server = new LiveServer();
const desk = new Desk();
beforeAll(async () => {
  await server.start();
  desk.write("train.py", TRAIN);
  desk.write(
    "odd.py",
    "import sys\nfrom azureml.core import Run\nfor each in sys.argv[2].split(','):\n  Run.get_context().log('Accuracy', float(each) if each != 'high' else each)\n",
  );
  desk.write("mute.py", "from azureml.core import Run\nRun.get_context().log('los', 1)\n");
});
afterAll(async () => {
  await server.close();
  await desk.close();
});

const REPOSITORY = resolve(import.meta.dirname, "../..");
/** Three values on the way to its level; `--fail` makes it fall, `--resume-from` goes on from what was kept. */
const TRAIN = `
import argparse, os
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--level", type=float, default=0)
parser.add_argument("--kernel", default="none")
parser.add_argument("--penalty", default="none")
parser.add_argument("--bonus", type=float, default=0)
parser.add_argument("--mode", default="")
parser.add_argument("--fail", type=int, default=0)
parser.add_argument("--wait", default="")
parser.add_argument("--resume-from")
args = parser.parse_args()
run = Run.get_context()
begin = 0.0
if args.resume_from:
    begin = float(open(os.path.join(args.resume_from, "outputs", "level.txt")).read() if os.path.isdir(os.path.join(args.resume_from, "outputs")) else open(os.path.join(args.resume_from, "level.txt")).read())
run.log("begin", begin)
for part in (0.5, 0.8, 1.0):
    run.log("Accuracy", begin + part * (args.level + args.bonus))
os.makedirs("outputs", exist_ok=True)
open("outputs/level.txt", "w").write(str(args.level))
if args.wait and (args.wait != "low" or args.level < 0.5):
    import time
    until = time.time() + 100
    while not os.path.exists(args.wait) and time.time() < until: time.sleep(0.05)
if args.fail: raise SystemExit(3)
`;
const PREAMBLE = `
import json, os, sys, warnings
from azureml.core import *
from azureml.core import Environment, Experiment, Run, ScriptRunConfig, Workspace
from azureml.exceptions import *
from azureml.train.estimator import Estimator
from azureml.train.hyperdrive import *
from azureml.train.hyperdrive.exceptions import *
from azureml.widgets import RunDetails
from switchyard_client import sweeps
ws = Workspace.get("default")
mine = Environment("mine")
mine.python.user_managed_dependencies = True
mine.python.interpreter_path = "python3"
experiment = Experiment(ws, "sweeps")
src = ScriptRunConfig(".", "train.py", environment=mine)
def config(space, **more):
    given = dict(run_config=src, primary_metric_name="Accuracy", primary_metric_goal=PrimaryMetricGoal.MAXIMIZE, max_total_runs=6, max_concurrent_runs=3)
    given.update(more)
    return HyperDriveConfig(RandomParameterSampling(space) if isinstance(space, dict) else space, **given)
def say(*told): print("SAYS " + json.dumps(told), flush=True)
def refused(act):
    try: act()
    except Exception as error: say(type(error).__name__, str(error))
    else: say("not refused")
`;

async function python(code: string, program = "python3"): Promise<{ said: unknown[]; stdout: string; stderr: string }> {
  const env = { ...process.env, PYTHONPATH: resolve(REPOSITORY, "python"), PYTHONDONTWRITEBYTECODE: "1", SWITCHYARD_HOME: server.home };
  const { stdout, stderr } = await promisify(execFile)(program, ["-c", PREAMBLE + code], { env, cwd: desk.project, timeout: 220_000 });
  const lines = stdout.split("\n").filter((line) => line.startsWith("SAYS "));
  return { said: lines.map((line) => JSON.parse(line.slice(5)) as unknown), stdout, stderr };
}

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

describe("a sweep by our own rules", () => {
  it("has nested choices and conditions, and draws the same from the same seed", async () => {
    const { said } = await python(`
space = {
    "model": choice({"--kernel": choice("rbf"), "--level": uniform(0, 1)}, {"--kernel": choice("tree"), "--penalty": randint(9)}),
    "--bonus": sweeps.only_when(choice(0.5), "--mode", ["x"]),
    "--mode": choice("", "x"),
}
def drawn(**more):
    made = sweeps.SweepConfig(src, sweeps.RandomSampling(space, seed=3), "Accuracy", "maximize", 6, 6, **more)
    run = experiment.submit(made)
    run.wait_for_completion()
    return run
one, two = drawn(), drawn(max_trial_retries=1)
say([trial.values for trial in one.trials()] == [trial.values for trial in two.trials()], one.configuration["sampling"]["seed"])
for trial in one.trials():
    values = trial.values
    say(values["--kernel"], "--level" in values, "--penalty" in values, ("--bonus" in values) == (values["--mode"] == "x"))
`);
    expect(said[0]).toEqual([true, 3]);
    expect(said).toHaveLength(7);
    for (const told of said.slice(1)) {
      expect([
        ["rbf", true, false, true],
        ["tree", false, true, true],
      ]).toContainEqual(told);
    }
  });

  it("is stopped, goes on and is extended", async () => {
    const { said } = await python(`
made = sweeps.SweepConfig(src, sweeps.SobolSampling({"--level": uniform(0, 1)}, seed=1), "Accuracy", "maximize", 3, 1)
run = experiment.submit(made)
run.wait_for_completion()
say(len(run.trials()), run.get_status())
run.extend(max_total_runs=5)
run.wait_for_completion()
say(len(run.trials()), run.get_status())
refused(lambda: run.extend(max_total_runs=2))
refused(run.resume)
waiting = experiment.submit(sweeps.SweepConfig(src, sweeps.RandomSampling({"--wait": choice("never-there")}), "Accuracy", "maximize", 1))
while not waiting.trials() or waiting.trials()[0].intervals < 3: pass
say(waiting.cancel())
say(waiting.wait_for_completion()["status"], [trial.state for trial in waiting.trials()], waiting.best_trial().number)
say([entry["entry"]["kind"] for entry in waiting.journal()][0], waiting.replay()["identical"])
`);
    expect(said.slice(0, 2)).toEqual([
      [3, "Completed"],
      [5, "Completed"],
    ]);
    expect(said[2]).toEqual(["HyperDriveConfigException", expect.stringContaining("max_total_runs cannot become 2")]);
    expect(said[3]).toEqual([expect.any(String), expect.stringContaining("had all of its 5 trials")]);
    expect(said.slice(4)).toEqual([[true], ["Canceled", ["canceled"], 0], ["began", true]]);
  });

  it("tries values of one's own, each once however often it is asked for", async () => {
    const { said } = await python(`
run = experiment.submit(sweeps.SweepConfig(src, None, "Accuracy", "maximize", 3))
first = run.ask({"--level": 0.5}, key="a")
again = run.ask({"--level": 0.5}, key="a")
say(first.number == again.number, first.wait().score, first.state, first.arguments, first.run.get_details()["runDefinition"]["arguments"])
both = [trial.wait() for trial in run.ask_all([{"--level": 0.25}, {"--fail": 1}])]
say([trial.state for trial in both], both[1].score)
refused(lambda: run.ask({"--level": 1}))
say(run.wait_for_completion()["status"])
refused(lambda: run.ask({"--level": 1}))
fixed = ScriptRunConfig(".", "train.py", ["--level", 1], environment=mine)
other = experiment.submit(sweeps.SweepConfig(fixed, None, "Accuracy", "maximize", 1))
refused(lambda: other.ask({"--level": 1}))
often = experiment.submit(sweeps.SweepConfig(src, None, "Accuracy", "maximize", 2, max_trial_retries=1))
told = []
proposals = iter([("falls", {"--fail": 1, "--level": 0.5}), ("stands", {"--level": 0.25})])
often.drive(lambda: next(proposals, None), lambda name, trial: told.append((name, trial.state, trial.number > 1 or name == "stands", trial.score)), at_once=2)
say(sorted(told), often.wait_for_completion()["status"], [trial.details["retryOf"] for trial in often.trials()].count(None))
with experiment.start_logging(snapshot_directory=None) as parent:
    child = parent.submit_child(config({"--level": choice(1)}))
    say(type(child).__name__, child.parent.id == parent.id, child.wait_for_completion()["status"], [each.id for each in parent.get_children()] == [child.id])
other.stop()
say(other.wait_for_completion(raise_on_error=False)["status"])
`);
    expect(said[0]).toEqual([true, 0.5, "finished", ["--level", "0.5"], ["--level", "0.5"]]);
    expect(said[1]).toEqual([["finished", "failed"], 0]);
    expect(said[2]).toEqual([expect.any(String), expect.stringMatching(/may have 0 more trials|takes no more trials/)]);
    expect(said[3]).toEqual(["Completed"]);
    expect(said[4]).toEqual([expect.any(String), expect.stringMatching(/takes no more trials/)]);
    expect(said[5]).toEqual([expect.any(String), expect.stringContaining('"--level" is among the fixed arguments')]);
    const told = [
      ["falls", "failed", true, 0.5],
      ["stands", "finished", true, 0.25],
    ];
    expect(said[6]).toEqual([told, "Completed", 2]);
    expect(said[7]).toEqual(["HyperDriveRun", true, "Completed", true]);
    expect(said).toHaveLength(9);
  });

  it("is driven by Optuna, which goes on after it was cut off", async () => {
    const tune = resolve(REPOSITORY, "examples/optuna/tune.py");
    const env = { ...process.env, PYTHONPATH: resolve(REPOSITORY, "python"), PYTHONDONTWRITEBYTECODE: "1", SWITCHYARD_HOME: server.home };
    const run = async (...words: string[]) =>
      (await promisify(execFile)(testPython(), [tune, ...words], { env, cwd: desk.project, timeout: 200_000 })).stdout;
    const stdout = await run("--trials", "8", "--at-once", "4");
    expect(stdout).toMatch(/^Best: \S+ with \{'--rate': .*'--batch': \d+\}, run HD_[0-9a-f-]+_\d$/m);
    const id = /The sweep is (\S+)/.exec(stdout)![1]!;
    const { said } = await python(`
run = Run.get(ws, ${JSON.stringify(id)})
trials = run.trials()
say(run.get_status(), len(trials), [trial.state for trial in trials], {trial.details["origin"] for trial in trials} == {"asked"}, run.replay()["identical"])
run.extend(max_total_runs=10)
`);
    expect(said).toEqual([["Completed", 8, Array(8).fill("finished"), true, true]]);
    expect(await run("--sweep", id, "--at-once", "2")).toContain(`The sweep is ${id}`);
    const after = await python(`say(len(Run.get(ws, ${JSON.stringify(id)}).trials()))`);
    expect(after.said).toEqual([[10]]);
  });
});

it("does what docs/guide/sweeps-from-python.md shows", async () => {
  desk.write("guide/train.py", readFileSync(resolve(REPOSITORY, "examples/optuna/train.py"), "utf8"));
  const blocks = blocksOf("sweeps-from-python.md", "python");
  expect(blocks).toHaveLength(3);
  const { stdout } = await python(`os.chdir("guide")\n${blocks.join("\n")}`);
  expect(stdout).toMatch(/^HD_\S+_\d \['--epochs', '3', '--rate', '0\.\d+', '--batch', '\d+'\] \[/m);
  expect(stdout).toMatch(/^Trial\(\d, \{.*\}, (finished|stopped), score=\d.*\) True$/m);
  expect(stdout).toMatch(/^0\.\d+\n(0\.[24] \S+\n){2}Completed$/m);
});
