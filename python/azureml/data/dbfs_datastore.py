"""The file system of a Databricks workspace: kept as a record."""
from azureml.data.abstract_datastore import AbstractDatastore


class DBFSDatastore(AbstractDatastore):
    """The file system of a Databricks workspace."""
