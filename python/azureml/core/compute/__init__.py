"""Compute targets: the machines and clusters that run scripts."""
from azureml.core.compute.compute import ComputeTarget
from azureml.core.compute.kinds import CLASSES
from switchyard_client.errors import ComputeTargetException
from switchyard_client.lazy import import_when_asked

_PACKAGE = __name__
_NAMES = {name: "%s.%s" % (_PACKAGE, module) for module, name in CLASSES.values()}
_NAMES["KubernetesCompute"] = "azureml.core.compute.kubernetescompute"
_NAMES.update({"KustoCompute": "azureml.core.linked_service", "SynapseCompute": "azureml.core.linked_service"})
import_when_asked(_PACKAGE, _NAMES)

__all__ = ["ComputeTarget", "ComputeTargetException"] + sorted(name for _, name in CLASSES.values())
