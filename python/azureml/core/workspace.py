"""The workspace: what experiments, runs and compute targets belong to."""
import os
import sys

from switchyard_client.connect import connect
from switchyard_client.contents import Contents
from switchyard_client.errors import ServiceException, UserErrorException, WorkspaceException
from switchyard_client.place import Place
from switchyard_client.interactive.leftovers import carry_on_leftovers_once
from switchyard_client.ofazure import OfAzure
from switchyard_client.projectconfig import FILE_NAME, find_config, write_config
from switchyard_client.retrying import patiently

#: Arguments of ``create`` that name resources of Azure: here the server keeps data, secrets and images itself.
_OF_AZURE = (
    "storage_account", "key_vault", "app_insights", "container_registry", "adb_workspace", "primary_user_assigned_identity",
    "cmk_keyvault", "resource_cmk_uri", "hbi_workspace", "private_endpoint_config", "user_assigned_identity_for_cmk_encryption",
)  # fmt: skip


class Workspace(Contents, OfAzure):
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
        tags=None,
        _cloud="AzureCloud",
    ):
        """Open a workspace that exists; ``Workspace.create`` makes one."""
        if not isinstance(workspace_name, str) or not workspace_name:
            raise UserErrorException("Which workspace? workspace_name is %r." % (workspace_name,))
        server = connect(workspace_name, auth=auth)
        self._begin(server, _look_up(server, workspace_name, subscription_id), auth)

    def _begin(self, server, shown, auth):
        self._server = server
        self._shown = shown
        self._auth_object = auth
        carry_on_leftovers_once(server)

    @classmethod
    def _of(cls, shown, auth):
        workspace = cls.__new__(cls)
        workspace._begin(connect(shown["name"], auth=auth), shown, auth)
        return workspace

    # --- making and finding

    @staticmethod
    def create(
        name, auth=None, subscription_id=None, resource_group=None, location=None, create_resource_group=True, sku="basic", tags=None,
        friendly_name=None, storage_account=None, key_vault=None, app_insights=None, container_registry=None, adb_workspace=None,
        primary_user_assigned_identity=None, cmk_keyvault=None, resource_cmk_uri=None, hbi_workspace=False,
        default_cpu_compute_target=None, default_gpu_compute_target=None, private_endpoint_config=None,
        private_endpoint_auto_approval=True, exist_ok=False, show_output=True, user_assigned_identity_for_cmk_encryption=None,
        system_datastores_auth_mode="accessKey", v1_legacy_mode=None, description=None
    ):  # fmt: skip
        """Make a workspace and return it; one that exists is returned with ``exist_ok``, else it is a WorkspaceException.

        A default compute target is a provisioning configuration; its cluster is made here under the server's name for it.
        """
        given = locals()
        ignored = [argument for argument in _OF_AZURE if given[argument]]
        if ignored:
            sys.stderr.write(
                "Workspace.create: %s name%s resources of Azure; the server keeps data, secrets and images itself and takes no notice.\n"
                % (", ".join(ignored), "s" if len(ignored) == 1 else "")
            )
        if not isinstance(name, str) or not name:
            raise UserErrorException("Which workspace? name is %r." % (name,))
        server = connect(name, auth=auth)
        said = {"location": location, "sku": sku, "tags": tags, "friendlyName": friendly_name, "description": description}
        body = {key: value for key, value in said.items() if value is not None}
        try:
            shown = patiently(lambda: server.ask("POST", "/api/v1/workspaces", body=dict(body, name=name, existOk=exist_ok)))
        except ServiceException as error:
            if error.code in ("already_exists", "bad_request"):
                more = " exist_ok=True opens it." if error.code == "already_exists" else ""
                raise WorkspaceException(error.message + more, inner_exception=error) from error
            raise
        workspace = Workspace._of(shown, auth)
        if show_output:
            print("Workspace %s is there, on %s." % (name, server.url))
        for kind, configuration in (("CPU", default_cpu_compute_target), ("GPU", default_gpu_compute_target)):
            if configuration is not None:
                workspace._default_cluster(kind, configuration)
        return workspace

    @staticmethod
    def get(name, auth=None, subscription_id=None, resource_group=None, location=None, cloud="AzureCloud", id=None):
        """The workspace of this name."""
        return Workspace(subscription_id, resource_group, name, auth)

    @staticmethod
    def list(subscription_id, auth=None, resource_group=None):
        """Name -> list of the workspaces with this name: one each, since one server is one place."""
        server = connect("default", auth=auth)
        return {shown["name"]: [Workspace._of(shown, auth)] for shown in server.ask("GET", "/api/v1/workspaces")}

    @staticmethod
    def setup():
        """The workspace that ``config.json`` names, else the server's own, "default"."""
        try:
            return Workspace.from_config()
        except UserErrorException:
            return Workspace.get("default")

    @staticmethod
    def from_config(path=None, auth=None, _logger=None, _file_name=None):
        """The workspace that ``config.json`` names: in ``path``, the working directory or a folder above, also in ``.azureml``.

        Without such a file: the workspace of the run around us, or that of SWITCHYARD_WORKSPACE.
        """
        try:
            config, file = find_config(path, _file_name or FILE_NAME)
        except UserErrorException:
            place = Place()
            named = os.environ.get("SWITCHYARD_WORKSPACE") or (place.workspace if place.in_run else None)
            if path is None and named:
                return Workspace.get(named, auth)
            raise
        try:
            return Workspace(config.get("subscription_id"), config.get("resource_group"), config["workspace_name"], auth)
        except WorkspaceException as error:
            raise WorkspaceException("%s It is named by %s." % (error.message, file), inner_exception=error) from error

    def write_config(self, path=None, file_name=None):
        """Write ``.azureml/config.json`` below ``path`` (default: the working directory), for ``from_config``."""
        names = dict(subscription_id=self.subscription_id, resource_group=self.resource_group, workspace_name=self.name)
        write_config(path or os.getcwd(), file_name or FILE_NAME, **names)

    def _initialize_folder(self, experiment_name, directory="."):
        """Link a folder to this workspace and an experiment, as `switchyard folder attach` does."""
        os.makedirs(directory, exist_ok=True)
        self.write_config(directory)
        write_config(directory, FILE_NAME, experiment_name=experiment_name)

    # --- changing

    def update(self, friendly_name=None, description=None, tags=None, image_build_compute=None, **of_azure):
        """Change what is said of it; tags are added to those that are there, one with the value None goes."""
        if of_azure:
            raise UserErrorException("Workspace.update() does not know %s: they are about resources of Azure." % ", ".join(sorted(of_azure)))
        said = {"friendlyName": friendly_name, "description": description, "tags": tags, "imageBuildCompute": image_build_compute}
        body = {key: value for key, value in said.items() if value is not None}
        self._shown = self._server.ask("PATCH", self._server.path("").rstrip("/"), body=body)
        return self.get_details()

    def add_tags(self, tags):
        """Add tags: key -> text."""
        self.update(tags=dict(tags))

    def remove_tags(self, tags):
        """Remove tags by key."""
        self.update(tags={key: None for key in ([tags] if isinstance(tags, str) else tags)})

    def delete(self, delete_dependent_resources=False, no_wait=False):
        """Delete the workspace. With ``delete_dependent_resources`` its runs and files go too; without, one that holds runs stays.

        Raise WorkspaceException while runs are on their way or compute targets are there.
        """
        query = {"everything": "true" if delete_dependent_resources else "false"}
        try:
            self._server.ask("DELETE", self._server.path("").rstrip("/"), query=query)
        except ServiceException as error:
            if error.code in ("conflict", "not_found"):
                raise WorkspaceException(error.message, inner_exception=error) from error
            raise

    # --- what it is

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
    def location(self):
        """The place that was given for it; else the word ``local``, as scripts put it together with other texts."""
        return self._shown.get("location") or "local"

    @property
    def sku(self):
        """``basic`` or ``enterprise``, as was said; it makes no difference here."""
        return self._shown.get("sku", "basic")

    @property
    def tags(self):
        """Key -> text."""
        return dict(self._shown.get("tags") or {})

    @property
    def friendly_name(self):
        """The name that people read, or None."""
        return self._shown.get("friendlyName")

    @property
    def description(self):
        """What a person wrote about it, or None."""
        return self._shown.get("description")

    @property
    def _workspace_id(self):
        return self._shown["workspaceId"]  # older samples make unique names from it

    @property
    def _workspace_name(self):
        return self.name

    @property
    def _auth(self):
        from azureml.core.authentication import InteractiveLoginAuthentication

        return self._auth_object or InteractiveLoginAuthentication()

    def get_details(self):
        """What the server knows of it, by the keys of v1: id, name, location, type, sku, tags, workspaceid, ..."""
        shown = self._shown = self._server.ask("GET", self._server.path("").rstrip("/"))
        address = "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.MachineLearningServices/workspaces/%s"
        return {
            "id": address % (self.subscription_id, self.resource_group, self.name),
            "name": self.name, "location": self.location, "type": "Microsoft.MachineLearningServices/workspaces",
            "sku": self.sku, "tags": self.tags, "workspaceid": shown["workspaceId"], "friendlyName": self.friendly_name or self.name,
            "description": self.description or "", "creationTime": shown.get("createdUtc"), "provisioningState": "Succeeded",
            "imageBuildCompute": shown.get("imageBuildCompute"), "discoveryUrl": self._server.url, "url": self._server.url,
        }  # fmt: skip

    @property
    def discovery_url(self):
        """The server's address."""
        return self._server.url

    def get_mlflow_tracking_uri(self, with_auth=False):
        """What ``mlflow.set_tracking_uri`` takes so that MLflow logs to this workspace."""
        from switchyard_client.trackinguri import tracking_uri

        return tracking_uri(self._server, self.subscription_id, self.resource_group)

    # --- how it looks

    def __repr__(self):
        return "Workspace.create(name=%r, subscription_id=%r, resource_group=%r)" % (self.name, self.subscription_id, self.resource_group)

    def _repr_html_(self):
        from switchyard_client.pages import table

        return table([("Workspace", self.name), ("Location", self.location), ("Server", (self._server.url, self._server.url))])


def _look_up(server, name, subscription_id):
    try:
        return server.ask("GET", server.path("").rstrip("/"))
    except ServiceException as error:
        if error.code not in ("not_found", "bad_request"):
            raise
        message = "%s Server: %s. `switchyard workspace create -w %s` makes it." % (error.message, server.url, name)
        if _is_of_azure(subscription_id):
            message += (
                " The subscription %s says that the workspace was one of Azure Machine Learning: its runs and data are not here, but its"
                " scripts run once a workspace of this name is." % subscription_id
            )
        raise WorkspaceException(message, inner_exception=error) from error


def _is_of_azure(subscription_id):
    """A subscription of Azure has a number of its own; that of every server here is all zeros."""
    digits = str(subscription_id or "").replace("-", "")
    return len(digits) == 32 and digits.strip("0") != ""


__all__ = ["Workspace"]
