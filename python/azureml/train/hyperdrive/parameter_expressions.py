"""How values are drawn."""
from switchyard_client.sweeps.expressions import (
    choice, lognormal, loguniform, normal, qlognormal, qloguniform, qnormal, quniform, randint, uniform
)  # fmt: skip

__all__ = ["choice", "lognormal", "loguniform", "normal", "qlognormal", "qloguniform", "qnormal", "quniform", "randint", "uniform"]
