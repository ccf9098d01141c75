"""``DataFactoryCompute``: a data factory, for steps of pipelines that copy data."""
from azureml.core.compute.compute import ComputeTarget
from azureml.core.compute.configuration import (
    ComputeTargetAttachConfiguration,
    ComputeTargetProvisioningConfiguration,
    one_of_names_or_id,
)
from azureml.core.compute.older import AttachedTheOlderWay


class DataFactoryProvisioningConfiguration(ComputeTargetProvisioningConfiguration):
    """What a data factory is made from."""

    def __init__(self, location=None):
        super().__init__(DataFactoryCompute, location)


class DataFactoryAttachConfiguration(ComputeTargetAttachConfiguration):
    """A data factory by its names, or by its resource id."""

    def __init__(self, resource_group=None, factory_name=None, resource_id=None):
        super().__init__(DataFactoryCompute)
        self.resource_group = resource_group
        self.factory_name = factory_name
        self.resource_id = resource_id
        self.validate_configuration()

    def validate_configuration(self):
        """Raise ComputeTargetException when nothing can be attached by this."""
        one_of_names_or_id(self, "resource_group", "factory_name")

    def _settings(self):
        return {"resourceGroup": self.resource_group, "factoryName": self.factory_name, "resourceId": self.resource_id}


class DataFactoryCompute(AttachedTheOlderWay, ComputeTarget):
    """A data factory."""

    _kind = "datafactory"
    _attach_order = ("resource_id",)

    provisioning_configuration = DataFactoryProvisioningConfiguration
    attach_configuration = DataFactoryAttachConfiguration
