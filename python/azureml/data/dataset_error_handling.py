"""Errors of datasets."""
from switchyard_client.errors import AzureMLException, UserErrorException


class DatasetValidationError(UserErrorException):
    """A dataset that is being made cannot be read."""


class DatasetExecutionError(AzureMLException):
    """Reading a dataset failed."""
