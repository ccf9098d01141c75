"""``DatabricksCompute``: a Databricks workspace, for steps of pipelines."""
from azureml.core.compute.compute import ComputeTarget
from azureml.core.compute.configuration import ComputeTargetAttachConfiguration, one_of_names_or_id, refuse_unless
from azureml.core.compute.older import AttachedTheOlderWay


class DatabricksAttachConfiguration(ComputeTargetAttachConfiguration):
    """A Databricks workspace by its names or its resource id, and the token to use it with."""

    def __init__(self, resource_group=None, workspace_name=None, resource_id=None, access_token=""):
        super().__init__(DatabricksCompute)
        self.resource_group = resource_group
        self.workspace_name = workspace_name
        self.resource_id = resource_id
        self.access_token = access_token
        self.validate_configuration()

    def validate_configuration(self):
        """Raise ComputeTargetException when nothing can be attached by this."""
        one_of_names_or_id(self, "resource_group", "workspace_name")
        refuse_unless(self.access_token, "access_token is missing: a token of the Databricks workspace.")

    def _settings(self):
        return {"resourceGroup": self.resource_group, "workspaceName": self.workspace_name, "resourceId": self.resource_id}

    def _secret(self):
        return {"accessToken": self.access_token}


class DatabricksCompute(AttachedTheOlderWay, ComputeTarget):
    """A Databricks workspace."""

    _kind = "databricks"
    _attach_order = ("resource_id", "access_token")

    attach_configuration = DatabricksAttachConfiguration
