"""What the client raises. ``message`` is the text a person can act on."""


class AzureMLException(Exception):
    """Base of all errors of the client."""

    def __init__(self, exception_message, inner_exception=None, **_):
        super().__init__(exception_message)
        self.message = exception_message
        self.inner_exception = inner_exception


class UserErrorException(AzureMLException):
    """The caller asked for something that cannot be."""


class RunEnvironmentException(AzureMLException):
    """The script does not run inside a run, and the caller did not allow that."""


class ServiceException(AzureMLException):
    """The server answered with an error: ``status_code`` is the HTTP status, ``code`` the server's word, ``details`` its facts."""

    def __init__(self, exception_message, status_code=None, code=None, inner_exception=None, details=None):
        super().__init__(exception_message, inner_exception)
        self.status_code = status_code
        self.code = code
        self.details = details or {}


class ServerUnreachable(ServiceException):
    """The server could not be asked; what was logged is safe in the journal."""


class ExperimentExecutionException(AzureMLException):
    """A run that was waited for did not end well."""


class ActivityFailedException(ExperimentExecutionException):
    """A run that was waited for has failed; ``error_code`` is the run's word for why."""

    def __init__(self, exception_message, error_code=None, **more):
        super().__init__(exception_message, **more)
        self.error_code = error_code


class FileNotInRun(ServiceException, UserErrorException):
    """The run has no such file."""


class AuthenticationException(ServiceException):
    """Who asks could not be told: no token, or one that is unknown, expired or revoked."""


class ComputeTargetException(AzureMLException):
    """A compute target is not there, could not be made, or cannot do what was asked."""


class ComputeTargetExists(ComputeTargetException, UserErrorException):
    """The name is taken, or the machine is already attached. Older scripts catch it as the one class, newer ones as the other."""


class ProjectSystemException(AzureMLException):
    """A workspace is not there."""


class WorkspaceException(ProjectSystemException):
    """A workspace is not there, could not be made, or cannot be deleted."""

    def __init__(self, exception_message, found_multiple=False, **more):
        super().__init__(exception_message, **more)
        self.found_multiple = found_multiple


class SnapshotException(AzureMLException):
    """A source folder could not be kept."""


class ExperimentValidationException(AzureMLException):
    """A submission breaks a rule."""


def not_built(feature, section):
    """The error for what v1 had and is yet to come: ``raise not_built("Dataset.filter()", "data")``, a section of the roadmap."""
    return NotImplementedError("%s is not built yet: %s. Nothing was done." % (feature, on_the_roadmap(section)))


def not_built_there(error, section):
    """The same for what the server says that it does not do yet."""
    return NotImplementedError("%s Nothing was done: %s." % (error.message, on_the_roadmap(section)))


def on_the_roadmap(section):
    """Where a person reads what is planned."""
    return 'see "%s" in docs/roadmap.md' % section
