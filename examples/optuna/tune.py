"""Optuna chooses the values, Switchyard runs the trials: python tune.py [--trials N] [--at-once N] [--target NAME] [--sweep ID].

With --sweep it goes on with a sweep that an earlier tune.py began and did not bring to its end: the server has the trials.
"""
import argparse
import os

import optuna
from azureml.core import Environment, Experiment, Run, ScriptRunConfig, Workspace
from switchyard_client.sweeps import SweepConfig

SPACE = {
    "--rate": optuna.distributions.FloatDistribution(1e-4, 2.0, log=True),
    "--momentum": optuna.distributions.FloatDistribution(0.0, 0.95),
    "--batch": optuna.distributions.CategoricalDistribution([4, 8, 16]),
}

parser = argparse.ArgumentParser()
parser.add_argument("--trials", type=int, default=20)
parser.add_argument("--at-once", type=int, default=4)
parser.add_argument("--target", default="local")
parser.add_argument("--sweep")
args = parser.parse_args()

workspace = Workspace.get("default")
study = optuna.create_study(direction="minimize", sampler=optuna.samplers.TPESampler(seed=1))

if args.sweep:
    sweep = Run.get(workspace, args.sweep)
    for earlier in sweep.trials():
        if earlier.wait().score is not None:
            study.add_trial(optuna.trial.create_trial(params=earlier.values, distributions=SPACE, value=earlier.score))
else:
    python = Environment("any-python")
    python.python.user_managed_dependencies = True
    script = ScriptRunConfig(os.path.dirname(os.path.abspath(__file__)), "train.py", compute_target=args.target, environment=python)
    sweep = Experiment(workspace, "tuned-by-optuna").submit(
        SweepConfig(
            script,
            sampling=None,  # the values come from outside
            primary_metric_name="loss",
            primary_metric_goal="minimize",
            max_total_runs=args.trials,
            max_concurrent_runs=args.at_once,
        )
    )
print("The sweep is %s" % sweep.id, flush=True)


def ask():
    trial = study.ask(SPACE)
    return trial, trial.params


def tell(trial, result):
    if result.score is None:
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    else:
        study.tell(trial, result.score)


sweep.drive(ask, tell, at_once=args.at_once)
sweep.wait_for_completion()
print("Best: %g with %s, run %s" % (study.best_value, study.best_params, sweep.get_best_run_by_primary_metric().id))
