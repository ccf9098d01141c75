"""Compute targets: the machines and clusters that run scripts."""
from azureml.core.compute.compute import ComputeTarget
from azureml.core.compute.kinds import CLASSES
from switchyard_client.lazy import import_when_asked

_PACKAGE = __name__
import_when_asked(_PACKAGE, {name: "%s.%s" % (_PACKAGE, module) for module, name in CLASSES.values()})

__all__ = ["ComputeTarget"] + sorted(name for _, name in CLASSES.values())
