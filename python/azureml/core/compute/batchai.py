"""``BatchAiCompute``: the managed cluster as it was called in 2018."""
from azureml.core.compute.amlcompute import check_priority, check_scale
from azureml.core.compute.cluster import ClusterCompute
from azureml.core.compute.configuration import (
    ComputeTargetAttachConfiguration,
    ComputeTargetProvisioningConfiguration,
    refuse_unless,
    whole_number,
)
from azureml.core.compute.older import AttachedTheOlderWay


class BatchAiProvisioningConfiguration(ComputeTargetProvisioningConfiguration):
    """What a cluster of 2018 is made from. Numbers and ``autoscale_enabled`` may be texts, as environment variables are."""

    def __init__(
        self,
        vm_size="",
        vm_priority="dedicated",
        autoscale_enabled=True,
        cluster_min_nodes=0,
        cluster_max_nodes=None,
        location=None,
        tags=None,
        description=None,
    ):
        super().__init__(BatchAiCompute, location)
        self.vm_size = vm_size
        self.vm_priority = vm_priority
        self.autoscale_enabled = autoscale_enabled
        self.cluster_min_nodes = cluster_min_nodes
        self.cluster_max_nodes = cluster_max_nodes
        self.tags = tags
        self.description = description
        self.validate_configuration()

    def validate_configuration(self):
        """Raise ComputeTargetException when no cluster can be made from this."""
        check_scale(self.cluster_min_nodes, self.cluster_max_nodes)
        check_priority(self.vm_priority)
        refuse_unless(
            self._autoscales() or self.cluster_max_nodes is not None,
            "A cluster that does not scale by itself (autoscale_enabled=False) has cluster_max_nodes nodes: give that number.",
        )

    def _settings(self):
        most = whole_number("cluster_max_nodes", self.cluster_max_nodes, least=1)
        fewest = whole_number("cluster_min_nodes", self.cluster_min_nodes)
        return {
            "vmSize": self.vm_size,
            "vmPriority": self.vm_priority.lower(),
            "minNodes": fewest if self._autoscales() else most,
            "maxNodes": most,
        }

    def _autoscales(self):
        word = str(self.autoscale_enabled).strip().lower()
        refuse_unless(word in ("true", "false", "1", "0"), "autoscale_enabled is True or False, not %r." % (self.autoscale_enabled,))
        return word in ("true", "1")


class BatchAiAttachConfiguration(ComputeTargetAttachConfiguration):
    """A cluster that exists, by its resource id."""

    def __init__(self, resource_id):
        super().__init__(BatchAiCompute)
        self.resource_id = resource_id
        self.validate_configuration()

    def validate_configuration(self):
        """Raise ComputeTargetException when nothing can be attached by this."""
        refuse_unless(self.resource_id, "resource_id is missing.")

    def _settings(self):
        return {"resourceId": self.resource_id}


class BatchAiCompute(AttachedTheOlderWay, ClusterCompute):
    """A managed cluster, by its name of 2018."""

    _kind = "batchai"
    _title = "BatchAI"

    provisioning_configuration = BatchAiProvisioningConfiguration
    attach_configuration = BatchAiAttachConfiguration
