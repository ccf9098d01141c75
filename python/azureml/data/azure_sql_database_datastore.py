"""Databases: kept as records; nothing is asked of them in this version."""
from azureml.data.abstract_datastore import AbstractDatastore


class _Database(AbstractDatastore):
    @property
    def server_name(self):
        """The database server."""
        return self._setting("serverName")

    @property
    def database_name(self):
        """The database."""
        return self._setting("databaseName")

    @property
    def password(self):
        """The password that it was registered with."""
        return self._credential("password")


class AzureSqlDatabaseDatastore(_Database):
    """An SQL database."""

    @property
    def username(self):
        """The user that it was registered with."""
        return self._setting("username")


class AzurePostgreSqlDatastore(_Database):
    """A PostgreSQL database."""

    @property
    def user_id(self):
        """The user that it was registered with."""
        return self._setting("userId")


class AzureMySqlDatastore(_Database):
    """A MySQL database."""

    @property
    def user_id(self):
        """The user that it was registered with."""
        return self._setting("userId")
