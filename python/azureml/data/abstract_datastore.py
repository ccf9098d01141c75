"""What all datastores have."""
from azureml.data.data_reference import DataReference
from switchyard_client.data.datastores import ask


class AbstractDatastore:
    """Storage that a workspace knows by a name. ``datastore_type`` is v1's word for its kind: ``AzureBlob``, ..."""

    def __init__(self, workspace, shown):
        self.workspace = workspace
        self._shown = shown

    @property
    def name(self):
        """The datastore's name."""
        return self._shown["name"]

    @property
    def datastore_type(self):
        """v1's word for its kind."""
        return self._shown["datastoreType"]

    @property
    def is_default(self):
        """Is it meant where none is named?"""
        return self._shown["isDefault"]

    def set_as_default(self):
        """Make it the one that is meant where none is named."""
        self._shown = self.workspace._server.ask("PUT", self.workspace._server.path("default-datastore"), body={"name": self.name})

    def unregister(self):
        """Let the workspace forget it; the storage behind stays as it is."""
        ask(self.workspace, "DELETE", self.name)

    def _as_dict(self, hide_secret=True):
        return dict(self._shown["settings"], name=self.name, datastore_type=self.datastore_type)

    def _setting(self, name):
        return self._shown["settings"].get(name)

    def _credential(self, name):
        if not self._shown["hasCredentials"]:
            return None
        return ask(self.workspace, "POST", self.name, "credentials").get(name)

    def __eq__(self, other):
        return isinstance(other, AbstractDatastore) and (self.name, self.workspace.name) == (other.name, other.workspace.name)

    def __hash__(self):
        return hash((self.workspace.name, self.name))

    def __repr__(self):
        shown = ['"name": "%s"' % self.name] + ['"%s": "%s"' % item for item in sorted(self._shown["settings"].items())]
        return "{\n  %s\n}" % ",\n  ".join(shown)


class AbstractDatastoreOfFiles(AbstractDatastore):
    """A datastore whose files have paths, be it a storage account or a data lake."""

    @property
    def subscription_id(self):
        """The subscription that it was registered with, or None."""
        return self._setting("subscriptionId")

    @property
    def resource_group(self):
        """The resource group that it was registered with, or None."""
        return self._setting("resourceGroup")

    def path(self, path=None, data_reference_name=None):
        """A reference to a path on the datastore, for arguments and inputs of runs."""
        return DataReference(datastore=self, data_reference_name=data_reference_name, path_on_datastore=path)._named_by_chance(path)
