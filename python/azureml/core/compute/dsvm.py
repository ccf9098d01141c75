"""``DsvmCompute``: a data science virtual machine that the service itself makes (2018)."""
from azureml.core.compute.compute import ComputeTarget
from azureml.core.compute.configuration import ComputeTargetProvisioningConfiguration


class DsvmProvisioningConfiguration(ComputeTargetProvisioningConfiguration):
    """What such a machine is made from."""

    def __init__(self, vm_size="", location=None, tags=None, description=None):
        super().__init__(DsvmCompute, location)
        self.vm_size = vm_size
        self.tags = tags
        self.description = description

    def _settings(self):
        return {"vmSize": self.vm_size}


class DsvmCompute(ComputeTarget):
    """A data science virtual machine."""

    _kind = "dsvm"

    provisioning_configuration = DsvmProvisioningConfiguration
