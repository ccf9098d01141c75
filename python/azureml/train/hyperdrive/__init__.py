"""Hyperparameter tuning: a script that is run many times, with values that are drawn."""
from switchyard_client.lazy import import_when_asked
from switchyard_client.sweeps.configuring import HyperDriveConfig, HyperDriveRunConfig
from switchyard_client.sweeps.expressions import (
    choice, lognormal, loguniform, normal, qlognormal, qloguniform, qnormal, quniform, randint, uniform
)  # fmt: skip
from switchyard_client.sweeps.goals import PrimaryMetricGoal
from switchyard_client.sweeps.policies import BanditPolicy, MedianStoppingPolicy, NoTerminationPolicy, TruncationSelectionPolicy
from switchyard_client.sweeps.sampling import BayesianParameterSampling, GridParameterSampling, RandomParameterSampling

_MODULES = ("exceptions", "parameter_expressions", "policy", "run", "runconfig", "sampling")
_NAMES = {module: "%s.%s" % (__name__, module) for module in _MODULES}
import_when_asked(__name__, dict(_NAMES, HyperDriveRun="azureml.train.hyperdrive.run"))

__all__ = [
    "BanditPolicy", "BayesianParameterSampling", "GridParameterSampling", "HyperDriveConfig", "HyperDriveRun", "HyperDriveRunConfig",
    "MedianStoppingPolicy", "NoTerminationPolicy", "PrimaryMetricGoal", "RandomParameterSampling", "TruncationSelectionPolicy", "choice",
    "lognormal", "loguniform", "normal", "qlognormal", "qloguniform", "qnormal", "quniform", "randint", "uniform",
]  # fmt: skip
