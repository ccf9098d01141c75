"""``ComputeTarget``: what all compute targets have in common."""
import time

from azureml.core.compute.asking import ask, is_missing, look_up, patiently, require_kind
from azureml.core.compute.configuration import (
    ComputeTargetAttachConfiguration,
    ComputeTargetProvisioningConfiguration,
    request_for,
)
from azureml.core.compute.kinds import class_of
from azureml.core.compute.progress import Progress
from azureml.core.compute.projectfile import write_run_configuration
from switchyard_client.errors import ComputeTargetException, ComputeTargetExists
from switchyard_client.instants import instant_or_none

TERMINAL = ("Succeeded", "Failed", "Canceled")
#: Between two looks at what is waited for: soon at first, then rarely.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 3


class ComputeTarget:
    """A compute target of a workspace. ``ComputeTarget(workspace, name)`` gives an object of the target's own class."""

    _kind = None

    def __new__(cls, workspace, name):
        """Look a target up. Raise ComputeTargetException when there is none, or when it is not of this class."""
        if str(name).lower() == "local":
            raise ComputeTargetException('"local" is the machine that submits: it needs no look-up; use the word as the target.')
        target = _object_of(workspace, look_up(workspace, name))
        if not isinstance(target, cls):
            raise ComputeTargetException(
                'The compute target "%s" is not of the class %s but of %s (%s).'
                % (target.name, cls.__name__, type(target).__name__, target.type)
            )
        return target

    def __init__(self, workspace, name):
        """All is done by ``__new__``, which knows the class."""

    # --- making and finding

    @classmethod
    def create(cls, workspace, name, provisioning_configuration):
        """Begin to make a target and return it; ``wait_for_completion`` waits until it is ready."""
        _check(cls, "create", provisioning_configuration)
        body = request_for(name, provisioning_configuration)
        require_kind(workspace, body["type"], provisioning_configuration._compute.__name__, "create")
        return _object_of(workspace, ask(workspace, "POST", body=body))

    @classmethod
    def attach(cls, workspace, name, attach_configuration):
        """Begin to attach a machine or service that exists and return it as a target.

        In a project (a folder with ``.azureml`` or ``aml_config``) it writes ``<name>.runconfig`` too.
        """
        _check(cls, "attach", attach_configuration)
        body = request_for(name, attach_configuration)
        require_kind(workspace, body["type"], attach_configuration._compute.__name__, "attach")
        try:
            target = _object_of(workspace, ask(workspace, "POST", "attach", body=body))
        except ComputeTargetExists as error:
            message = 'Something is already attached or created as "%s". %s' % (name, error.message)
            raise ComputeTargetExists(message, inner_exception=error.inner_exception) from error
        except ComputeTargetException as error:
            if getattr(error.inner_exception, "code", None) == "conflict":  # the same machine under another name
                raise ComputeTargetExists(error.message, inner_exception=error.inner_exception) from error
            raise
        write_run_configuration(target)
        return target

    @staticmethod
    def list(workspace):
        """All targets that somebody made or attached; the machine that submits is no such target."""
        return [_object_of(workspace, shown) for shown in ask(workspace, "GET") if shown["type"] != "local"]

    # --- what it is

    @property
    def workspace(self):
        """The workspace that the target belongs to."""
        return self._workspace

    @property
    def name(self):
        """Its name in the workspace."""
        return self._shown["name"]

    @property
    def id(self):
        """What the server knows it by."""
        return self._shown["id"]

    @property
    def type(self):
        """The word for its kind: AmlCompute, ComputeInstance, VirtualMachine, ..."""
        return self._shown["computeType"]

    @property
    def location(self):
        """The place that was given for it, or None."""
        return self._shown["location"]

    @property
    def cluster_location(self):
        """The same as ``location``."""
        return self._shown["location"]

    @property
    def description(self):
        """What a person wrote about it, or None."""
        return self._shown["description"]

    @property
    def tags(self):
        """Key -> value."""
        return dict(self._shown["tags"])

    @property
    def created_on(self):
        """When it was made or attached."""
        return instant_or_none(self._shown["createdUtc"])

    @property
    def modified_on(self):
        """When it was last changed."""
        return instant_or_none(self._shown["modifiedUtc"])

    @property
    def provisioning_state(self):
        """Creating, Updating, Succeeded, Failed, Deleting, Canceled or Unknown, when it was last looked at."""
        return self._shown["provisioningState"]

    @property
    def provisioning_errors(self):
        """Why it could not be made: a list of {code, message}."""
        return list(self._shown["provisioningErrors"])

    @property
    def cluster_resource_id(self):
        """The address of the resource, in the form of v1."""
        return self._shown["clusterResourceId"]

    def serialize(self):
        """Everything about it as a dictionary, in the shape of the management API."""
        shown = self._shown
        return {
            "id": shown["clusterResourceId"],
            "name": shown["name"],
            "location": shown["location"],
            "tags": self.tags,
            "properties": {
                "computeType": shown["computeType"],
                "computeLocation": shown["location"],
                "description": shown["description"],
                "resourceId": shown["clusterResourceId"],
                "isAttachedCompute": shown["attached"],
                "provisioningState": shown["provisioningState"],
                "provisioningErrors": self.provisioning_errors,
                "createdOn": shown["createdUtc"],
                "modifiedOn": shown["modifiedUtc"],
                "properties": dict(shown["settings"]),
                "status": shown["status"],
            },
        }

    def get_active_runs(self, type=None, tags=None, properties=None, status=None):
        """Yield the runs here that have not ended, newest first; the filters are those of ``Run.list_by_compute``."""
        from azureml.core.run import TERMINAL_STATES, Run

        for run in Run.list_by_compute(self, type, tags, properties, status):
            if run._details["status"] not in TERMINAL_STATES:
                yield run

    # --- what people do to it

    def refresh_state(self):
        """Look at it again."""
        self._shown = look_up(self.workspace, self.name)

    def wait_for_completion(self, show_output=False):
        """Wait until it is made. Raise ComputeTargetException with the reason when it could not be."""
        progress = Progress(show_output)
        self._wait(progress, lambda: self.provisioning_state in TERMINAL)
        progress.end()
        self._raise_if_not_made()

    def get_credentials(self):
        """What was stored to reach it: user, password, key, as they were given."""
        return ask(self.workspace, "POST", self.name, "credentials")

    def delete(self):
        """Unmake a target that was created. One that was attached is detached instead."""
        self._let_go("DELETE", self.name)

    def detach(self):
        """Let go of a target that was attached; the machine stays as it is. One that was created is deleted instead."""
        self._let_go("POST", self.name, "detach")

    def __repr__(self):
        return "%s(workspace=%s, name=%s, type=%s, provisioning_state=%s)" % (
            type(self).__name__, self.workspace.name, self.name, self.type, self.provisioning_state,
        )

    def _repr_html_(self):
        from switchyard_client.notebook.drawing import target_table

        return target_table(self)

    def __reduce__(self):
        return _object_of, (self._workspace, self._shown)  # so that a copy asks nobody

    # --- parts

    @property
    def _settings(self):
        return self._shown["settings"]

    def _change(self, **changes):
        self._shown = ask(self.workspace, "PATCH", self.name, body=changes)

    def _let_go(self, *request):
        ask(self.workspace, *request)
        try:
            self.refresh_state()
        except ComputeTargetException as error:
            if not is_missing(error):
                raise
            self._shown = dict(self._shown, provisioningState="Deleting")  # it went at once

    def _wait(self, progress, is_over, state=None, until=None):
        """Look again and again until it is over; say False when the time ``until`` came first."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            patiently(self.refresh_state)
            progress.state(state() if state else self.provisioning_state)
            if is_over():
                return True
            left = LONGEST_PAUSE_SECONDS if until is None else until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(pause, left))
            pause = min(pause * 1.3, LONGEST_PAUSE_SECONDS)

    def _wait_until_gone(self, progress):
        try:
            self._wait(progress, lambda: self.provisioning_state == "Failed")
        except ComputeTargetException as error:
            if not is_missing(error):
                raise
            progress.end()
            return
        progress.end()
        self._raise_if_not_made()

    def _raise_if_not_made(self):
        if self.provisioning_state == "Succeeded":
            return
        reasons = "; ".join("%s (%s)" % (error["message"], error["code"]) for error in self.provisioning_errors)
        raise ComputeTargetException(
            'The compute target "%s" is not ready, its provisioning state is %s: %s'
            % (self.name, self.provisioning_state, reasons or "no reason recorded")
        )


def _object_of(workspace, shown):
    target = object.__new__(class_of(shown["type"], ComputeTarget))
    target._workspace = workspace
    target._shown = shown
    return target


def _check(cls, verb, configuration):
    """``RemoteCompute.attach`` takes what ``RemoteCompute.attach_configuration`` made, ``ComputeTarget.attach`` that of any kind."""
    attaches = isinstance(configuration, ComputeTargetAttachConfiguration)
    if not isinstance(configuration, ComputeTargetProvisioningConfiguration) or attaches != (verb == "attach"):
        builder = "attach_configuration" if verb == "attach" else "provisioning_configuration"
        raise ComputeTargetException(
            "%s takes what %s() of a kind of target makes, not %s." % (verb, builder, type(configuration).__name__)
        )
    if not issubclass(configuration._compute, cls):
        raise ComputeTargetException(
            "%s.%s does not take a configuration of %s." % (cls.__name__, verb, configuration._compute.__name__)
        )
