"""The workspace: what experiments, runs and compute targets belong to."""
import json
import os

from switchyard_client.connect import connect
from switchyard_client.errors import ProjectSystemException, ServiceException, UserErrorException
from switchyard_client.place import Place

_FOLDERS = (".azureml", "aml_config", "")
_FILE_NAME = "config.json"


class Workspace:
    """A workspace of the server that the command line would use too.

    ``subscription_id`` and ``resource_group`` are taken because older scripts give them; a workspace is found by its name
    alone. ``auth`` is not needed: the token of the home (or SWITCHYARD_TOKEN) says who asks.
    """

    def __init__(
        self,
        subscription_id,
        resource_group,
        workspace_name,
        auth=None,
        _location=None,
        _disable_service_check=False,
        _workspace_id=None,
        sku="basic",
        **_
    ):
        if not isinstance(workspace_name, str) or not workspace_name:
            raise UserErrorException("Which workspace? workspace_name is %r." % (workspace_name,))
        self._server = connect(workspace_name)
        self._shown = _look_up(self._server, workspace_name)

    @staticmethod
    def get(name, auth=None, subscription_id=None, resource_group=None, location=None, cloud="AzureCloud", id=None):
        """The workspace of this name."""
        return Workspace(subscription_id, resource_group, name, auth)

    @staticmethod
    def from_config(path=None, auth=None, _logger=None, _file_name=None):
        """The workspace that ``config.json`` names: in ``path``, the working directory or a folder above, also in ``.azureml``.

        Without such a file: the workspace of the run around us, or that of SWITCHYARD_WORKSPACE.
        """
        config, unfit = _find_config(path, _file_name or _FILE_NAME)
        if config is not None:
            return Workspace(config.get("subscription_id"), config.get("resource_group"), config["workspace_name"], auth)
        place = Place()
        named = os.environ.get("SWITCHYARD_WORKSPACE") or (place.workspace if place.in_run else None)
        if path is None and named:
            return Workspace.get(named, auth)
        raise UserErrorException(
            'No %s names a workspace in "%s" or above it%s. `switchyard folder attach` writes one; Workspace.get("default") needs none.'
            % (_file_name or _FILE_NAME, os.path.abspath(path or os.getcwd()), "".join("; " + each for each in unfit))
        )

    def write_config(self, path=None, file_name=None):
        """Write ``.azureml/config.json`` below ``path`` (default: the working directory), for ``from_config``."""
        folder = os.path.join(path or os.getcwd(), ".azureml")
        os.makedirs(folder, exist_ok=True)
        file = os.path.join(folder, file_name or _FILE_NAME)
        config = _read_object(file)[0] or {}  # it may hold more than what is ours
        config.update(subscription_id=self.subscription_id, resource_group=self.resource_group, workspace_name=self.name)
        with open(file, "w", encoding="utf-8") as out:
            out.write(json.dumps(config, indent=2) + "\n")

    @property
    def name(self):
        """The workspace's name."""
        return self._shown["name"]

    @property
    def subscription_id(self):
        """The subscription as the server names it in addresses of resources."""
        return self._shown["subscriptionId"]

    @property
    def resource_group(self):
        """The resource group as the server names it in addresses of resources."""
        return self._shown["resourceGroup"]

    @property
    def _workspace_id(self):
        return self._shown["workspaceId"]  # older samples make unique names from it

    @property
    def compute_targets(self):
        """Name -> compute target, of those that somebody made or attached; as in the oldest SDK it may be called as well."""
        from azureml.core.compute import ComputeTarget

        return _ComputeTargets((target.name, target) for target in ComputeTarget.list(self))

    @property
    def models(self):
        """Name -> newest version of the model."""
        from azureml.core.model import Model

        return {model.name: model for model in Model.list(self, latest=True)}

    def get_default_keyvault(self):
        """The key vault with the workspace's secrets."""
        from azureml.core.keyvault import Keyvault

        return Keyvault(self)

    def __repr__(self):
        return "Workspace(name=%r, subscription_id=%r, resource_group=%r)" % (self.name, self.subscription_id, self.resource_group)


class _ComputeTargets(dict):
    def __call__(self):
        return self


def _look_up(server, name):
    try:
        return server.ask("GET", server.path("").rstrip("/"))
    except ServiceException as error:
        if error.code == "not_found":
            message = '%s Server: %s. `switchyard workspace create -w %s` makes it.' % (error.message, server.url, name)
            raise ProjectSystemException(message, inner_exception=error) from error
        raise


def _find_config(path, file_name):
    """The nearest configuration that names a workspace, and what is wrong with those that do not."""
    start = os.path.abspath(path or os.getcwd())
    unfit = []
    if os.path.isfile(start):
        candidates = [start]
    else:
        candidates = [os.path.join(folder, inner, file_name) for folder in _and_above(start) for inner in _FOLDERS]
    for candidate in candidates:
        config, wrong = _read_object(candidate)
        if config is not None and config.get("workspace_name"):
            return config, unfit
        if wrong or config is not None:
            unfit.append("%s %s" % (candidate, wrong or "has no workspace_name"))
    return None, unfit


def _and_above(folder):
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


def _read_object(file):
    """The JSON object in a file, or None and what is wrong; neither when there is no such file."""
    try:
        with open(file, encoding="utf-8-sig") as text:
            content = json.load(text)
    except FileNotFoundError:
        return None, None
    except NotADirectoryError:
        return None, None
    except (OSError, ValueError) as error:
        return None, "cannot be read (%s)" % error
    return (content, None) if isinstance(content, dict) else (None, "holds no JSON object")
