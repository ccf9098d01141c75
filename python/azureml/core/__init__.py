"""``from azureml.core import Run`` is what a training script needs; all else is imported when it is asked for."""
from azureml.core.run import Run
from switchyard_client.lazy import import_when_asked
from switchyard_client.version import VERSION

__version__ = VERSION

import_when_asked(
    __name__,
    {
        "ComputeTarget": "azureml.core.compute",
        "Workspace": "azureml.core.workspace",
        "compute": "azureml.core.compute",
        "compute_target": "azureml.core.compute_target",
        "workspace": "azureml.core.workspace",
    },
)

__all__ = ["ComputeTarget", "Run", "VERSION", "Workspace"]
