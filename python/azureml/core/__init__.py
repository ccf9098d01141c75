"""``from azureml.core import Run`` is what a training script needs; all else is imported when it is asked for."""
from azureml.core.run import Run
from switchyard_client.lazy import import_when_asked
from switchyard_client.version import VERSION

__version__ = VERSION

import_when_asked(
    __name__,
    {
        "ComputeTarget": "azureml.core.compute",
        "Dataset": "azureml.core.dataset",
        "Datastore": "azureml.core.datastore",
        "Experiment": "azureml.core.experiment",
        "ScriptRun": "azureml.core.script_run",
        "Workspace": "azureml.core.workspace",
        "compute": "azureml.core.compute",
        "compute_target": "azureml.core.compute_target",
        "dataset": "azureml.core.dataset",
        "datastore": "azureml.core.datastore",
        "experiment": "azureml.core.experiment",
        "script_run": "azureml.core.script_run",
        "workspace": "azureml.core.workspace",
    },
)

__all__ = ["ComputeTarget", "Dataset", "Datastore", "Experiment", "Run", "VERSION", "Workspace"]
