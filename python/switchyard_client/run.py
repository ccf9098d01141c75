"""``Run``: what a script says to its run and asks of it.

How each method travels is in one table, ``WAYS``:

* ``journal``: a line in a file; needs no server and never fails a training.
* ``file``: a copy inside the run directory, brought home with the outputs.
* ``place``: an answer from the variables of the run.
* ``journal first``: a question to the server once it has taken what this process logged, or after ten seconds (``homeward``);
  raises ``ServerUnreachable`` when it does not answer. ``flush`` is the waiting alone and raises nothing.
"""
import binascii
import os
import sys
import time

from switchyard_client import charts
from switchyard_client.belongings import Environment
from switchyard_client.errors import ExperimentExecutionException, RunEnvironmentException, ServiceException, UserErrorException
from switchyard_client.journal import Journal
from switchyard_client.place import Place
from switchyard_client.uploads import Uploads
from switchyard_client.values import as_number, checked_name, plain

WAYS = {
    "log": "journal", "log_list": "journal", "log_row": "journal", "log_table": "journal",
    "log_confusion_matrix": "journal", "log_accuracy_table": "journal", "log_residuals": "journal", "log_predictions": "journal",
    "tag": "journal", "set_tags": "journal", "remove_tags": "journal", "add_properties": "journal",
    "complete": "journal", "fail": "journal", "flush": "journal first",
    "child_run": "journal", "create_children": "journal",
    "log_image": "file", "upload_file": "file", "upload_files": "file", "upload_folder": "file",
    "get_portal_url": "place",
    "get_metrics": "journal first", "get_status": "journal first", "get_details": "journal first", "get_tags": "journal first",
    "get_properties": "journal first", "get_children": "journal first", "get_file_names": "journal first",
    "download_file": "journal first", "download_files": "journal first", "get_environment": "journal first",
    "get_snapshot_id": "journal first", "cancel": "journal first", "wait_for_completion": "journal first",
}
TERMINAL = ("Completed", "Failed", "Canceled")


class Run:
    """A run; inside a submitted script, ``Run.get_context()`` is the script's own."""

    _context = None

    def __init__(self, experiment, run_id, outputs=None, **_):
        """The run of this id in the workspace of ``experiment``; the server is asked for it when something is wanted of it."""
        from switchyard_client.outside import Outside, Telling, Uploading

        if not isinstance(run_id, str) or not run_id:
            raise UserErrorException("Which run? run_id is %r." % (run_id,))
        place = Outside(experiment, run_id)
        self._begin(run_id, place, Telling(place), Uploading(place))

    @classmethod
    def _made(cls, *ways, **more):
        """A run that says and keeps things in the given ways."""
        run = cls.__new__(cls)
        run._begin(*ways, **more)
        return run

    @classmethod
    def _shown(cls, experiment, shown):
        """A run that the server has just shown."""
        run = cls(experiment, shown["runId"])
        run._details = shown
        return run

    def _begin(self, run_id, place, journal, uploads, about=None):
        self.id = run_id
        self._place = place
        self._journal = journal
        self._uploads = uploads
        self._about = about  # None for the script's own run, else the id that records must name
        self._details = None
        self._children = 0

    # --- which run

    @classmethod
    def get_context(cls, allow_offline=True, used_for_context_manager=False, **_):
        """Return the run that this script belongs to; outside a run, one that only prints (unless not allowed)."""
        place = Place()
        if Run._context is not None and Run._context.id == place.run_id:
            return Run._context
        if place.in_run:
            Run._context = Run._made(place.run_id, place, Journal(place.journal_folder), Uploads(place.job_folder))
            return Run._context
        if not allow_offline:
            raise RunEnvironmentException(
                "This script does not run inside a run: submit it (switchyard submit %s), "
                "or call Run.get_context() without allow_offline=False." % os.path.basename(sys.argv[0] or "train.py")
            )
        from switchyard_client.offline import OfflineRun

        return OfflineRun()

    @classmethod
    def get_submitted_run(cls, **kwargs):
        """The older name of ``get_context(allow_offline=False)``."""
        return cls.get_context(allow_offline=False, **kwargs)

    # --- journal: what the script says

    def log(self, name, value, description="", step=None):
        """Log a number (points of one name make a curve) or a text."""
        number = as_number(value)
        if number is not None:
            self._journal.number(checked_name(name), number, step, self._about)
        elif isinstance(value, (str, bytes)) or value is None:
            self._value(name, "text", "" if value is None else value)
        else:
            self.log_list(name, value, description)

    def log_list(self, name, value, description=""):
        """Log a list in one call."""
        self._value(name, "list", list(value))

    def log_row(self, name, description=None, **kwargs):
        """Log one row; each keyword is a column, repeated calls build a table."""
        self._value(name, "row", kwargs)

    def log_table(self, name, value, description=""):
        """Log a table: a mapping from column to list."""
        self._value(name, "table", value)

    def log_confusion_matrix(self, name, value, description=""):
        """Log a confusion matrix: a map or JSON text with schema_type, schema_version and data."""
        self._value(name, "chart", charts.checked("confusion_matrix", value))

    def log_accuracy_table(self, name, value, description=""):
        """Log an accuracy table: a map or JSON text with schema_type, schema_version and data."""
        self._value(name, "chart", charts.checked("accuracy_table", value))

    def log_residuals(self, name, value, description=""):
        """Log residuals: a map or JSON text with schema_type, schema_version and data."""
        self._value(name, "chart", charts.checked("residuals", value))

    def log_predictions(self, name, value, description=""):
        """Log predictions: a map or JSON text with schema_type, schema_version and data."""
        self._value(name, "chart", charts.checked("predictions", value))

    def tag(self, key, value=None):
        """Set one tag; a bare tag has no value."""
        self._journal.record("tag", self._about, name=checked_name(key), v=None if value is None else str(value))

    def set_tags(self, tags):
        """Set several tags."""
        self._journal.tags(self._about, {checked_name(key): None if value is None else str(value) for key, value in tags.items()})

    def remove_tags(self, tags):
        """Remove tags by key."""
        for key in [tags] if isinstance(tags, str) else tags:
            self._journal.record("untag", self._about, name=str(key))

    def add_properties(self, properties):
        """Add properties. They never change: the first value of a key stays, another one is only a warning."""
        self._journal.properties(self._about, {checked_name(key): str(value) for key, value in properties.items()})

    def complete(self, _set_status=True):
        """Note that the script is done. A submitted run ends when its script exits, by the exit code."""
        self._journal.record("complete", self._about)

    def fail(self, error_details=None, error_code=None, _set_status=True):
        """Declare the run failed, whatever its exit code will be."""
        message = None if error_details is None else str(error_details)
        self._journal.record("fail", self._about, code=None if error_code is None else str(error_code), message=message)

    def flush(self, timeout_seconds=10):
        """Wait until the server has what this process logged. In the file, and so safe, it is already: nothing is buffered."""
        server = self._place.server()
        if server is not None:
            self._wait_until_home(server, timeout_seconds)

    def child_run(self, name=None, run_id=None, outputs=None):
        """Make a child run; used as a context manager it completes at the end of the block, or fails by its exception."""
        self._children += 1
        child = run_id or "%s_%d_%s" % (self.id, self._children, binascii.hexlify(os.urandom(3)).decode())
        self._journal.record("child", self._about, child=child, name=checked_name(name) if name else None)
        return self._other(child)

    def create_children(self, count=None, tag_key=None, tag_values=None):
        """Make many children; with ``tag_key`` each gets one of ``tag_values``."""
        if tag_values is not None and count is not None and count != len(tag_values):
            raise UserErrorException("create_children(count=%d) does not fit %d tag_values." % (count, len(tag_values)))
        children = [self.child_run() for _ in range(len(tag_values) if tag_values is not None else count or 0)]
        for child, value in zip(children, tag_values or []):
            child.tag(tag_key, value)
        return children

    # --- file: what comes home with the outputs

    def log_image(self, name, path=None, plot=None, description=""):
        """Log an image: a file at ``path``, or a matplotlib figure or pyplot module as ``plot``."""
        if (path is None) == (plot is None):
            raise UserErrorException("log_image takes either path or plot, not %s." % ("both" if path else "neither"))
        suffix = "png" if plot is not None else (os.path.splitext(path)[1].lstrip(".") or "png")
        file = "%s_%d%s.%s" % (name, int(time.time() * 1000), self._place.rank_suffix, suffix)
        self._uploads.add(file, charts.png_of(plot) if plot is not None else path)
        self._value(name, "image", "aml://artifactId/ExperimentRun/dcid.%s/%s" % (self.id, file))

    def upload_file(self, name, path_or_stream, datastore_name=None):
        """Keep a file with the run under ``name``."""
        self._uploads.add(name, path_or_stream)

    def upload_files(self, names, paths, return_artifacts=False, timeout_seconds=None, datastore_name=None):
        """Keep several files with the run."""
        if len(names) != len(paths):
            raise UserErrorException("upload_files got %d names for %d paths." % (len(names), len(paths)))
        for name, path in zip(names, paths):
            self._uploads.add(name, path)

    def upload_folder(self, name, path, datastore_name=None):
        """Keep every file below ``path`` with the run, under ``name``/..."""
        self._uploads.add_folder(name, path)

    # --- place: what the run was told when it began

    def get_portal_url(self):
        """Where the server shows the run."""
        server = self._told_server()
        return server.url + server.path("runs", self.id)

    @property
    def experiment(self):
        """The experiment that the run belongs to; its ``workspace`` is the run's."""
        known = getattr(self._place, "experiment_object", None)
        if known is not None:
            return known
        from azureml.core.experiment import Experiment

        return Experiment(self._find_workspace, self._place.experiment, _id=self._place.experiment_id)

    # --- journal first: questions

    def get_metrics(self, name=None, recursive=False, run_type=None, populate=False):
        """Return name -> value: what was logged once as it is, what was logged several times as a list."""
        metrics = {}
        for series in self._ask("GET", "metrics", query={"recursive": "true" if recursive else "false"}):
            if name is None or series["name"] == name:
                found = metrics.setdefault(series["runId"], {})
                found[series["name"]] = charts.metric_value(series, self._points(series))
        return metrics if recursive else metrics.get(self.id, {})

    def get_status(self):
        """The run's state as the server knows it."""
        return self.get_details()["status"]

    def get_details(self):
        """Everything the server knows of the run (keys of ``switchyard run show -o json``)."""
        self._details = self._ask("GET")
        return self._details

    def get_tags(self):
        """The run's tags."""
        return self.get_details()["tags"]

    def get_properties(self):
        """The run's properties."""
        return self.get_details()["properties"]

    def get_children(self, recursive=False, tags=None, properties=None, type=None, status=None, _rehydrate_runs=True):
        """Yield the children, newest first."""
        from switchyard_client.finding import label_filter

        query = {"parent": self.id, "includeChildren": "true", "limit": "1000", "tag": label_filter(tags), "property": label_filter(properties)}
        query.update((key, value) for key, value in (("type", type), ("status", status)) if value is not None)
        while True:
            page = self._server().ask("GET", self._server().path("runs"), query=query)
            for item in page["items"]:
                child = self._other(item["runId"])
                yield child
                if recursive:
                    for grandchild in child.get_children(True, tags, properties, type, status):
                        yield grandchild
            if page["next"] is None:
                return
            query["after"] = page["next"]

    def get_environment(self):
        """The environment that the run uses, or None when it was given none."""
        used = self._known("environment")
        if used is None:
            return None
        server = self._server()
        found = server.ask("GET", server.path("environments", used["name"]), query={"version": used["version"]})
        return Environment(found["name"], found["version"], found["definition"])

    def get_snapshot_id(self):
        """The id of the code that was submitted, or None when there was none."""
        return self._known("snapshotId")

    def get_file_names(self):
        """Names of all files of the run."""
        return [file["path"] for file in self._ask("GET", "files")]

    def download_file(self, name, output_file_path=None, _validate_checksum=False):
        """Download one file of the run to a path, or into a folder under its own name."""
        to = output_file_path or os.path.basename(name)
        if os.path.isdir(to):
            to = os.path.join(to, os.path.basename(name))
        os.makedirs(os.path.dirname(os.path.abspath(to)), exist_ok=True)
        self._server().download(self._server().path("runs", self.id, "files", name), to)

    def download_files(self, prefix=None, output_directory=None, output_paths=None, batch_size=100, append_prefix=True):
        """Download the files whose names begin with ``prefix``."""
        names = [name for name in self.get_file_names() if name.startswith(prefix or "")]
        for index, name in enumerate(names):
            own = output_paths[index] if isinstance(output_paths, list) else name
            self.download_file(name, os.path.join(output_directory or ".", own))

    def cancel(self):
        """Ask that the run stops."""
        self._ask("POST", "cancel", body={})

    def wait_for_completion(self, show_output=False, wait_post_processing=False, raise_on_error=True):
        """Wait until the run has ended and return its details."""
        pause = 0.2
        while self.get_status() not in TERMINAL:
            time.sleep(pause)
            pause = min(pause * 1.5, 5)
        if raise_on_error and self._details["status"] == "Failed":
            error = self._details.get("error") or {}
            raise ExperimentExecutionException("Run %s failed: %s" % (self.id, error.get("message", "no reason recorded")))
        return self._details

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
        """What kind of run it is: ``azureml.scriptrun``, ..."""
        return self._known("runType")

    @property
    def display_name(self):
        """The name that people read, or None. Setting it is a record in the journal."""
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
        """What the run is about, or None. Setting it is a record in the journal."""
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
        """The parent run, or None."""
        parent = self._known("parentRunId")
        return None if parent is None else self._other(parent)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is None:
            self.complete()
        else:
            self.fail(error_details="%s: %s" % (kind.__name__, error), error_code=kind.__name__)

    def __repr__(self):
        return "Run(Experiment: %s,\nId: %s)" % (self._place.experiment, self.id)

    # --- parts

    def _value(self, name, kind, value):
        self._journal.record("v", self._about, name=checked_name(name), kind=kind, v=plain(value))

    def _set(self, name, value):
        self._journal.record("set", self._about, name=name, v=str(value))

    def _known(self, key):
        """A detail that never changes: asked for once."""
        return (self._details or self.get_details())[key]

    def _find_workspace(self):
        from azureml.core.workspace import Workspace

        return Workspace.get(self._place.workspace)

    def _other(self, run_id):
        if hasattr(self._place, "other"):
            return self._place.other(run_id)
        return Run._made(run_id, self._place, self._journal, Uploads(self._uploads.folder_of(run_id)), about=run_id)

    def _told_server(self):
        server = self._place.server()
        if server is None:
            raise ServiceException("This run was not told of a server to ask.")
        return server

    def _server(self):
        """The server, once it has what this process logged: it would not know of a child yet, nor of a metric."""
        server = self._told_server()
        self._wait_until_home(server)
        return server

    def _wait_until_home(self, server, *seconds):
        from switchyard_client.homeward import wait_until_home  # as `Place.server`

        wait_until_home(self._journal, self._place, server, *seconds)

    def _ask(self, method, *parts, **kwargs):
        server = self._server()
        return server.ask(method, server.path("runs", self.id, *parts), **kwargs)

    def _points(self, series):
        server = self._server()
        path = server.path("runs", series["runId"], "metrics", series["name"])
        return server.ask("GET", path, query={"maxPoints": "5000000"})["values"]
