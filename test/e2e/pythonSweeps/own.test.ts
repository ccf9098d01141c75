// Sweeps by our own rules from Python: nested choices, wishes, values of one's own, Optuna, and the guide's page.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { blocksOf } from "../../support/guide.ts";
import { pythonVariables } from "../../support/python.ts";
import { testPython } from "../../support/testPython.ts";
import { pythonSweepLab } from "./lab.ts";

vi.setConfig({ testTimeout: 800_000, hookTimeout: 300_000 });
const { desk, python, server } = pythonSweepLab();
const REPOSITORY = resolve(import.meta.dirname, "../../..");

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

  it("suggests values that this very program tries, and learns from what it is told", async () => {
    const { said } = await python(`
space = {"--level": uniform(0, 1)}
made = sweeps.SweepConfig(src, sweeps.BayesianSampling(space, seed=1), "Accuracy", "maximize", 14, generates=False)
run = experiment.submit(made)
for number in range(12):
    trial = run.suggest(key=str(number))
    if number == 3: trial.tell()
    else: trial.tell(1 - (trial.values["--level"] - 0.3) ** 2)
say(run.suggest("0").number, [each.state for each in run.trials()].count("finished"), run.trials()[-1].details["because"]["phase"])
refused(lambda: trial.tell(1))
last = run.suggest()
last.run.log("Accuracy", 0.25)
last.run.log("Accuracy", 2)
last.run.complete()
say(last.wait().score, last.wait().intervals, run.best_trial().number == last.number)
run.stop()
say(run.wait_for_completion()["status"], run.get_best_run_by_primary_metric().get_metrics()["Accuracy"], run.replay()["identical"])
refused(lambda: sweeps.SweepConfig(src, None, "Accuracy", "maximize", 3, generates=True))
`);
    expect(said[0]).toEqual([0, 11, "model"]);
    expect(said[1]).toEqual([expect.any(String), expect.stringContaining("Trial 11 is over (finished")]);
    expect(said[2]).toEqual([2, 2, true]);
    expect(said[3]).toEqual(["Completed", [0.25, 2], true]);
    expect(said[4]).toEqual([expect.any(String), expect.stringContaining("nothing to generate trials from")]);
  });

  it("is driven by Optuna, which goes on after it was cut off", async () => {
    const tune = resolve(REPOSITORY, "examples/optuna/tune.py");
    const env = pythonVariables(server.home);
    const run = async (...words: string[]) =>
      (await promisify(execFile)(testPython(), [tune, ...words], { env, cwd: desk.project, timeout: 350_000 })).stdout;
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
  expect(blocks).toHaveLength(4);
  const { stdout } = await python(`os.chdir("guide")\n${blocks.join("\n")}`);
  expect(stdout).toMatch(/^HD_\S+_\d \['--epochs', '3', '--rate', '0\.\d+', '--batch', '\d+'\] \[/m);
  expect(stdout).toMatch(/^Trial\(\d, \{.*\}, (finished|stopped), score=\d.*\) True$/m);
  expect(stdout).toMatch(/^0\.\d+\n(0\.[24] \S+\n){2}Completed$/m);
  expect(stdout).toMatch(/^Completed \{'--rate': 0\.\d+\}$/m);
});
