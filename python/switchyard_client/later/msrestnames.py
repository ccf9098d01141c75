"""``HttpOperationError``: what scripts catch when a datastore is not there. It is msrest's own where msrest is installed."""


class ClientException(Exception):
    """Base of the errors of the vendor's HTTP library."""

    def __init__(self, message="", inner_exception=None, *_):
        super().__init__(message)
        self.message = message
        self.inner_exception = inner_exception


class HttpOperationError(ClientException):
    """The server refused something."""

    def __init__(self, message="", response=None, inner_exception=None, *_):
        super().__init__(message, inner_exception)
        self.response = response
        self.error = None


def http_operation_error():
    """The class that a script's ``from msrest.exceptions import HttpOperationError`` gives it."""
    try:
        from msrest.exceptions import HttpOperationError as found
    except ImportError:
        return HttpOperationError
    return found


def catchable_as_http_operation_error(error):
    """The same error, of a class that ``except HttpOperationError`` catches as well."""
    base = http_operation_error()
    if isinstance(error, base):
        return error
    kind = type(error)
    error.__class__ = type(kind.__name__, (kind, base), {"__module__": kind.__module__, "__doc__": kind.__doc__})
    error.__dict__.setdefault("response", None)
    error.__dict__.setdefault("error", None)
    return error
