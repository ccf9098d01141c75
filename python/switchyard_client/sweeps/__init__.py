"""Sweeps by our own rules: all that ``azureml.train.hyperdrive`` has, without the limits that only the hosted service had, and more.

``SweepConfig`` is submitted like any configuration and gives a ``Sweep``. Beside the names of v1 there are Sobol sequences, ASHA,
Hyperband, nested choices, parameters that depend on others (``only_when``), seeds, a budget, retries, and trials whose values an
optimiser of one's own finds (``Sweep.ask``). The guide's page on sweeps shows them.
"""
from switchyard_client.lazy import import_when_asked

_MODULES = {
    "configuring": "SweepConfig",
    "errors": "HyperDriveConfigException HyperDriveException",
    "expressions": "choice lognormal loguniform normal qlognormal qloguniform qnormal quniform randint uniform",
    "goals": "PrimaryMetricGoal",
    "policies": "AshaPolicy BanditPolicy HyperbandPolicy MedianStoppingPolicy NoTerminationPolicy TruncationSelectionPolicy",
    "sampling": "BayesianSampling GridSampling RandomSampling SobolSampling only_when",
    "sweep": "Sweep",
    "trial": "Trial",
}
_NAMES = {name: "%s.%s" % (__name__, module) for module, names in _MODULES.items() for name in names.split()}
import_when_asked(__name__, _NAMES)

__all__ = sorted(_NAMES)
