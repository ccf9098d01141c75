"""Datastores of a workspace."""
import importlib

from switchyard_client.data.datastores import ask
from switchyard_client.errors import not_built

_CLASSES = {
    "AzureBlob": ("azure_storage_datastore", "AzureBlobDatastore"),
    "AzureFile": ("azure_storage_datastore", "AzureFileDatastore"),
    "Folder": ("azure_storage_datastore", "FolderDatastore"),
    "AzureDataLake": ("azure_data_lake_datastore", "AzureDataLakeDatastore"),
    "AzureDataLakeGen2": ("azure_data_lake_datastore", "AzureDataLakeGen2Datastore"),
    "AzureSqlDatabase": ("azure_sql_database_datastore", "AzureSqlDatabaseDatastore"),
    "AzurePostgreSql": ("azure_sql_database_datastore", "AzurePostgreSqlDatastore"),
    "AzureMySql": ("azure_sql_database_datastore", "AzureMySqlDatastore"),
    "DBFS": ("dbfs_datastore", "DBFSDatastore"),
}


class Datastore:
    """``Datastore(workspace, name)`` is the datastore of this name, as an object of its own class; without a name the default."""

    def __new__(cls, workspace, name=None):
        return Datastore.get_default(workspace) if name is None else Datastore.get(workspace, name)

    @staticmethod
    def get(workspace, datastore_name):
        """The datastore of this name. One that is not there raises what is both UserErrorException and HttpOperationError."""
        return _of(workspace, ask(workspace, "GET", datastore_name))

    @staticmethod
    def get_default(workspace):
        """The datastore that is meant where none is named."""
        server = workspace._server
        return _of(workspace, server.ask("GET", server.path("default-datastore")))

    @staticmethod
    def _all(workspace):
        """Name -> datastore."""
        return {shown["name"]: _of(workspace, shown) for shown in ask(workspace, "GET")}

    @staticmethod
    def _set_default(workspace, name):
        """Choose the one that is meant where none is named."""
        Datastore.get(workspace, name).set_as_default()

    @staticmethod
    def register_azure_blob_container(
        workspace, datastore_name, container_name, account_name, sas_token=None, account_key=None, protocol=None, endpoint=None,
        overwrite=False, create_if_not_exists=False, skip_validation=False, blob_cache_timeout=None, grant_workspace_access=False,
        subscription_id=None, resource_group=None,
    ):  # fmt: skip
        """Register a container of Azure Blob storage; without key and signature it is read anonymously."""
        settings = {
            "accountName": account_name, "containerName": container_name, "protocol": protocol, "endpoint": endpoint,
            "subscriptionId": subscription_id, "resourceGroup": resource_group,
        }  # fmt: skip
        return _register(workspace, datastore_name, "azureBlob", settings, {"accountKey": account_key, "sasToken": sas_token}, overwrite)

    @staticmethod
    def register_azure_file_share(
        workspace, datastore_name, file_share_name, account_name, sas_token=None, account_key=None, protocol=None, endpoint=None,
        overwrite=False, create_if_not_exists=False, skip_validation=False,
    ):  # fmt: skip
        """Register a file share of Azure; it is kept as a record."""
        settings = {"accountName": account_name, "fileShareName": file_share_name, "protocol": protocol, "endpoint": endpoint}
        return _register(workspace, datastore_name, "azureFile", settings, {"accountKey": account_key, "sasToken": sas_token}, overwrite)

    @staticmethod
    def register_azure_data_lake(
        workspace, datastore_name, store_name, tenant_id=None, client_id=None, client_secret=None, resource_url=None, authority_url=None,
        subscription_id=None, resource_group=None, overwrite=False, grant_workspace_access=False,
    ):  # fmt: skip
        """Register a Data Lake Store of the first generation; it is kept as a record."""
        settings = {
            "storeName": store_name, "tenantId": tenant_id, "clientId": client_id, "resourceUrl": resource_url,
            "authorityUrl": authority_url, "subscriptionId": subscription_id, "resourceGroup": resource_group,
        }  # fmt: skip
        return _register(workspace, datastore_name, "azureDataLake", settings, {"clientSecret": client_secret}, overwrite)

    @staticmethod
    def register_azure_data_lake_gen2(
        workspace, datastore_name, filesystem, account_name, tenant_id=None, client_id=None, client_secret=None, resource_url=None,
        authority_url=None, protocol=None, endpoint=None, overwrite=False, subscription_id=None, resource_group=None,
        grant_workspace_access=False,
    ):  # fmt: skip
        """Register a Data Lake Storage of the second generation; it is kept as a record."""
        settings = {
            "accountName": account_name, "filesystem": filesystem, "tenantId": tenant_id, "clientId": client_id,
            "resourceUrl": resource_url, "authorityUrl": authority_url, "protocol": protocol, "endpoint": endpoint,
            "subscriptionId": subscription_id, "resourceGroup": resource_group,
        }  # fmt: skip
        return _register(workspace, datastore_name, "azureDataLakeGen2", settings, {"clientSecret": client_secret}, overwrite)

    @staticmethod
    def register_azure_sql_database(
        workspace, datastore_name, server_name, database_name, tenant_id=None, client_id=None, client_secret=None, resource_url=None,
        authority_url=None, endpoint=None, overwrite=False, username=None, password=None, subscription_id=None, resource_group=None,
        grant_workspace_access=False, **_
    ):  # fmt: skip
        """Register an SQL database; it is kept as a record."""
        settings = {
            "serverName": server_name, "databaseName": database_name, "tenantId": tenant_id, "clientId": client_id,
            "resourceUrl": resource_url, "authorityUrl": authority_url, "endpoint": endpoint, "username": username,
            "subscriptionId": subscription_id, "resourceGroup": resource_group,
        }  # fmt: skip
        secret = {"clientSecret": client_secret, "password": password}
        return _register(workspace, datastore_name, "azureSqlDatabase", settings, secret, overwrite)

    @staticmethod
    def register_azure_postgre_sql(
        workspace, datastore_name, server_name, database_name, user_id, user_password, port_number=None, endpoint=None, overwrite=False,
        enforce_ssl=True, **_
    ):  # fmt: skip
        """Register a PostgreSQL database; it is kept as a record."""
        settings = {
            "serverName": server_name, "databaseName": database_name, "userId": user_id, "portNumber": port_number, "endpoint": endpoint,
            "enforceSsl": enforce_ssl,
        }  # fmt: skip
        return _register(workspace, datastore_name, "azurePostgreSql", settings, {"password": user_password}, overwrite)

    @staticmethod
    def register_azure_my_sql(
        workspace, datastore_name, server_name, database_name, user_id, user_password, port_number=None, endpoint=None, overwrite=False, **_
    ):
        """Register a MySQL database; it is kept as a record."""
        settings = {"serverName": server_name, "databaseName": database_name, "userId": user_id, "portNumber": port_number, "endpoint": endpoint}
        return _register(workspace, datastore_name, "azureMySql", settings, {"password": user_password}, overwrite)

    @staticmethod
    def register_dbfs(workspace, datastore_name):
        """Register the file system of a Databricks workspace; it is kept as a record."""
        return _register(workspace, datastore_name, "dbfs", {}, {}, False)

    @staticmethod
    def register_hdfs(workspace, datastore_name, **_):
        """HDFS is not part of this version."""
        raise not_built("Datastore.register_hdfs()", "data")

    @staticmethod
    def register_folder(workspace, datastore_name, path, overwrite=False):
        """Register a folder of the server's machine; its operator names the folders that may be used. Switchyard's own."""
        return _register(workspace, datastore_name, "folder", {"path": path}, {}, overwrite)


def _register(workspace, name, kind, settings, secret, overwrite):
    body = {
        "name": name,
        "kind": kind,
        "settings": {key: value for key, value in settings.items() if value is not None},
        "secret": {key: value for key, value in secret.items() if value is not None},
        "overwrite": bool(overwrite),
    }
    return _of(workspace, ask(workspace, "POST", body=body))


def _of(workspace, shown):
    module, name = _CLASSES[shown["datastoreType"]]
    return getattr(importlib.import_module("azureml.data." + module), name)(workspace, shown)
