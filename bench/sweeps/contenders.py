"""Other people's optimisers, asked and told over lines of JSON. Needs optuna; hyperopt and scikit-optimize where wanted.

A line {"start": NAME, "parameters": [...], "seed": N} begins a study, {"tell": value} ends the trial that was asked last and
asks the next. Each answer is {"ask": [values in the order of the parameters]}. {"speed": N, "parameters": [...], "repeats": R}
answers {"seconds": [...]}: what Optuna takes for a suggestion among N finished trials, told and asked R times.
"""
import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")


class Optuna:
    """The sampler as it comes, with all its defaults."""

    def __init__(self, parameters, seed):
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
        self.parameters = parameters

    def ask(self):
        self.trial = self.study.ask()
        return [self.suggest(p) for p in self.parameters]

    def suggest(self, p):
        if p["kind"] == "choice":
            return self.trial.suggest_categorical(p["name"], p["options"])
        suggest = self.trial.suggest_int if p["kind"] == "int" else self.trial.suggest_float
        return suggest(p["name"], p["low"], p["high"], log=p.get("log", False))

    def tell(self, value):
        self.study.tell(self.trial, value)


class Hyperopt:
    def __init__(self, parameters, seed):
        import numpy
        from hyperopt import Trials, hp, tpe
        from hyperopt.base import Domain
        import math

        def expression(p):
            if p["kind"] == "choice":
                return hp.choice(p["name"], p["options"])
            if p["kind"] == "int":
                if p.get("log"):
                    return hp.qloguniform(p["name"], math.log(p["low"]), math.log(p["high"]), 1)
                return hp.quniform(p["name"], p["low"], p["high"], 1)
            if p.get("log"):
                return hp.loguniform(p["name"], math.log(p["low"]), math.log(p["high"]))
            return hp.uniform(p["name"], p["low"], p["high"])

        self.parameters = parameters
        self.tpe = tpe
        self.trials = Trials()
        self.domain = Domain(lambda values: 0.0, {p["name"]: expression(p) for p in parameters})
        self.random = numpy.random.default_rng(seed)

    def ask(self):
        ids = self.trials.new_trial_ids(1)
        self.trials.refresh()
        self.new = self.tpe.suggest(ids, self.domain, self.trials, int(self.random.integers(2**31 - 1)))
        found = self.new[0]["misc"]["vals"]
        values = []
        for p in self.parameters:
            value = found[p["name"]][0]
            values.append(p["options"][int(value)] if p["kind"] == "choice" else int(min(max(value, p["low"]), p["high"])) if p["kind"] == "int" else float(value))
        return values

    def tell(self, value):
        trial = self.new[0]
        trial["state"] = 2
        trial["result"] = {"status": "ok", "loss": value}
        self.trials.insert_trial_docs(self.new)
        self.trials.refresh()


class Skopt:
    def __init__(self, parameters, seed):
        from skopt import Optimizer
        from skopt.space import Categorical, Integer, Real

        def dimension(p):
            if p["kind"] == "choice":
                return Categorical(p["options"])
            prior = "log-uniform" if p.get("log") else "uniform"
            return (Integer if p["kind"] == "int" else Real)(p["low"], p["high"], prior=prior)

        self.optimizer = Optimizer([dimension(p) for p in parameters], random_state=seed, base_estimator="GP")

    def ask(self):
        self.values = self.optimizer.ask()
        return [value.item() if hasattr(value, "item") else value for value in self.values]

    def tell(self, value):
        self.optimizer.tell(self.values, value)


def speed(parameters, finished, repeats):
    import optuna
    import random

    study = Optuna(parameters, 1)
    score = lambda values: sum((value - 0.3 - 0.04 * index) ** 2 for index, value in enumerate(values))
    space = {p["name"]: optuna.distributions.FloatDistribution(p["low"], p["high"]) for p in parameters}
    draw = random.Random(1)
    for _ in range(finished):
        values = [draw.uniform(p["low"], p["high"]) for p in parameters]
        study.study.add_trial(optuna.trial.create_trial(params=dict(zip(space, values)), distributions=space, value=score(values)))
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        values = study.ask()
        seconds.append(time.perf_counter() - began)
        study.tell(score(values))
    return seconds


MAKERS = {
    "optuna": Optuna,
    "hyperopt": Hyperopt,
    "skopt": Skopt,
}


def main():
    study = None
    for line in sys.stdin:
        request = json.loads(line)
        if "speed" in request:
            print(json.dumps({"seconds": speed(request["parameters"], request["speed"], request["repeats"])}), flush=True)
            continue
        if "start" in request:
            study = MAKERS[request["start"]](request["parameters"], request["seed"])
        else:
            study.tell(request["tell"])
        print(json.dumps({"ask": study.ask()}), flush=True)


main()
