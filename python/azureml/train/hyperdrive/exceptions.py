"""Exceptions of sweeps by the names that v1 scripts catch."""
from switchyard_client.sweeps.errors import (
    HyperDriveConfigException,
    HyperDriveException,
    HyperDriveNotImplementedException,
    HyperDriveRehydrateException,
    HyperDriveScenarioNotSupportedException,
)

__all__ = [
    "HyperDriveConfigException", "HyperDriveException", "HyperDriveNotImplementedException", "HyperDriveRehydrateException",
    "HyperDriveScenarioNotSupportedException",
]  # fmt: skip
