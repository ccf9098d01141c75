"""What is asked of a run, and done with it from outside of its script."""
import os
import time

from switchyard_client.errors import ActivityFailedException, FileNotInRun, ServiceException
from switchyard_client.retrying import patiently

TERMINAL = ("Completed", "Failed", "Canceled")
#: While a run is waited for, the server may be away for so long: it may be starting again.
AWAY_SECONDS = 120
#: Left out of the details of a run that has none, as code asks `"endTimeUtc" in details`.
_ONLY_WHEN_KNOWN = ("startTimeUtc", "endTimeUtc", "error")


class Asking:
    """The half of ``Run`` that asks the server, once it has what this process logged."""

    # --- details

    def get_details(self):
        """Everything the server knows of the run: runId, target, status, startTimeUtc, endTimeUtc, properties, tags, inputDatasets,
        outputDatasets, runDefinition, logFiles (name -> URL), submittedBy, ...; error, start and end only when there are such."""
        self._details = self._ask("GET")
        if self._details.get("inputDatasets") or self._details.get("outputDatasets"):
            from switchyard_client.data.shown import let_datasets_be_asked

            let_datasets_be_asked(self, self._details)
        return {key: value for key, value in self._details.items() if value is not None or key not in _ONLY_WHEN_KNOWN}

    def get_details_with_logs(self):
        """The details, with what the log files hold in place of their addresses."""
        details = self.get_details()
        server = self._server()
        details["logFiles"] = {
            name: server.read(server.path("runs", self.id, "files", name)).decode("utf-8", "replace") for name in details["logFiles"]
        }
        return details

    def get_status(self):
        """NotStarted, Starting, Provisioning, Preparing, Queued, Running, Finalizing, CancelRequested, NotResponding, Completed,
        Failed or Canceled, as the server knows it now."""
        return self.get_details()["status"]

    def get_detailed_status(self):
        """A map of ``status`` and, in ``details``, what a run that has not begun waits for, or what an ended one died of."""
        known = self._ask("GET", "why")
        return {"status": known["status"], "details": known["summary"]}

    def get_tags(self):
        """The run's tags: key -> text, or None for a bare tag."""
        return self.get_details()["tags"]

    def get_properties(self):
        """The run's properties: key -> text."""
        return self.get_details()["properties"]

    def get_snapshot_id(self):
        """The id of the code that was submitted, or None when there was none."""
        return self._known("snapshotId")

    def get_environment(self):
        """The environment that the run uses, or None when it was given none."""
        from switchyard_client.configuration.environment import environment_of_server

        used = self._known("environment")
        if used is None:
            return None
        server = self._server()
        return environment_of_server(server.ask("GET", server.path("environments", used["name"]), query={"version": used["version"]}))

    # --- metrics

    def get_metrics(self, name=None, recursive=False, run_type=None, populate=False):
        """Return name -> value: what was logged once as it is, what was logged several times as a list, tables as a map of columns.

        ``recursive`` gives run id -> such a map, children included, of which ``run_type`` picks those of a type. An image is the
        address of its file, or with ``populate`` its bytes.
        """
        from switchyard_client.metrics import read_metrics

        return read_metrics(self, name, recursive, run_type, populate)

    # --- children

    def get_children(self, recursive=False, tags=None, properties=None, type=None, status=None, _rehydrate_runs=True):
        """Yield the children, newest first; with ``recursive`` their children too, each after its parent.

        ``tags`` and ``properties`` are a key, or a map of key and value that all must fit.
        """
        from switchyard_client.finding import fits, shown_runs

        wanted = dict(tags=tags, properties=properties, type=type, status=status)
        for shown in shown_runs(self._server(), parent=self.id, **({} if recursive else wanted)):
            child = self._other_shown(shown)
            if not recursive or fits(shown, **wanted):
                yield child
            if recursive:
                for grandchild in child.get_children(True, tags, properties, type, status):
                    yield grandchild

    def submit_child(self, config, tags=None, **kwargs):
        """Submit what ``config`` describes as a child of this run, with a target and a snapshot of its own; return the child's run."""
        self._server()  # the run itself may be a child that the server has not heard of yet
        return self.experiment.submit(config, tags=tags, parent_run_id=self.id, **kwargs)

    # --- files

    def get_file_names(self):
        """Names of all files of the run."""
        return [file["path"] for file in self._ask("GET", "files")]

    def download_file(self, name, output_file_path=None, _validate_checksum=False):
        """Download one file of the run to a path, or into a folder under its own name."""
        from switchyard_client.downloads import download

        download(self._server(), self.id, name, output_file_path)

    def download_files(
        self, prefix=None, output_directory=None, output_paths=None, batch_size=100, append_prefix=True, timeout_seconds=None
    ):
        """Download the files whose names begin with ``prefix`` into ``output_directory`` (default: the working directory).

        ``output_paths`` names where each goes; ``append_prefix=False`` leaves the prefix out of the paths.
        """
        from switchyard_client.downloads import download_all

        names = [name for name in self.get_file_names() if name.startswith(prefix or "")]
        download_all(self._server(), self.id, names, prefix or "", output_directory, output_paths, append_prefix)

    def get_all_logs(self, destination=None):
        """Download all log files below ``destination`` (default: the working directory); return their paths."""
        from switchyard_client.downloads import download_all

        names = list(self.get_details()["logFiles"])
        return download_all(self._server(), self.id, names, "", destination, None, True)

    def restore_snapshot(self, snapshot_id=None, path=None):
        """Download the code of the run as a ZIP file into the folder ``path`` (default: the working directory); return the file's path."""
        from switchyard_client.snapshots.restoring import restore

        return restore(self._server(), self.id, snapshot_id or self.get_snapshot_id(), path)

    def take_snapshot(self, file_or_folder_path):
        """Keep a folder with the server, as its code; return the snapshot's id."""
        from switchyard_client.submitting import take_snapshot

        snapshot_id = take_snapshot(self._server(), file_or_folder_path)
        if self.get_snapshot_id() is None and "ContentSnapshotId" not in self.get_properties():
            self.add_properties({"ContentSnapshotId": snapshot_id})
        return snapshot_id

    # --- data, models, secrets

    @property
    def input_datasets(self):
        """Name -> dataset, of those that the run was given."""
        return self._place.input_datasets(self)

    @property
    def output_datasets(self):
        """What the run was told to write as datasets, as its details show it."""
        return self.get_details()["outputDatasets"]

    def register_model(
        self, model_name, model_path=None, tags=None, properties=None, model_framework=None, model_framework_version=None,
        description=None, datasets=None, sample_input_dataset=None, sample_output_dataset=None, resource_configuration=None, **kwargs
    ):  # fmt: skip
        """Register files of the run as a model; ``model_path`` is a file or folder of the run (default: the model's name)."""
        from azureml.core.model import register_from_run

        self._server()
        return register_from_run(
            self, model_name=model_name, model_path=model_path, tags=tags, properties=properties, model_framework=model_framework,
            model_framework_version=model_framework_version, description=description, datasets=datasets,
            sample_input_dataset=sample_input_dataset, sample_output_dataset=sample_output_dataset,
            resource_configuration=resource_configuration, **kwargs
        )  # fmt: skip

    def get_secret(self, name):
        """A secret of the workspace's key vault, or None when there is none of this name."""
        return self.get_secrets([name])[name]

    def get_secrets(self, secrets):
        """Name -> secret of the workspace's key vault; None for those that are missing."""
        from switchyard_client.secrets import read_secrets

        return read_secrets(self._told_server(), secrets)

    # --- its end

    def cancel(self):
        """Ask that the run stops. A run that is over stays as it is."""
        self._ask("POST", "cancel", body={})

    def wait_for_completion(self, show_output=False, wait_post_processing=False, raise_on_error=True):
        """Wait until the run has ended, its outputs are home too, and return its details.

        With ``show_output`` the logs are printed as they grow. Raise ActivityFailedException when it failed, unless told not to.
        """
        if show_output:
            from switchyard_client.following import follow

            follow(self)
        pause = 0.2
        while patiently(self.get_status, AWAY_SECONDS) not in TERMINAL:
            time.sleep(pause)
            pause = min(pause * 1.5, 5)
        if raise_on_error and self._details["status"] == "Failed":
            error = self._details.get("error") or {}
            message = "Run %s failed: %s%s" % (self.id, error.get("message", "no reason recorded"), self._last_words())
            raise ActivityFailedException(message, error_code=error.get("code"))
        return self.get_details()

    def clean(self):
        """Remove what the run, which is over, left on its compute; return the names of the job directories that were removed.

        Logs and outputs are with the server and stay. The server removes such directories by itself when all is home, unless it
        was set to keep them for a while; then nothing is left to do, and the list is empty.
        """
        from switchyard_client.cleaning import clean

        return clean(self)

    # --- what it is

    @property
    def status(self):
        """The run's state as the server knows it."""
        return self.get_status()

    @property
    def number(self):
        """The run's number within its experiment."""
        return self._known("number")

    @property
    def type(self):
        """What kind of run it is: ``azureml.scriptrun``, ``azureml.interactiverun``, ..."""
        return self._known("runType")

    @property
    def display_name(self):
        """The name that people read, or None. It may be set."""
        return self.get_details()["displayName"]

    @display_name.setter
    def display_name(self, value):
        self._set("displayName", value)

    @property
    def name(self):
        """The older word for ``display_name``."""
        return self.display_name

    @property
    def description(self):
        """What the run is about, or None. It may be set."""
        return self.get_details()["description"]

    @description.setter
    def description(self, value):
        self._set("description", value)

    @property
    def tags(self):
        """The run's tags."""
        return self.get_tags()

    @property
    def properties(self):
        """The run's properties."""
        return self.get_properties()

    @property
    def parent(self):
        """The parent run, or None. What a script says of it (metrics, tags, properties, files) goes the way of what it says of its own run."""
        parent = self._parent_id or self._known("parentRunId")
        return None if parent is None else self._other(parent)

    # --- parts

    def _last_words(self):
        """The last lines of the logs that say why a run failed, each file under its name; empty when nobody can tell."""
        try:
            files = self._ask("GET", "why").get("lastLines") or []
        except ServiceException:
            return ""
        return "".join("\n%s:\n  %s" % (each["file"], "\n  ".join(each["lines"])) for each in files if each["lines"])

    def _known(self, key):
        """A detail that never changes: asked for once."""
        if self._details is None:
            self.get_details()
        return self._details[key]

    def _told_server(self):
        server = self._place.server()
        if server is None:
            raise ServiceException("This run was not told of a server to ask.")
        return server

    def _server(self):
        """The server, once it has what this process logged: it would not know of a child yet, nor of a metric."""
        server = self._told_server()
        self._place.wait_until_home(self._journal, server)
        return server

    def _ask(self, method, *parts, **kwargs):
        server = self._server()
        return server.ask(method, server.path("runs", self.id, *parts), **kwargs)
