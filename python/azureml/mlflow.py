"""What v1 had beside MLflow's own client: the address of a run that MLflow made."""
from switchyard_client.errors import UserErrorException
from switchyard_client.place import Place


def get_portal_url(run):
    """Where the server shows a run of MLflow (``mlflow.active_run()``): of the workspace of the run around us, else of the configuration."""
    run_id = getattr(getattr(run, "info", None), "run_id", None)
    if not isinstance(run_id, str):
        raise UserErrorException("get_portal_url() takes a run of MLflow, such as mlflow.active_run(), not %r." % (run,))
    place = Place()
    server = place.server() if place.in_run else None
    if server is None:
        from azureml.core.workspace import Workspace

        server = Workspace.from_config()._server
    return server.url + server.path("runs", run_id)


__all__ = ["get_portal_url"]
