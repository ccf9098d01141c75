"""The tracking store and the model registry that MLflow gets for our tracking URIs."""
import os

from switchyard_client.place import Place
from switchyard_mlflow.address import address_of


def tracking_store(store_uri=None, artifact_uri=None):
    """Inside the run that the URI belongs to, a store that writes to its journal; elsewhere one that asks over HTTP."""
    from mlflow.store.tracking.rest_store import RestStore

    uri = store_uri or os.environ.get("MLFLOW_TRACKING_URI", "")
    address = address_of(uri)
    place = Place()
    if place.in_run and place.workspace == address.workspace:
        return _of_run(place, address)
    return RestStore(lambda: creds_of(address))


_run_store = None


def _of_run(place, address):
    """One store for this process: it knows what the process logged, whoever asks."""
    global _run_store
    if _run_store is None:
        from switchyard_mlflow.runstore import RunStore

        _run_store = RunStore(place, lambda: creds_of(address))
    return _run_store


def run_store():
    """The store of the run around this process, once MLflow asked for it; else None."""
    return _run_store


def model_registry_store(store_uri=None, tracking_uri=None):
    """The model registry of the workspace, over HTTP."""
    from mlflow.store.model_registry.rest_store import RestStore

    address = address_of(store_uri or tracking_uri or os.environ.get("MLFLOW_TRACKING_URI", ""))
    return RestStore(lambda: creds_of(address))


def creds_of(address):
    """How MLflow's HTTP client reaches an address."""
    from mlflow.utils.rest_utils import MlflowHostCreds

    return MlflowHostCreds(address.tracking_url, token=address.token)
