"""``AdlaCompute``: a Data Lake Analytics account, for steps of pipelines."""
from azureml.core.compute.compute import ComputeTarget
from azureml.core.compute.configuration import AccountAttachConfiguration
from azureml.core.compute.older import AttachedTheOlderWay


class AdlaAttachConfiguration(AccountAttachConfiguration):
    """An account by its names, or by its resource id."""

    def __init__(self, resource_group=None, account_name=None, resource_id=None):
        super().__init__(AdlaCompute, resource_group, account_name, resource_id)


class AdlaCompute(AttachedTheOlderWay, ComputeTarget):
    """A Data Lake Analytics account."""

    _kind = "adla"
    _attach_order = ("resource_id",)

    attach_configuration = AdlaAttachConfiguration
