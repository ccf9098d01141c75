"""What goes wrong with models, as v1's scripts catch it: the class of its model service, and the one that says what it was."""
from switchyard_client.errors import AzureMLException, ServerUnreachable, ServiceException


class WebserviceException(AzureMLException):
    """A model or web service is not there, could not be made or changed, or answered with an error."""

    def __init__(self, exception_message, status_code=None, **more):
        super().__init__(exception_message, **more)
        self.status_code = status_code


class ModelNotFoundException(WebserviceException):
    """There is no such model."""


class ModelPathNotFoundException(WebserviceException):
    """There is nothing at the path of a model."""


def asking_about_models(ask, missing=ModelNotFoundException):
    """Call ``ask``; what the server refuses becomes a WebserviceException, what is not there a ``missing``."""
    try:
        return ask()
    except ServerUnreachable:
        raise
    except ServiceException as error:
        kind = missing if error.code == "not_found" else WebserviceException
        raise kind(error.message, status_code=error.status_code, inner_exception=error) from error
