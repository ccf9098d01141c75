"""Exceptions by the names that v1 scripts catch."""
from switchyard_client.errors import (
    AzureMLException,
    ExperimentExecutionException,
    RunEnvironmentException,
    ServiceException,
    UserErrorException,
)

__all__ = [
    "AzureMLException",
    "ExperimentExecutionException",
    "RunEnvironmentException",
    "ServiceException",
    "UserErrorException",
]
