"""Fits a line by gradient descent, on as many processes as the run has: one here, several on a cluster, unchanged.

Each process sees its share of the data; after every step all take the mean of their gradients. What a framework's
``all_reduce`` does is written out with sockets, so that the example needs nothing but Python. Started without Switchyard
it is a single process.
"""
import argparse
import os
import random
import socket
import struct
import time

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=40)
parser.add_argument("--rate", type=float, default=0.5)
args = parser.parse_args()

rank = int(os.environ.get("SWITCHYARD_RANK", "0"))
size = int(os.environ.get("SWITCHYARD_WORLD_SIZE", "1"))


class Group:
    """Rank 0 waits at MASTER_ADDR:MASTER_PORT; the others meet it there."""

    def __init__(self):
        self.others = []
        if size == 1:
            return
        place = (os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
        if rank == 0:
            server = socket.create_server(place, backlog=size)
            self.others = [server.accept()[0] for _ in range(size - 1)]
        else:
            self.others = [self.meet(place)]

    @staticmethod
    def meet(place):
        for _ in range(600):
            try:
                return socket.create_connection(place, 10)
            except OSError:
                time.sleep(0.1)
        raise SystemExit("rank 0 did not come to %s:%d" % place)

    def mean(self, values):
        """The mean of every process's values, the same for all."""
        if size == 1:
            return values
        layout = "!%dd" % len(values)
        if rank == 0:
            given = [values] + [struct.unpack(layout, read(other, struct.calcsize(layout))) for other in self.others]
            values = [sum(column) / size for column in zip(*given)]
            for other in self.others:
                other.sendall(struct.pack(layout, *values))
            return values
        self.others[0].sendall(struct.pack(layout, *values))
        return struct.unpack(layout, read(self.others[0], struct.calcsize(layout)))


def read(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise SystemExit("another process is gone")
        data += piece
    return data


run = Run.get_context()
group = Group()
chance = random.Random(0)
points = [(x, 3 * x + 2 + chance.gauss(0, 0.1)) for x in (chance.random() for _ in range(1200))]
share = points[rank::size]
print("rank %d of %d on %s has %d points" % (rank, size, os.environ.get("SWITCHYARD_NODE", "this machine"), len(share)))

slope, offset = 0.0, 0.0
for step in range(args.steps):
    errors = [(x, slope * x + offset - y) for x, y in share]
    mine = [sum(error * x for x, error in errors), sum(error for _, error in errors), sum(error * error for _, error in errors)]
    to_slope, to_offset, loss = (value / len(share) for value in group.mean(mine))
    slope -= args.rate * 2 * to_slope
    offset -= args.rate * 2 * to_offset
    if rank == 0:
        run.log("loss", loss)

if rank == 0:
    run.log("slope", slope)
    os.makedirs("outputs", exist_ok=True)
    with open("outputs/line.txt", "w") as file:
        file.write("%.9f %.9f\n" % (slope, offset))
    print("y = %.3f x + %.3f, loss %.5f" % (slope, offset, loss))
