"""Where MLflow finds a workspace."""
import os
import urllib.parse


def tracking_uri(server):
    """The address below which the server speaks MLflow for a workspace; MLFLOW_TRACKING_TOKEN, unless it is set, signs in there."""
    os.environ.setdefault("MLFLOW_TRACKING_TOKEN", server.token)
    return "%s/mlflow/%s" % (server.url, urllib.parse.quote(server.workspace, safe=""))
