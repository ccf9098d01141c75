"""``Run``: what a script says to its run and asks of it.

How each method travels is in one table, ``WAYS``:

* ``journal``: a line in a file; needs no server and never fails a training.
* ``file``: a copy inside the run directory, brought home with the outputs.
* ``place``: an answer from the variables of the run.
* ``journal first``: a question to the server once it has taken what this process logged, or after ten seconds (``homeward``);
  raises ``ServerUnreachable`` when it does not answer. ``flush`` is the waiting alone and raises nothing.
* ``server``: a question that what this process logged has nothing to do with.

An interactive run (``experiment.start_logging()``) says and keeps things in the same ways, in a spool that is carried to the
server in the background (``interactive``). A run that this process does not belong to is told everything at once (``outside``).
"""
import os
import sys

from switchyard_client.asking import Asking
from switchyard_client.errors import RunEnvironmentException, UserErrorException
from switchyard_client.journal import Journal
from switchyard_client.place import Place
from switchyard_client.saying import Saying
from switchyard_client.uploads import Uploads

WAYS = {
    "log": "journal", "log_list": "journal", "log_row": "journal", "log_table": "journal",
    "log_confusion_matrix": "journal", "log_accuracy_table": "journal", "log_residuals": "journal", "log_predictions": "journal",
    "tag": "journal", "set_tags": "journal", "remove_tags": "journal", "add_properties": "journal",
    "complete": "journal", "fail": "journal", "flush": "journal first",
    "child_run": "journal", "create_children": "journal",
    "log_image": "file", "upload_file": "file", "upload_files": "file", "upload_folder": "file",
    "get_portal_url": "place",
    "get_metrics": "journal first", "get_status": "journal first", "get_detailed_status": "journal first",
    "get_details": "journal first", "get_details_with_logs": "journal first", "get_tags": "journal first",
    "get_properties": "journal first", "get_children": "journal first", "get_file_names": "journal first",
    "download_file": "journal first", "download_files": "journal first", "get_all_logs": "journal first",
    "get_environment": "journal first", "get_snapshot_id": "journal first", "restore_snapshot": "journal first",
    "take_snapshot": "journal first", "submit_child": "journal first", "register_model": "journal first",
    "get_secret": "server", "get_secrets": "server", "cancel": "journal first", "wait_for_completion": "journal first", "clean": "server",
}


class Run(Saying, Asking):
    """A run; inside a submitted script, ``Run.get_context()`` is the script's own."""

    _context = None

    def __init__(self, experiment, run_id, outputs=None, **_):
        """The run of this id in the workspace of ``experiment``; what is new in the folder ``outputs`` is kept when it is ended here.

        The server is asked for it at once; raise ServiceException when it has no such run.
        """
        if not isinstance(run_id, str) or not run_id:
            raise UserErrorException("Which run? run_id is %r." % (run_id,))
        self._stand_outside(experiment, run_id)
        self.get_details()
        if outputs:
            from switchyard_client.interactive.outputs import OutputsFolder

            self._outputs = OutputsFolder(outputs)

    @classmethod
    def _made(cls, *ways, **more):
        """A run that says and keeps things in the given ways."""
        run = cls.__new__(cls)
        run._begin(*ways, **more)
        return run

    @classmethod
    def _shown(cls, experiment, shown):
        """A run that the server has just shown."""
        run = cls.__new__(cls)
        run._stand_outside(experiment, shown["runId"], shown)
        return run

    def _stand_outside(self, experiment, run_id, shown=None):
        from switchyard_client.outside import Outside, Telling, Uploading

        place = Outside(experiment, run_id)
        self._begin(run_id, place, Telling(place), Uploading(place))
        self._details = shown

    def _begin(self, run_id, place, journal, uploads, about=None):
        self.id = run_id
        self._place = place
        self._journal = journal
        self._uploads = uploads
        self._about = about  # None for the script's own run, else the id that records must name
        self._parent_id = None  # when it is known without asking
        self._details = None
        self._children = 0
        self._outputs = None  # a folder whose new files are kept when the run ends

    # --- which run

    @classmethod
    def get_context(cls, allow_offline=True, used_for_context_manager=False, **_):
        """Return the run that this script belongs to; outside a run, one that only prints (unless not allowed)."""
        place = Place()
        if Run._context is not None and Run._context.id == place.run_id:
            return Run._context
        if place.in_run:
            Run._context = Run._made(place.run_id, place, Journal(place.journal_folder), Uploads(place.job_folder))
            Run._context._parent_id = place.parent_run_id
            return Run._context
        if not allow_offline:
            raise RunEnvironmentException(
                "This script does not run inside a run: submit it (`switchyard submit %s`), "
                "or call Run.get_context() without allow_offline=False." % os.path.basename(sys.argv[0] or "train.py")
            )
        from switchyard_client.offline import OfflineRun

        return OfflineRun()

    @classmethod
    def get_submitted_run(cls, **kwargs):
        """The older name of ``get_context(allow_offline=False)``."""
        return cls.get_context(allow_offline=False, **kwargs)

    @staticmethod
    def get(workspace, run_id):
        """The run of a workspace with this id, as an object of its own class."""
        from switchyard_client.finding import run_of

        server = workspace._server
        return run_of(workspace, server.ask("GET", server.path("runs", run_id)))

    @staticmethod
    def list(experiment, type=None, tags=None, properties=None, status=None, include_children=False, _rehydrate_runs=True):
        """Yield the runs of an experiment, newest first; ``tags`` and ``properties`` are a key, or a map of key and value."""
        from switchyard_client.finding import find_runs

        wanted = dict(type=type, tags=tags, properties=properties, status=status, include_children=include_children)
        return find_runs(experiment.workspace, experiment, **wanted)

    @staticmethod
    def list_by_compute(compute, type=None, tags=None, properties=None, status=None):
        """Yield the runs that a compute target was given, newest first."""
        from switchyard_client.finding import find_runs

        wanted = dict(type=type, tags=tags, properties=properties, status=status, include_children=True)
        return find_runs(compute.workspace, target=compute.name, **wanted)

    @staticmethod
    def add_type_provider(runtype, run_factory):
        """Let look-ups give ``run_factory(experiment, details)`` for runs of this type."""
        from switchyard_client.finding import PROVIDERS

        PROVIDERS[runtype] = run_factory

    # --- place: what the run was told when it began

    def get_portal_url(self):
        """Where the server shows the run."""
        server = self._told_server()
        return server.url + server.path("runs", self.id)

    @property
    def experiment(self):
        """The experiment that the run belongs to; its ``workspace`` is the run's."""
        return self._place.experiment_of_run()

    # --- how it looks

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is None:
            self.complete()
        else:
            self.fail(error_details="%s: %s" % (kind.__name__, error), error_code=kind.__name__)

    def __repr__(self):
        known = self._details or {}
        more = "".join(",\n%s: %s" % (word, known[key]) for word, key in (("Type", "runType"), ("Status", "status")) if key in known)
        return "Run(Experiment: %s,\nId: %s%s)" % (self._place.experiment, self.id, more)

    def __eq__(self, other):
        return isinstance(other, Run) and self.id == other.id

    def __hash__(self):
        return hash(self.id)

    def _repr_html_(self):
        from switchyard_client.pages import table

        known = self._details or {}
        rows = [("Experiment", self._place.experiment), ("Id", self.id), ("Type", known.get("runType")), ("Status", known.get("status"))]
        return table(rows + [("Details Page", (self.get_portal_url(), "Link to the run"))])

    # --- parts

    def _other(self, run_id):
        """Another run of the family, said and asked in the same ways."""
        return self._place.other(self, run_id)

    def _other_shown(self, shown):
        other = self._place.other(self, shown["runId"], shown)
        other._details = shown
        return other
