"""Artifacts below ``mlflow-artifacts:/`` when the tracking URI is ours.

Inside a run they are files of the run directory, brought home with the outputs; elsewhere they go over HTTP.
"""
import os
import posixpath
import re
import shutil

from mlflow.entities import FileInfo
from mlflow.store.artifact.artifact_repo import verify_artifact_path
from mlflow.store.artifact.http_artifact_repo import HttpArtifactRepository

from switchyard_mlflow.address import address_of, is_ours
from switchyard_mlflow.store import creds_of, run_store

_API = "/api/2.0/mlflow-artifacts/artifacts"
_RUN = re.compile(r"^[^/]+/([^/]+)/artifacts(?:/(.*))?$", re.S)
_MODEL = re.compile(r"^[^/]+/models/([^/]+)/artifacts(?:/(.*))?$", re.S)


def repository(artifact_uri, tracking_uri=None, registry_uri=None):
    """The repository for ``mlflow-artifacts:`` URIs; for other people's servers, MLflow's own."""
    from mlflow.tracking import get_tracking_uri

    uri = tracking_uri or get_tracking_uri()
    if not is_ours(uri):
        from mlflow.store.artifact.mlflow_artifacts_repo import MlflowArtifactsRepository

        return MlflowArtifactsRepository(*_fitting(MlflowArtifactsRepository, artifact_uri, tracking_uri, registry_uri))
    path = artifact_uri.split(":", 1)[1].lstrip("/")
    place = _place_in_run(path)
    far = FarArtifacts(artifact_uri, path, address_of(uri), uri)
    return far if place is None else RunArtifacts(artifact_uri, place, far)


def _place_in_run(path):
    """Where files of this path lie in the run directory: the run that keeps them, and what their names begin with."""
    store = run_store()
    if store is None:
        return None
    model = _MODEL.match(path)
    if model is not None:
        if not store.has_model(model.group(1)):
            return None
        source = store.get_logged_model(model.group(1)).source_run_id
        return store.folder_run(source), posixpath.join("models", model.group(1), model.group(2) or "")
    run = _RUN.match(path)
    keeper = store.folder_run(run.group(1)) if run is not None else None
    return None if keeper is None else (keeper, run.group(2) or "")


def _fitting(kind, *arguments):
    """MLflow's repositories took only the URI before version 2.2x."""
    import inspect

    count = len(inspect.signature(kind.__init__).parameters) - 1
    return arguments[:count]


class FarArtifacts(HttpArtifactRepository):
    """Artifacts that the server has."""

    def __init__(self, artifact_uri, path, address, tracking_uri):
        url = "%s%s/%s" % (address.tracking_url, _API, path)
        super().__init__(*_fitting(HttpArtifactRepository, url.rstrip("/"), tracking_uri, None)[:3])
        self._address = address
        self._path = path.rstrip("/")

    @property
    def _host_creds(self):
        creds = creds_of(self._address)
        creds.host = self.artifact_uri
        return creds

    def _should_multipart_upload(self, local_file):
        return False

    def list_artifacts(self, path=None):
        """Files and folders directly in ``path``."""
        from mlflow.utils.rest_utils import augmented_raise_for_status, http_request

        below = posixpath.join(self._path, path) if path else self._path
        answer = http_request(creds_of(self._address), _API, "GET", params={"path": below})
        augmented_raise_for_status(answer)
        found = answer.json().get("files", [])
        return [
            FileInfo(posixpath.join(path or "", one["path"]), bool(one.get("is_dir")), int(one["file_size"]) if "file_size" in one else None)
            for one in found
        ]

    def delete_artifacts(self, artifact_path=None):
        """Remove a file, or all below a folder."""
        from mlflow.utils.rest_utils import augmented_raise_for_status, http_request

        endpoint = "/" + artifact_path if artifact_path else ""
        augmented_raise_for_status(http_request(self._host_creds, endpoint, "DELETE"))


class RunArtifacts(HttpArtifactRepository):
    """Artifacts of a run of this process: written to its directory, read from there or, if they are not there, from the server."""

    def __init__(self, artifact_uri, place, far):
        super().__init__(*_fitting(HttpArtifactRepository, artifact_uri, None, None)[:3])
        self._run, self._base = place
        self._far = far

    def log_artifact(self, local_file, artifact_path=None):
        """Keep a file with the run."""
        verify_artifact_path(artifact_path)
        name = posixpath.join(self._base, artifact_path or "", os.path.basename(local_file))
        self._run._uploads.put(name, local_file)

    def log_artifacts(self, local_dir, artifact_path=None):
        """Keep every file below a folder with the run."""
        local_dir = os.path.abspath(local_dir)
        for folder, _, files in os.walk(local_dir):
            inner = os.path.relpath(folder, local_dir).replace(os.sep, "/")
            for file in files:
                below = posixpath.join(artifact_path or "", "" if inner == "." else inner).rstrip("/")
                self.log_artifact(os.path.join(folder, file), below)

    def list_artifacts(self, path=None):
        """Files and folders directly in ``path``: those here, and those that the server has of this run."""
        found = {}
        found.update((one.path, one) for one in run_store().ask(lambda: self._far.list_artifacts(path)) or [])
        for inner, at in self._here(path):
            is_folder = os.path.isdir(at)
            found[inner] = FileInfo(inner, is_folder, None if is_folder else os.path.getsize(at))
        return sorted(found.values(), key=lambda one: one.path)

    def _here(self, path):
        """Pairs of path and place of what lies directly in ``path`` in the run directory."""
        name = posixpath.join(self._base, path or "").rstrip("/")
        folder = self._run._uploads.path_of(name)
        for entry in os.listdir(folder) if os.path.isdir(folder) else []:
            yield posixpath.join(path or "", entry), os.path.join(folder, entry)
        outputs = self._run._uploads.path_of("outputs")
        if name == "" and os.path.isdir(outputs):
            yield "outputs", outputs

    def _download_file(self, remote_file_path, local_path):
        here = self._run._uploads.path_of(posixpath.join(self._base, remote_file_path))
        if os.path.isfile(here):
            shutil.copyfile(here, local_path)
        else:
            self._far._download_file(remote_file_path, local_path)

    def delete_artifacts(self, artifact_path=None):
        """Remove a file, or all below a folder, as far as it is still here."""
        here = self._run._uploads.path_of(posixpath.join(self._base, artifact_path or "").rstrip("/"))
        if os.path.isdir(here):
            shutil.rmtree(here)
        elif os.path.exists(here):
            os.unlink(here)
