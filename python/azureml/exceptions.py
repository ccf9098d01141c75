"""Exceptions by the names that v1 scripts catch. Those made here are raised by parts that are yet to come."""
from switchyard_client.errors import (
    AzureMLException,
    ComputeTargetException,
    ExperimentExecutionException,
    ExperimentValidationException,
    ProjectSystemException,
    RunEnvironmentException,
    ServiceException,
    SnapshotException,
    UserErrorException,
)


class ActivityFailedException(AzureMLException):
    """A run that was waited for has failed."""


class AuthenticationException(AzureMLException):
    """Who asks could not be told."""


class DatasetTimestampMissingError(AzureMLException):
    """A dataset has no column that tells the time."""


class DiscoveryUrlNotFoundException(AzureMLException):
    """The address of a service could not be found."""


class ImageException(AzureMLException):
    """An image could not be built or is not there."""


class ModelNotFoundException(AzureMLException):
    """There is no such model."""


class ModelPathNotFoundException(AzureMLException):
    """There is nothing at the path of a model."""


class OptionalDependencyMissingException(AzureMLException):
    """A package that this feature needs is not installed."""


class RunConfigurationException(AzureMLException):
    """A run configuration breaks a rule."""


class TrainingException(AzureMLException):
    """A training could not be begun or carried on."""


class WebserviceException(AzureMLException):
    """A web service is not there, could not be deployed, or answered with an error."""

    def __init__(self, exception_message, status_code=None, **more):
        super().__init__(exception_message, **more)
        self.status_code = status_code


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
]
