"""Exceptions by the names that v1 scripts catch. Those made here are raised by parts that are yet to come."""
from switchyard_client.errors import (
    ActivityFailedException,
    AuthenticationException,
    AzureMLException,
    ComputeTargetException,
    ExperimentExecutionException,
    ExperimentValidationException,
    ProjectSystemException,
    RunEnvironmentException,
    ServiceException,
    SnapshotException,
    UserErrorException,
    WorkspaceException,
)
from switchyard_client.models.errors import ModelNotFoundException, ModelPathNotFoundException, WebserviceException


class DatasetTimestampMissingError(AzureMLException):
    """A dataset has no column that tells the time."""


class DiscoveryUrlNotFoundException(AzureMLException):
    """The address of a service could not be found."""


class ImageException(AzureMLException):
    """An image could not be built or is not there."""


class OptionalDependencyMissingException(AzureMLException):
    """A package that this feature needs is not installed."""


class RunConfigurationException(AzureMLException):
    """A run configuration breaks a rule."""


class TrainingException(AzureMLException):
    """A training could not be begun or carried on."""


__all__ = [
    "ActivityFailedException",
    "AuthenticationException",
    "AzureMLException",
    "ComputeTargetException",
    "DatasetTimestampMissingError",
    "DiscoveryUrlNotFoundException",
    "ExperimentExecutionException",
    "ExperimentValidationException",
    "ImageException",
    "ModelNotFoundException",
    "ModelPathNotFoundException",
    "OptionalDependencyMissingException",
    "ProjectSystemException",
    "RunConfigurationException",
    "RunEnvironmentException",
    "ServiceException",
    "SnapshotException",
    "TrainingException",
    "UserErrorException",
    "WebserviceException",
    "WorkspaceException",
]
