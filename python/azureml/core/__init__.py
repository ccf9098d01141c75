"""``from azureml.core import Run`` is what a training script needs; all else is imported when it is asked for."""
from azureml.core.run import Run, get_run
from switchyard_client.lazy import import_when_asked
from switchyard_client.version import VERSION

__version__ = VERSION

import_when_asked(
    __name__,
    {
        "ComputeTarget": "azureml.core.compute",
        "CondaDependencies": "azureml.core.conda_dependencies",
        "ContainerRegistry": "azureml.core.container_registry",
        "Environment": "azureml.core.environment",
        "Experiment": "azureml.core.experiment",
        "RunConfiguration": "azureml.core.runconfig",
        "Keyvault": "azureml.core.keyvault",
        "Model": "azureml.core.model",
        "ScriptRun": "azureml.core.script_run",
        "ScriptRunConfig": "azureml.core.script_run_config",
        "Workspace": "azureml.core.workspace",
        "authentication": "azureml.core.authentication",
        "compute": "azureml.core.compute",
        "compute_target": "azureml.core.compute_target",
        "conda_dependencies": "azureml.core.conda_dependencies",
        "container_registry": "azureml.core.container_registry",
        "environment": "azureml.core.environment",
        "experiment": "azureml.core.experiment",
        "runconfig": "azureml.core.runconfig",
        "keyvault": "azureml.core.keyvault",
        "model": "azureml.core.model",
        "resource_configuration": "azureml.core.resource_configuration",
        "script_run": "azureml.core.script_run",
        "script_run_config": "azureml.core.script_run_config",
        "workspace": "azureml.core.workspace",
    },
)

__all__ = ["ComputeTarget", "Experiment", "Keyvault", "Model", "Run", "ScriptRun", "VERSION", "Workspace", "get_run"]
