"""``from azureml.core import Run`` is what a training script needs; all else is imported when it is asked for."""
from azureml.core.run import Run, get_run
from switchyard_client.lazy import import_when_asked
from switchyard_client.version import VERSION

__version__ = VERSION

import_when_asked(
    __name__,
    {
        "ComputeTarget": "azureml.core.compute",
        "Dataset": "azureml.core.dataset",
        "Datastore": "azureml.core.datastore",
        "CondaDependencies": "azureml.core.conda_dependencies",
        "ContainerRegistry": "azureml.core.container_registry",
        "Environment": "azureml.core.environment",
        "Experiment": "azureml.core.experiment",
        "Image": "azureml.core.image",
        "Keyvault": "azureml.core.keyvault",
        "LinkedService": "azureml.core.linked_service",
        "Model": "azureml.core.model",
        "RunConfiguration": "azureml.core.runconfig",
        "ScriptRun": "azureml.core.script_run",
        "ScriptRunConfig": "azureml.core.script_run_config",
        "SynapseWorkspaceLinkedServiceConfiguration": "azureml.core.linked_service",
        "Webservice": "azureml.core.webservice",
        "Workspace": "azureml.core.workspace",
        "attach_legacy_compute_target": "azureml.core.legacy_targets",
        "authentication": "azureml.core.authentication",
        "compute": "azureml.core.compute",
        "compute_target": "azureml.core.compute_target",
        "dataset": "azureml.core.dataset",
        "datastore": "azureml.core.datastore",
        "conda_dependencies": "azureml.core.conda_dependencies",
        "container_registry": "azureml.core.container_registry",
        "environment": "azureml.core.environment",
        "experiment": "azureml.core.experiment",
        "image": "azureml.core.image",
        "keyvault": "azureml.core.keyvault",
        "model": "azureml.core.model",
        "resource_configuration": "azureml.core.resource_configuration",
        "runconfig": "azureml.core.runconfig",
        "script_run": "azureml.core.script_run",
        "script_run_config": "azureml.core.script_run_config",
        "webservice": "azureml.core.webservice",
        "workspace": "azureml.core.workspace",
    },
)

__all__ = [
    "ComputeTarget", "CondaDependencies", "ContainerRegistry", "Dataset", "Datastore", "Environment", "Experiment", "Keyvault", "Model",
    "Run", "RunConfiguration", "ScriptRun", "ScriptRunConfig", "VERSION", "Webservice", "Workspace", "get_run",
]  # fmt: skip
