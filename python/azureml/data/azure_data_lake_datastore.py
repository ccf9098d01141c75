"""Data lakes: kept as records; their files are not read in this version."""
from azureml.data.abstract_datastore import AbstractDatastoreOfFiles


class _AbstractADLSDatastore(AbstractDatastoreOfFiles):
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
