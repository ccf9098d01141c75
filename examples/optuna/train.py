"""Fits a line to noisy points by gradient descent, and logs the loss of every epoch. Needs nothing but Python."""
import argparse
import random

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, default=0.01)
parser.add_argument("--optimizer", choices=["plain", "momentum"], default="momentum")
parser.add_argument("--momentum", type=float, default=0.0)
parser.add_argument("--batch", type=int, default=8)
parser.add_argument("--epochs", type=int, default=5)
args = parser.parse_args()

noise = random.Random(1)
points = [(x / 64.0, 3 * x / 64.0 + 1 + noise.gauss(0, 0.05)) for x in range(64)]
momentum = args.momentum if args.optimizer == "momentum" else 0.0
run = Run.get_context()
slope = intercept = slope_velocity = intercept_velocity = 0.0
for epoch in range(args.epochs):
    noise.shuffle(points)
    for first in range(0, len(points), args.batch):
        batch = points[first : first + args.batch]
        errors = [(slope * x + intercept - y, x) for x, y in batch]
        slope_velocity = momentum * slope_velocity - args.rate * sum(error * x for error, x in errors) / len(batch)
        intercept_velocity = momentum * intercept_velocity - args.rate * sum(error for error, _ in errors) / len(batch)
        slope, intercept = slope + slope_velocity, intercept + intercept_velocity
    run.log("loss", sum((slope * x + intercept - y) ** 2 for x, y in points) / len(points))
