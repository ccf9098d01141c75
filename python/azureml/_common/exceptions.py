"""The base of all exceptions, by the path that some scripts import it by."""
from switchyard_client.errors import AzureMLException

__all__ = ["AzureMLException"]
