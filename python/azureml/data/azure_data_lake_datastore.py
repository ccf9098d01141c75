"""Data lakes: kept as records; their files are not read in this version."""
from azureml.data.abstract_datastore import AbstractDatastore
from azureml.data.data_reference import DataReference


class _AbstractADLSDatastore(AbstractDatastore):
    @property
    def tenant_id(self):
        """The directory of the service principal."""
        return self._setting("tenantId")

    @property
    def client_id(self):
        """The service principal."""
        return self._setting("clientId")

    @property
    def client_secret(self):
        """The service principal's secret."""
        return self._credential("clientSecret")

    @property
    def subscription_id(self):
        """The subscription of the store."""
        return self._setting("subscriptionId")

    @property
    def resource_group(self):
        """The resource group of the store."""
        return self._setting("resourceGroup")

    def path(self, path=None, data_reference_name=None):
        """A reference to a path of the store."""
        return DataReference(datastore=self, data_reference_name=data_reference_name, path_on_datastore=path)._named_by_chance(path)


class AzureDataLakeDatastore(_AbstractADLSDatastore):
    """A Data Lake Store of the first generation."""

    @property
    def store_name(self):
        """The store."""
        return self._setting("storeName")


class AzureDataLakeGen2Datastore(_AbstractADLSDatastore):
    """A Data Lake Storage of the second generation."""

    @property
    def account_name(self):
        """The storage account."""
        return self._setting("accountName")

    @property
    def container_name(self):
        """The file system."""
        return self._setting("filesystem")
