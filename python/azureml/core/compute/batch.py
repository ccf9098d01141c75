"""``BatchCompute``: an account of a cloud batch service, for steps of pipelines."""
from azureml.core.compute.compute import ComputeTarget
from azureml.core.compute.configuration import AccountAttachConfiguration
from azureml.core.compute.older import AttachedTheOlderWay


class BatchAttachConfiguration(AccountAttachConfiguration):
    """An account by its names, or by its resource id."""

    def __init__(self, resource_group=None, account_name=None, resource_id=None):
        super().__init__(BatchCompute, resource_group, account_name, resource_id)


class BatchCompute(AttachedTheOlderWay, ComputeTarget):
    """An account of a cloud batch service."""

    _kind = "batch"
    _attach_order = ("resource_id",)

    attach_configuration = BatchAttachConfiguration
