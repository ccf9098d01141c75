"""A query or table of a database: known by name, used by steps of pipelines that are yet to come."""
from azureml.data.data_reference import DataReference
from switchyard_client.errors import not_built


class SqlDataReference(DataReference):
    """A query, table or stored procedure of a database."""

    def __init__(
        self, datastore, data_reference_name=None, sql_table=None, sql_query=None, sql_stored_procedure=None, sql_stored_procedure_params=None
    ):
        super().__init__(datastore, data_reference_name)
        self.sql_table, self.sql_query = sql_table, sql_query
        self.sql_stored_procedure, self.sql_stored_procedure_params = sql_stored_procedure, sql_stored_procedure_params

    def _add_to(self, wire):
        raise not_built("An input from a database (SqlDataReference)", "data")
