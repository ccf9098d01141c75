// What Python says of a sweep is what the server reads: the same as hdconfig.yml says, with every kind of sampling and policy.
// And what one of the two refuses, the other refuses as well.
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { normaliseSweep, parseSweep, type SweepRules, trialArguments } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";

const PYTHON = resolve(import.meta.dirname, "../../python");
const PREAMBLE = `
import json, math, warnings
warnings.simplefilter("ignore")
from azureml.core import ScriptRunConfig
from azureml.train.hyperdrive import *
from switchyard_client import sweeps
src = ScriptRunConfig(".", "train.py")
def v1(space=None, sampling=None, **more):
    given = dict(run_config=src, primary_metric_name="Accuracy", primary_metric_goal=PrimaryMetricGoal.MAXIMIZE, max_total_runs=60)
    return HyperDriveConfig(sampling or RandomParameterSampling(space), **dict(given, **more))
def own(sampling, **more):
    given = dict(primary_metric_name="loss", primary_metric_goal="minimize", max_total_runs=60)
    return sweeps.SweepConfig(src, sampling, **dict(given, **more))
`;

/** What each of the expressions gives: the wire form of a configuration, or the error's text. */
function said(expressions: readonly string[]): unknown[] {
  const tries = expressions.map(
    (code) => `
try: print(json.dumps(${code.trim()}._to_wire()))
except Exception as error: print(json.dumps(str(error)))`,
  );
  const env = { ...process.env, PYTHONPATH: PYTHON, PYTHONDONTWRITEBYTECODE: "1" };
  const out = execFileSync("python3", ["-c", PREAMBLE + tries.join("\n")], { env, encoding: "utf8" });
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

const read = (wire: unknown, rules: SweepRules = "v1") => normaliseSweep(wire as Parameters<typeof normaliseSweep>[0], { rules });
const ofFile = (text: string, rules: SweepRules) => parseSweep(text, { file: "hdconfig.yml", rules }).configuration;

const SPACE = `
  - {name: --a, expression: choice, values: [0.5, 1, 1.5, 2.0, linear, true]}
  - {name: --b, expression: randint, values: [10]}
  - {name: --c, expression: uniform, values: [0, 1.0]}
  - {name: --d, expression: quniform, values: [1, 100, 1]}
  - {name: --e, expression: loguniform, values: [-6, -1]}
  - {name: --f, expression: qloguniform, values: [0, 3, 0.5]}
  - {name: --g, expression: normal, values: [10, 3]}
  - {name: --h, expression: qnormal, values: [10, 3, 1]}
  - {name: --i, expression: lognormal, values: [0, 1]}
  - {name: j, expression: qlognormal, values: [0, 1, 2]}
`;
const SPACE_IN_PYTHON = `{
  "--a": choice(0.5, 1, 1.5, 2.0, "linear", True), "--b": randint(10), "--c": uniform(0, 1.0), "--d": quniform(1, 100, 1),
  "--e": loguniform(-6, -1), "--f": qloguniform(0, 3, 0.5), "--g": normal(10, 3), "--h": qnormal(10, 3, 1), "--i": lognormal(0, 1),
  "j": qlognormal(0, 1, 2)}`;
const LIMITS = "primary_metric_name: Accuracy\nprimary_metric_goal: Maximize\nmax_total_runs: 60\n";
const LOSS = "primary_metric_name: loss\nprimary_metric_goal: minimize\nmax_total_runs: 60\n";

describe("a sweep that Python describes", () => {
  const cases: readonly (readonly [name: string, rules: SweepRules, python: string, file: string])[] = [
    ["every expression", "v1", `v1(${SPACE_IN_PYTHON})`, `sampling:\n  type: random\n  parameter_space:${SPACE}${LIMITS}`],
    [
      "bandit and all limits",
      "v1",
      `v1({"--x": choice([1, 2])}, policy=BanditPolicy(2, slack_factor=0.1, delay_evaluation=3), max_concurrent_runs=4, max_duration_minutes=90,
         resume_from=["HD_1"], resume_child_runs=["HD_1_2"])`,
      `sampling: {type: Random, parameter_space: [{name: --x, expression: choice, values: [1, 2]}]}
policy: {type: BanditPolicy, evaluation_interval: 2, slack_factor: 0.1, delay_evaluation: 3}
max_concurrent_runs: 4\nmax_duration_minutes: 90\nresume_from: [HD_1]\nresume_child_runs: [HD_1_2]\n${LIMITS}`,
    ],
    [
      "grid and truncation",
      "v1",
      `v1(sampling=GridParameterSampling({"--x": choice(range(1, 4))}), policy=TruncationSelectionPolicy(25, evaluation_interval=2))`,
      `sampling: {type: grid, parameter_space: [{name: --x, expression: choice, values: [1, 2, 3]}]}
policy: {type: TruncationSelectionPolicy, truncation_percentage: 25, evaluation_interval: 2}\n${LIMITS}`,
    ],
    [
      "Bayesian, and a median in the other one",
      "v1",
      `v1(sampling=BayesianParameterSampling({"--x": uniform(0.05, 0.1)}), policy=NoTerminationPolicy())`,
      `sampling: {type: bayesian, parameter_space: [{name: --x, expression: uniform, values: [0.05, 0.1]}]}\n${LIMITS}`,
    ],
    [
      "median stopping and a seed",
      "v1",
      `v1(sampling=RandomParameterSampling({"--x": uniform(0, 1)}, properties={"seed": 3}), policy=MedianStoppingPolicy(1, 5))`,
      `sampling: {type: random, seed: 3, parameter_space: [{name: --x, expression: uniform, values: [0, 1]}]}
policy: {type: MedianStoppingPolicy, evaluation_interval: 1, delay_evaluation: 5}\n${LIMITS}`,
    ],
    [
      "our own sampling, policy and limits",
      "own",
      `own(sweeps.SobolSampling({"--x": loguniform(-3, 0)}, seed=5), policy=sweeps.AshaPolicy(2, 54, 3), max_compute_hours=1.5,
          max_trial_retries=2, replace_failed_trials=True)`,
      `sampling: {type: sobol, seed: 5, parameter_space: [{name: --x, expression: loguniform, values: [-3, 0]}]}
policy: {type: AshaPolicy, min_intervals: 2, max_intervals: 54, reduction_factor: 3}
max_compute_hours: 1.5\nmax_trial_retries: 2\nreplace_failed_trials: true\n${LOSS}`,
    ],
    [
      "nested choices and conditions",
      "own",
      `own(sweeps.BayesianSampling({
           "model": choice({"kind": "svm", "C": loguniform(-3, 3)}, {"kind": "tree", "depth": randint(9)}), "rate": choice(0, uniform(0.1, 0.5)),
           "optimizer": choice("sgd", "adam"), "momentum": sweeps.only_when(uniform(0.5, 0.9), "optimizer", ["sgd"])},
           seed=1, multivariate=True, startup_trials=8), policy=sweeps.HyperbandPolicy(27))`,
      `sampling:
  type: bayesian
  seed: 1
  multivariate: true
  startup_trials: 8
  parameter_space:
  - name: model
    expression: choice
    values:
    - space: {kind: svm, C: [loguniform, [-3, 3]]}
    - space: {kind: tree, depth: [randint, [9]]}
  - {name: rate, expression: choice, values: [0, [uniform, [0.1, 0.5]]]}
  - {name: optimizer, expression: choice, values: [sgd, adam]}
  - {name: momentum, expression: uniform, values: [0.5, 0.9], when: {parameter: optimizer, in: [sgd]}}
policy: {type: HyperbandPolicy, max_intervals: 27}\n${LOSS}`,
    ],
  ];
  const wires = said(cases.map(([, , python]) => python));

  it.each(cases.map(([name, rules, , file], index) => [name, rules, file, wires[index]] as const))("%s", (_, rules, file, wire) => {
    expect(wire).toBeTypeOf("object");
    const { configuration } = read(wire, rules);
    expect(ofFile(file, rules)).not.toBeNull();
    expect(configuration).toEqual(ofFile(file, rules));
    expect(read(configuration, rules).configuration).toEqual(configuration);
  });

  it("gives the script the values as Python writes them", () => {
    const [wire] = said(['v1({"--a": choice(1, 2.0, 0.5, "x"), "--b": quniform(1, 9, 1.0), "--c": quniform(1, 9, 1), "d": choice([3])})']);
    const { parameterSpace } = read(wire).configuration.sampling;
    const given = trialArguments(parameterSpace, { values: { "--a": 2, "--b": 3, "--c": 4, d: 3 }, branches: {} });
    expect(given).toEqual(["--a", "2.0", "--b", "3.0", "--c", "4", "--d", "3"]);
  });
});

describe("what both refuse", () => {
  const one = (expression: string, values: string, rest = "") =>
    `sampling: {type: random, parameter_space: [{name: --x, expression: ${expression}, values: ${values}}]}\n${rest}${LIMITS}`;
  const cases: readonly (readonly [name: string, python: string, file: string])[] = [
    ["an unknown expression", 'v1({"--x": ["chioce", [1]]})', one("chioce", "[1]")],
    ["a wrong number of values", 'v1({"--x": ["uniform", [1]]})', one("uniform", "[1]")],
    ["min above max", 'v1({"--x": uniform(2, 1)})', one("uniform", "[2, 1]")],
    ["the logarithm of zero", 'v1({"--x": loguniform(-math.inf, 0)})', one("loguniform", "[-.inf, 0]")],
    ["an empty choice", 'v1({"--x": choice()})', one("choice", "[]")],
    ["a number that is none", 'v1({"--x": choice(float("nan"))})', one("choice", "[.nan]")],
    ["no sigma", 'v1({"--x": normal(0, 0)})', one("normal", "[0, 0]")],
    ["steps of nothing", 'v1({"--x": quniform(0, 1, 0)})', one("quniform", "[0, 1, 0]")],
    ["no whole number", 'v1({"--x": randint(1.5)})', one("randint", "[1.5]")],
    ["e to the thousand", 'v1({"--x": loguniform(0, 1000)})', one("loguniform", "[0, 1000]")],
    [
      "two parameters of one name",
      'v1({"--x": choice(1), "x": choice(2)})',
      `sampling: {type: random, parameter_space: [{name: --x, expression: choice, values: [1]}, {name: x, expression: choice, values: [2]}]}\n${LIMITS}`,
    ],
    ["a name with a blank", 'v1({"a b": choice(1)})', one("choice", "[1]").replace("--x", '"a b"')],
    ["an empty space", "v1({})", `sampling: {type: random, parameter_space: []}\n${LIMITS}`],
    [
      "a grid over a range",
      'v1(sampling=GridParameterSampling({"--x": uniform(0, 1)}))',
      one("uniform", "[0, 1]").replace("random", "grid"),
    ],
    [
      "a grid of randint, as v1",
      'v1(sampling=GridParameterSampling({"--x": randint(3)}))',
      one("randint", "[3]").replace("random", "grid"),
    ],
    [
      "Bayesian of a logarithm",
      'v1(sampling=BayesianParameterSampling({"--x": loguniform(0, 1)}))',
      one("loguniform", "[0, 1]").replace("random", "bayesian"),
    ],
    [
      "Bayesian with early termination",
      'v1(sampling=BayesianParameterSampling({"--x": uniform(0, 1)}), policy=MedianStoppingPolicy())',
      one("uniform", "[0, 1]", "policy: {type: MedianStoppingPolicy}\n").replace("random", "bayesian"),
    ],
    [
      "two slacks",
      'v1({"--x": choice(1)}, policy=BanditPolicy(slack_factor=1, slack_amount=1))',
      one("choice", "[1]", "policy: {type: BanditPolicy, slack_factor: 1, slack_amount: 1}\n"),
    ],
    ["no slack", 'v1({"--x": choice(1)}, policy=BanditPolicy())', one("choice", "[1]", "policy: {type: BanditPolicy}\n")],
    [
      "all truncated",
      'v1({"--x": choice(1)}, policy=TruncationSelectionPolicy(100))',
      one("choice", "[1]", "policy: {type: TruncationSelectionPolicy, truncation_percentage: 100}\n"),
    ],
    ["too many runs", 'v1({"--x": choice(1)}, max_total_runs=1001)', one("choice", "[1]").replace("60", "1001")],
    ["none", 'v1({"--x": choice(1)}, max_total_runs=0)', one("choice", "[1]").replace("60", "0")],
    ["too many at once", 'v1({"--x": choice(1)}, max_concurrent_runs=101)', one("choice", "[1]", "max_concurrent_runs: 101\n")],
    ["no time", 'v1({"--x": choice(1)}, max_duration_minutes=0)', one("choice", "[1]", "max_duration_minutes: 0\n")],
    ["six earlier sweeps", 'v1({"--x": choice(1)}, resume_from=list("abcdef"))', one("choice", "[1]", "resume_from: [a, b, c, d, e, f]\n")],
    ["one twice", 'v1({"--x": choice(1)}, resume_child_runs=["a", "a"])', one("choice", "[1]", "resume_child_runs: [a, a]\n")],
    ["no goal", 'v1({"--x": choice(1)}, primary_metric_goal="large")', one("choice", "[1]").replace("Maximize", "large")],
    ["no metric", 'v1({"--x": choice(1)}, primary_metric_name="")', one("choice", "[1]").replace("Accuracy", '""')],
  ];
  const answers = said(cases.map(([, python]) => python));

  it.each(cases.map(([name, , file], index) => [name, file, answers[index]] as const))("%s", (_, file, answer) => {
    expect(answer).toBeTypeOf("string");
    expect(ofFile(file, "v1")).toBeNull();
  });
});
