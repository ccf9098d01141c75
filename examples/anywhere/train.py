"""Trains a small classifier, wherever it is sent: this machine, a container, a machine over SSH, a cluster.

Nothing in here knows which of them it is, and it needs nothing but Python:

    switchyard submit train.py
    switchyard submit train.py --target gpu-box
    switchyard submit train.py --target cluster --node-count 3 --communicator gloo

When the run has several processes, each of them trains once from a start of its own, and the first one's losses are the
run's metrics: they are the same on every target.
"""
import json
import math
import os
import platform
import random
import sys

from azureml.core import Run

rank = int(os.environ.get("SWITCHYARD_RANK", "0"))
size = int(os.environ.get("SWITCHYARD_WORLD_SIZE", "1"))
node = os.environ.get("SWITCHYARD_NODE", platform.node())
epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
print("rank %d of %d on %s, Python %s" % (rank, size, node, platform.python_version()), flush=True)

# Points above and below a curve; the same ones in every process.
chance = random.Random(7)
points = []
for _ in range(400):
    x, y = chance.uniform(-2, 2), chance.uniform(-2, 2)
    points.append(((1.0, x, y, x * x), 1.0 if y > 0.5 * x * x - 0.5 else 0.0))

start = random.Random(rank)
weights = [start.gauss(0, 1) for _ in range(4)]
run = Run.get_context()
for epoch in range(epochs):
    loss, right = 0.0, 0
    for features, label in points:
        sure = 1 / (1 + math.exp(-sum(w * f for w, f in zip(weights, features))))
        loss -= math.log(max(1e-12, sure if label else 1 - sure))
        right += (sure > 0.5) == (label > 0.5)
        weights = [w + 0.1 * (label - sure) * f for w, f in zip(weights, features)]
    name = "loss" if rank == 0 else "loss of rank %d" % rank
    run.log(name, round(loss / len(points), 6))

accuracy = right / len(points)
print("rank %d: accuracy %.3f" % (rank, accuracy), flush=True)
if rank == 0:
    run.log("accuracy", accuracy)
    os.makedirs("outputs", exist_ok=True)
    with open("outputs/model.json", "w") as file:
        json.dump({"weights": [round(w, 6) for w in weights], "accuracy": accuracy}, file)
