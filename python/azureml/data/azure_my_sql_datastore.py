"""The older home of a name."""
from azureml.data.azure_sql_database_datastore import AzureMySqlDatastore

__all__ = ["AzureMySqlDatastore"]
