"""What the client raises. ``message`` is the text a person can act on."""


class AzureMLException(Exception):
    """Base of all errors of the client."""

    def __init__(self, message, inner_exception=None):
        super().__init__(message)
        self.message = message
        self.inner_exception = inner_exception


class UserErrorException(AzureMLException):
    """The caller asked for something that cannot be."""


class RunEnvironmentException(AzureMLException):
    """The script does not run inside a run, and the caller did not allow that."""


class ServiceException(AzureMLException):
    """The server answered with an error; ``status_code`` is the HTTP status, ``code`` the server's word for it."""

    def __init__(self, message, status_code=None, code=None, inner_exception=None):
        super().__init__(message, inner_exception)
        self.status_code = status_code
        self.code = code


class ServerUnreachable(ServiceException):
    """The server could not be asked; what was logged is safe in the journal."""


class ExperimentExecutionException(AzureMLException):
    """A run that was waited for did not end well."""
