"""What a sweep is told."""
from switchyard_client.sweeps.configuring import HyperDriveConfig, HyperDriveRunConfig
from switchyard_client.sweeps.goals import PrimaryMetricGoal

__all__ = ["HyperDriveConfig", "HyperDriveRunConfig", "PrimaryMetricGoal"]
