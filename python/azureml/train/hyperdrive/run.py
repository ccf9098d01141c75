"""The run of a sweep, and which way its metric is good."""
from switchyard_client.sweeps.goals import PrimaryMetricGoal
from switchyard_client.sweeps.hyperdriverun import HyperDriveRun

__all__ = ["HyperDriveRun", "PrimaryMetricGoal"]
