"""``BatchCompute``: an account of a cloud batch service, for steps of pipelines."""
from azureml.core.compute.compute import ComputeTarget
from azureml.core.compute.configuration import ComputeTargetAttachConfiguration, one_of_names_or_id
from azureml.core.compute.older import AttachedTheOlderWay


class BatchAttachConfiguration(ComputeTargetAttachConfiguration):
    """An account by its names, or by its resource id."""

    def __init__(self, resource_group=None, account_name=None, resource_id=None):
        super().__init__(BatchCompute)
        self.resource_group = resource_group
        self.account_name = account_name
        self.resource_id = resource_id
        self.validate_configuration()

    def validate_configuration(self):
        """Raise ComputeTargetException when nothing can be attached by this."""
        one_of_names_or_id(self, "resource_group", "account_name")

    def _settings(self):
        return {"resourceGroup": self.resource_group, "accountName": self.account_name, "resourceId": self.resource_id}


class BatchCompute(AttachedTheOlderWay, ComputeTarget):
    """An account of a cloud batch service."""

    _kind = "batch"
    _attach_order = ("resource_id",)

    attach_configuration = BatchAttachConfiguration
