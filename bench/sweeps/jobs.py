"""Four real training jobs on data sets that come with scikit-learn, each of 27 epochs.

A line {"job": NAME, "values": [in the order of the parameters]} trains once; the answer is {"curve": [validation loss after
each epoch]}. A line {"describe": true} answers the jobs' parameters. Splits and initial weights are fixed, so that a job
is a function of its parameters.
"""
import json
import sys
import warnings

import numpy
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")
EPOCHS = 27


def split(load, train_size=None):
    data, target = load(return_X_y=True)
    parts = train_test_split(data, target, test_size=0.4, train_size=train_size, random_state=0)
    scaler = StandardScaler().fit(parts[0])
    return scaler.transform(parts[0]), scaler.transform(parts[1]), parts[2], parts[3]


DIGITS = split(load_digits, 256)
WINE = split(load_wine)
CANCER = split(load_breast_cancer)
DIABETES = split(load_diabetes)


def finite(loss):
    return float(min(loss, 1e6)) if numpy.isfinite(loss) else 1e6


def cross_entropy(scores, truth):
    shifted = scores - scores.max(axis=1, keepdims=True)
    return (numpy.log(numpy.exp(shifted).sum(axis=1)) - shifted[numpy.arange(len(truth)), truth]).mean()


ACTIVATIONS = {
    "relu": (lambda z: numpy.maximum(z, 0), lambda h: (h > 0).astype(float)),
    "tanh": (numpy.tanh, lambda h: 1 - h * h),
    "logistic": (lambda z: 1 / (1 + numpy.exp(-numpy.clip(z, -60, 60))), lambda h: h * (1 - h)),
}


def network(data, values):
    """One hidden layer, by stochastic gradient descent with momentum or by Adam; plain NumPy, since it is small."""
    rate, decay, width, momentum, batch, activation, solver = values
    train, test, labels, truth = data
    act, slope = ACTIVATIONS[activation]
    draw = numpy.random.default_rng(0)
    sizes = [train.shape[1], width, int(labels.max()) + 1]
    weights = [draw.normal(0, (1 / a) ** 0.5, (a, b)) for a, b in zip(sizes, sizes[1:])] + [numpy.zeros(b) for b in sizes[1:]]
    first, second, step = [0.0] * 4, [0.0] * 4, 0
    wanted = numpy.eye(sizes[-1])[labels]
    with numpy.errstate(all="ignore"):
        for _ in range(EPOCHS):
            order = draw.permutation(len(train))
            for start in range(0, len(train), batch):
                rows = order[start : start + batch]
                hidden = act(train[rows] @ weights[0] + weights[2])
                scores = hidden @ weights[1] + weights[3]
                chance = numpy.exp(scores - scores.max(axis=1, keepdims=True))
                error = (chance / chance.sum(axis=1, keepdims=True) - wanted[rows]) / len(rows)
                back = error @ weights[1].T * slope(hidden)
                slopes = [train[rows].T @ back + decay * weights[0], hidden.T @ error + decay * weights[1], back.sum(0), error.sum(0)]
                step += 1
                for i in range(4):
                    if solver == "sgd":
                        first[i] = momentum * first[i] - rate * slopes[i]
                        weights[i] = weights[i] + first[i]
                    else:
                        first[i] = momentum * first[i] + (1 - momentum) * slopes[i]
                        second[i] = 0.999 * second[i] + 0.001 * slopes[i] ** 2
                        scale = rate / (1 - momentum**step) if momentum > 0 else rate
                        weights[i] = weights[i] - scale * first[i] / ((second[i] / (1 - 0.999**step)) ** 0.5 + 1e-8)
            yield finite(cross_entropy(act(test @ weights[0] + weights[2]) @ weights[1] + weights[3], truth))


def linear(data, values):
    rate, decay, mix, penalty, schedule = values
    train, test, labels, truth = data
    model = SGDClassifier(
        loss="log_loss", alpha=decay, eta0=rate, l1_ratio=mix, penalty=penalty, learning_rate=schedule, random_state=0,
    )
    sign = 1 - 2 * truth
    for _ in range(EPOCHS):
        model.partial_fit(train, labels, classes=[0, 1])
        yield finite(numpy.logaddexp(0, sign * (test @ model.coef_[0] + model.intercept_[0])).mean())


def boosting(data, values):
    rate, depth, share, features, leaf, loss = values
    train, test, labels, truth = data
    model = GradientBoostingRegressor(
        learning_rate=rate, max_depth=depth, subsample=share, max_features=features, min_samples_leaf=leaf, loss=loss,
        n_estimators=EPOCHS, random_state=0,
    )
    model.fit(train, labels)
    for predicted in model.staged_predict(test):
        yield finite(((truth - predicted) ** 2).mean() / 1000)


def number(name, low, high, log=False, kind="float"):
    return {"name": name, "kind": kind, "low": low, "high": high, "log": log}


def choice(name, *options):
    return {"name": name, "kind": "choice", "options": options}


NETWORK = [
    number("rate", 1e-4, 1.0, log=True),
    number("decay", 1e-6, 1e-1, log=True),
    number("width", 4, 64, log=True, kind="int"),
    number("momentum", 0.0, 0.99),
    choice("batch", 32, 64, 128),
    choice("activation", "relu", "tanh", "logistic"),
    choice("solver", "sgd", "adam"),
]
JOBS = {
    "digits, network": (network, DIGITS, NETWORK),
    "wine, network": (network, WINE, NETWORK),
    "breast cancer, linear": (
        linear,
        CANCER,
        [
            number("rate", 1e-5, 1.0, log=True),
            number("decay", 1e-7, 1.0, log=True),
            number("mix", 0.0, 1.0),
            choice("penalty", "l1", "l2", "elasticnet"),
            choice("schedule", "constant", "invscaling", "adaptive", "optimal"),
        ],
    ),
    "diabetes, boosting": (
        boosting,
        DIABETES,
        [
            number("rate", 1e-2, 1.0, log=True),
            number("depth", 1, 8, kind="int"),
            number("share", 0.2, 1.0),
            number("features", 0.1, 1.0),
            number("leaf", 1, 40, log=True, kind="int"),
            choice("loss", "squared_error", "absolute_error", "huber"),
        ],
    ),
}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        if "describe" in request:
            answer = [{"name": name, "parameters": parameters} for name, (_, _, parameters) in JOBS.items()]
        else:
            train, data, _ = JOBS[request["job"]]
            answer = {"curve": list(train(data, request["values"]))}
        print(json.dumps(answer), flush=True)


main()
