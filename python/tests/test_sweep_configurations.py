"""What a sweep is told: its wire form, and everything that is refused before a request."""
import json
import unittest
import warnings

from azureml.core import Run, RunConfiguration, ScriptRunConfig
from azureml.exceptions import UserErrorException
from azureml.train.estimator import Estimator
from azureml.train.hyperdrive import (
    BanditPolicy, BayesianParameterSampling, GridParameterSampling, HyperDriveConfig, HyperDriveRunConfig, MedianStoppingPolicy,
    NoTerminationPolicy, PrimaryMetricGoal, RandomParameterSampling, TruncationSelectionPolicy, choice, lognormal, loguniform, normal,
    qlognormal, qloguniform, qnormal, quniform, randint, uniform
)  # fmt: skip
from azureml.train.hyperdrive.exceptions import HyperDriveConfigException
from switchyard_client import sweeps
from switchyard_client.sweeps.given import refuse_own_compute, without_sampled

SPACE = {"--penalty": choice(0.5, 1, 1.5)}


def script(**more):
    return ScriptRunConfig(".", "train.py", **more)


def config(sampling=None, **more):
    given = dict(
        hyperparameter_sampling=sampling or RandomParameterSampling(SPACE),
        primary_metric_name="Accuracy",
        primary_metric_goal=PrimaryMetricGoal.MAXIMIZE,
        max_total_runs=8,
        run_config=script(),
    )
    given.update(more)
    return HyperDriveConfig(**given)


class Refusing(unittest.TestCase):
    def refused(self, words, act, *args, **kwargs):
        with self.assertRaises(HyperDriveConfigException) as refused:
            act(*args, **kwargs)
        self.assertIn(words, str(refused.exception))
        self.assertIsInstance(refused.exception, UserErrorException)


class Expressions(Refusing):
    def test_each_is_a_list_of_its_name_and_its_arguments(self):
        self.assertEqual(choice(1, 2), ["choice", [[1, 2]]])
        self.assertEqual(choice([1, 2]), choice(1, 2))
        self.assertEqual(choice(range(1, 5)), ["choice", [[1, 2, 3, 4]]])
        self.assertEqual(choice("adam"), ["choice", [["adam"]]])
        self.assertEqual(choice([True, None, "x", [1, 2]]), ["choice", [[True, None, "x", [1, 2]]]])
        self.assertEqual(choice([[1, 2]]), ["choice", [[[1, 2]]]])
        self.assertEqual(choice({"a": 1}), ["choice", [[{"a": 1}]]])
        self.assertEqual(choice(number for number in (3, 4)), ["choice", [[3, 4]]])
        self.assertEqual(randint(10), ["randint", [10]])
        self.assertEqual(uniform(0.05, 0.1), ["uniform", [0.05, 0.1]])
        self.assertEqual(uniform(min_value=0, max_value=1), ["uniform", [0, 1]])
        self.assertEqual(quniform(1, 100, 1), ["quniform", [1, 100, 1]])
        self.assertEqual(loguniform(-6, -1), ["loguniform", [-6, -1]])
        self.assertEqual(qloguniform(0, 3, 1), ["qloguniform", [0, 3, 1]])
        self.assertEqual(normal(mu=10, sigma=3), ["normal", [10, 3]])
        self.assertEqual(qnormal(10, 3, 0.5), ["qnormal", [10, 3, 0.5]])
        self.assertEqual(lognormal(0, 1), ["lognormal", [0, 1]])
        self.assertEqual(qlognormal(0, 1, 2), ["qlognormal", [0, 1, 2]])

    def test_numbers_of_numpy_are_numbers(self):
        class Scalar:
            shape, value = (), 0.25

            def item(self):
                return self.value

            tolist = item

        class Array:
            shape = (2,)

            def tolist(self):
                return [1, 2]

        self.assertEqual(uniform(Scalar(), 1), ["uniform", [0.25, 1]])
        self.assertEqual(choice(Scalar(), 1), ["choice", [[0.25, 1]]])
        self.assertEqual(choice(Array()), ["choice", [[1, 2]]])

    def test_what_cannot_be_is_refused(self):
        nan = float("nan")
        for words, act in (
            ("nothing to choose from", lambda: choice()),
            ("nothing to choose from", lambda: choice([])),
            ("options[1]", lambda: choice(1, nan)),
            ("options[0]", lambda: choice(object())),
            ("options[1]: expected a whole number up to 2**53 - 1; a longer one as a text", lambda: choice(1, 2 ** 60)),
            ("upper: expected a whole number of at least 1, came 0", lambda: randint(0)),
            ("came 2.5", lambda: randint(2.5)),
            ("came True", lambda: randint(True)),
            ("min_value 2 is above max_value 1; exchange the two", lambda: uniform(2, 1)),
            ("max_value: expected a number, came 'x'", lambda: uniform(0, "x")),
            ("expected a number, came nan", lambda: uniform(nan, 1)),
            ("expected a number, came inf", lambda: uniform(0, float("inf"))),
            ("q: expected a number above 0, came 0", lambda: quniform(0, 1, 0)),
            ("min_value: expected a number, came -inf", lambda: loguniform(float("-inf"), 0)),
            ("the arguments are logarithms", lambda: loguniform(0, 1000)),
            ("the arguments are logarithms", lambda: qloguniform(-800, 0, 1)),
            ("sigma, a standard deviation: expected a number above 0, came 0", lambda: normal(0, 0)),
            ("too large", lambda: lognormal(700, 10)),
        ):
            self.refused(words, act)
        for act in (lambda: uniform(1), lambda: quniform(1, 2), lambda: normal(1, 2, 3)):
            self.assertRaises(TypeError, act)


class Spaces(Refusing):
    def test_what_cannot_be_is_refused(self):
        for words, space in (
            ("expected a map", [("--lr", uniform(0, 1))]),
            ("no parameter", {}),
            ("names of arguments", {3: uniform(0, 1)}),
            ("cannot be the name of an argument", {"--a b": uniform(0, 1)}),
            ("cannot be the name of an argument", {"--a=": uniform(0, 1)}),
            ("cannot be the name of an argument", {"--": uniform(0, 1)}),
            ("are one argument of the script", {"--lr": uniform(0, 1), "lr": uniform(0, 1)}),
            ("parameter_space['--lr']: expected an expression", {"--lr": 0.1}),
            ("parameter_space['--lr']: expected one of choice", {"--lr": ["unifrom", [0, 1]]}),
            ("uniform takes 2 values, came 3", {"--lr": ["uniform", [0, 1, 2]]}),
            ("min_value 3 is above max_value 1", {"--lr": ["uniform", [3, 1]]}),
            ("seed: expected a whole number", None),
        ):
            if space is None:
                self.refused(words, RandomParameterSampling, SPACE, properties={"seed": "x"})
            else:
                self.refused(words, RandomParameterSampling, space)

    def test_a_grid_is_of_choices(self):
        self.refused("GridParameterSampling takes choice only, and --lr is uniform", GridParameterSampling, {"--lr": uniform(0, 1)})
        self.refused("takes choice only, and --n is randint", GridParameterSampling, {"--n": randint(4)})
        self.assertEqual(sweeps.GridSampling({"--n": randint(4)})._to_wire()["type"], "grid")
        self.refused("--lr is normal, which has no end of values", sweeps.GridSampling, {"--lr": normal(0, 1)})

    def test_bayesian_sampling_has_the_limits_of_v1_and_ours_has_none(self):
        for space in ({"--lr": loguniform(-3, 0)}, {"--n": randint(4)}, {"--lr": choice(1, normal(0, 1))}):
            self.refused("BayesianParameterSampling takes choice, uniform and quniform only", BayesianParameterSampling, space)
            sweeps.BayesianSampling(space)
        sampling = BayesianParameterSampling({"--lr": uniform(0, 1), "--n": quniform(1, 5, 1), "--o": choice(1, 2)})
        for policy in (BanditPolicy(slack_factor=0.1), MedianStoppingPolicy()):
            self.refused("early termination does not go with BayesianParameterSampling", config, sampling, policy=policy, max_total_runs=60)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            config(sampling, max_total_runs=60, policy=NoTerminationPolicy())
            self.assertEqual(said, [])
            config(sampling, max_total_runs=59)
        self.assertEqual(len(said), 1)
        self.assertIn("for Bayesian sampling of 3 parameters 60 or more are recommended", str(said[0].message))
        self.assertEqual(said[0].filename, __file__)


class Policies(Refusing):
    def test_their_wire_form(self):
        self.assertEqual(
            BanditPolicy(2, 0.1)._to_wire(),
            {"type": "BanditPolicy", "evaluationInterval": 2, "delayEvaluation": 0, "slackFactor": 0.1, "slackAmount": None},
        )
        self.assertEqual(BanditPolicy(slack_amount=0.2, delay_evaluation=5)._to_wire()["slackAmount"], 0.2)
        self.assertEqual(NoTerminationPolicy()._to_wire(), {"type": "NoTerminationPolicy"})
        self.assertEqual(
            TruncationSelectionPolicy(25, 2, 1, True)._to_wire(),
            {
                "type": "TruncationSelectionPolicy",
                "evaluationInterval": 2,
                "delayEvaluation": 1,
                "truncationPercentage": 25,
                "excludeFinishedJobs": True,
            },
        )

    def test_what_cannot_be_is_refused(self):
        for words, act in (
            ("exclude each other", lambda: BanditPolicy(slack_factor=0.1, slack_amount=0.1)),
            ("Give slack_factor or slack_amount", lambda: BanditPolicy()),
            ("slack_factor: expected a number of at least 0, came -1", lambda: BanditPolicy(slack_factor=-1)),
            ("evaluation_interval: expected a whole number of at least 1, came 0", lambda: MedianStoppingPolicy(evaluation_interval=0)),
            ("delay_evaluation: expected a whole number of at least 0, came -1", lambda: MedianStoppingPolicy(delay_evaluation=-1)),
            ("came 'often'", lambda: MedianStoppingPolicy("often")),
            ("truncation_percentage: expected a whole number from 1 to 99, came 100", lambda: TruncationSelectionPolicy(100)),
            ("truncation_percentage: expected a whole number from 1 to 99, came 0.5", lambda: TruncationSelectionPolicy(0.5)),
            ("exclude_finished_jobs: expected True or False", lambda: TruncationSelectionPolicy(10, exclude_finished_jobs="no")),
            ("reduction_factor: expected a number of at least 2", lambda: sweeps.AshaPolicy(reduction_factor=1)),
            ("max_intervals: expected a whole number of at least 5, came 3", lambda: sweeps.AshaPolicy(min_intervals=5, max_intervals=3)),
            ("max_intervals is needed", lambda: sweeps.HyperbandPolicy(None)),
        ):
            self.refused(words, act)


class Configurations(Refusing):
    def test_the_wire_form_has_the_keys_of_the_file(self):
        wire = config(policy=BanditPolicy(slack_factor=0.2), max_concurrent_runs=2, max_duration_minutes=100)._to_wire()
        self.assertEqual(json.loads(json.dumps(wire)), wire)
        self.assertEqual(
            wire,
            {
                "sampling": {
                    "type": "random",
                    "parameterSpace": [{"name": "--penalty", "expression": ["choice", [[0.5, 1, 1.5]]], "when": None}],
                    "properties": {},
                },
                "policy": {"type": "BanditPolicy", "evaluationInterval": 1, "delayEvaluation": 0, "slackFactor": 0.2, "slackAmount": None},
                "primaryMetricName": "Accuracy",
                "primaryMetricGoal": "maximize",
                "maxTotalRuns": 8,
                "maxConcurrentRuns": 2,
                "maxDurationMinutes": 100,
                "resumeFrom": [],
                "resumeChildRuns": [],
            },
        )

    def test_a_float_stays_one(self):
        wire = RandomParameterSampling({"--a": choice(1.0, 2, [3.0]), "--b": quniform(1, 9, 1.0)})._to_wire()["parameterSpace"]
        self.assertEqual(wire[0]["expression"], ["choice", [[{"float": 1.0}, 2, [{"float": 3.0}]]]])
        self.assertEqual(wire[1]["expression"], ["quniform", [1, 9, {"float": 1.0}]])

    def test_our_own_spaces(self):
        space = {
            "model": choice({"kind": "svm", "C": loguniform(-3, 3)}, {"kind": "tree", "depth": randint(9)}),
            "rate": choice(0, uniform(0.1, 0.5)),
            "momentum": sweeps.only_when(uniform(0.5, 0.9), "optimizer", ["sgd"]),
            "optimizer": choice("sgd", "adam"),
        }
        sampling = sweeps.SobolSampling(space, seed=3)
        wire = sampling._to_wire()
        self.assertEqual((wire["type"], wire["seed"]), ("sobol", 3))
        model, rate, momentum, _ = wire["parameterSpace"]
        self.assertEqual(
            model["expression"][1][0][0],
            {
                "space": [
                    {"name": "kind", "expression": ["choice", [["svm"]]], "when": None},
                    {"name": "C", "expression": ["loguniform", [-3, 3]], "when": None},
                ]
            },
        )
        self.assertEqual(rate["expression"], ["choice", [[0, {"expression": ["uniform", [0.1, 0.5]]}]]])
        self.assertEqual(momentum["when"], {"parameter": "optimizer", "in": ["sgd"]})
        self.assertLessEqual({"model", "kind", "C", "depth", "rate"}, set(sampling._names()))
        self.refused("which values of optimizer", sweeps.only_when, uniform(0, 1), "optimizer", [])

    def test_the_seed_may_be_a_property(self):
        wire = RandomParameterSampling(SPACE, properties={"seed": 7, "other": "x"})._to_wire()
        self.assertEqual((wire["seed"], wire["properties"]), (7, {"other": "x"}))

    def test_what_runs_is_one_thing(self):
        estimator = Estimator(".", entry_script="train.py", use_docker=False)
        self.refused("exclude each other", config, estimator=estimator)
        self.refused("What shall the trials run?", config, run_config=None)
        self.refused("run_config: expected a ScriptRunConfig, came", config, run_config=RunConfiguration("train.py"))
        self.refused("give it as estimator=", config, run_config=estimator)
        self.refused("give it as run_config=", config, run_config=None, estimator=script())
        with self.assertRaisesRegex(NotImplementedError, 'A sweep over a pipeline is not built yet: see "pipelines"'):
            config(run_config=None, pipeline=object())
        self.assertIs(config(run_config=None, estimator=estimator).estimator, estimator)
        older = HyperDriveRunConfig(estimator, RandomParameterSampling(SPACE), "Accuracy", PrimaryMetricGoal.MINIMIZE, 12, 4)
        self.assertEqual((older._to_wire()["primaryMetricGoal"], older._to_wire()["maxConcurrentRuns"]), ("minimize", 4))

    def test_what_cannot_be_is_refused(self):
        for words, given in (
            ("hyperparameter_sampling: expected a sampling", {"hyperparameter_sampling": SPACE}),
            ("primary_metric_name: expected the name of a metric", {"primary_metric_name": ""}),
            ("primary_metric_name: expected the name of a metric", {"primary_metric_name": None}),
            ("primary_metric_goal: expected PrimaryMetricGoal.MAXIMIZE", {"primary_metric_goal": "biggest"}),
            ("max_total_runs: expected a whole number from 1 to 1000, came 0", {"max_total_runs": 0}),
            ("max_total_runs: expected a whole number from 1 to 1000, came 1001", {"max_total_runs": 1001}),
            ("came '8'", {"max_total_runs": "8"}),
            ("max_concurrent_runs: expected a whole number from 1 to 100, came 101", {"max_concurrent_runs": 101}),
            ("max_duration_minutes: expected a number above 0", {"max_duration_minutes": 0}),
            ("policy: expected a policy", {"policy": "BanditPolicy"}),
            ("resume_from: at most 5 earlier sweeps may be named, came 6", {"resume_from": ["HD_%d" % each for each in range(6)]}),
            ("resume_from: HD_1 is named twice", {"resume_from": ["HD_1", "HD_1"]}),
            ("resume_from[0]: expected a run, came 5", {"resume_from": [5]}),
            ("resume_child_runs: 9 trials are to be continued", {"resume_child_runs": ["HD_%d" % each for each in range(9)]}),
        ):
            self.refused(words, config, **given)
        self.assertRaises(TypeError, HyperDriveConfig, RandomParameterSampling(SPACE))

    def test_what_goes_with_the_first_trial_is_refused(self):
        wanted = Estimator(".", entry_script="train.py", vm_size="STANDARD_D2_V2")._to_wire()["target"]
        self.refused('a cluster of its own, which would go with its first trial (target "amlcompute")', refuse_own_compute, wanted)
        self.refused("each of which is made for one run", refuse_own_compute, "ContainerInstance")
        for target in ("local", "amlcompute2", None):
            refuse_own_compute(target)

    def test_earlier_runs_are_runs_or_their_ids(self):
        class Earlier(Run):
            def __init__(self, run_id):
                self.id = run_id

        wire = config(resume_from=Earlier("HD_1"), resume_child_runs=[Earlier("HD_1_3"), "HD_1_4"])._to_wire()
        self.assertEqual((wire["resumeFrom"], wire["resumeChildRuns"]), (["HD_1"], ["HD_1_3", "HD_1_4"]))

    def test_our_own_have_more(self):
        given = sweeps.SweepConfig(
            script(), sweeps.RandomSampling(SPACE, seed=1), "loss", "minimize", 5000, 500, sweeps.AshaPolicy(), max_compute_hours=2,
            max_trial_retries=1, replace_failed_trials=True, resume_from=["HD_%d" % each for each in range(6)],
        )._to_wire()  # fmt: skip
        self.assertEqual((given["maxTotalRuns"], given["maxComputeHours"], given["maxTrialRetries"]), (5000, 2, 1))
        self.assertEqual(given["policy"], {"type": "AshaPolicy", "minIntervals": 1, "maxIntervals": None, "reductionFactor": 3})
        self.refused(
            "max_compute_hours: expected a number above 0", sweeps.SweepConfig, script(), None, "loss", "minimize", 5, max_compute_hours=0
        )
        self.refused("sampling: expected a sampling", sweeps.SweepConfig, script(), SPACE, "loss", "minimize", 5)

    def test_a_sampled_argument_takes_the_place_of_a_fixed_one(self):
        given = ["train", "--kernel", "linear", "--penalty", "-1.0", "--flag", "--keep", "x", "--depth=3"]
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            self.assertEqual(without_sampled(given, ["--kernel", "penalty", "flag", "depth"]), ["train", "--keep", "x"])
            self.assertEqual(without_sampled(given, ["--other"]), given)
        self.assertEqual(len(said), 1)
        self.assertIn("--kernel, --penalty, --flag, --depth are in the parameter space as well", str(said[0].message))


if __name__ == "__main__":
    unittest.main()
