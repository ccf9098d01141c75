"""Where MLflow finds a workspace."""
import os

from switchyard_mlflow.address import azureml_uri


def tracking_uri(server, subscription_id, resource_group):
    """The tracking URI of a workspace, which MLflow's plug-in beside this client serves; MLFLOW_TRACKING_TOKEN, unless it is set, signs in."""
    os.environ.setdefault("MLFLOW_TRACKING_TOKEN", server.token)
    return azureml_uri(server.url, subscription_id, resource_group, server.workspace)
