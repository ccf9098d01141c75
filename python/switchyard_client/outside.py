"""The ways of a run that this process does not belong to: all of it goes to the server, at once."""
import io
import os
import sys
import time

from switchyard_client.errors import UserErrorException
from switchyard_client.retrying import patiently
from switchyard_client.uploads import checked_name, files_below


#: How long ``fail()`` waits for the script of a submitted run to be gone.
_STOPPING_SECONDS = 10


class Outside:
    """Stands where the ``Place`` of a script in a run would be."""

    rank_suffix = ""

    def __init__(self, experiment, run_id):
        self._experiment = experiment
        self.run_id = run_id
        self.experiment = experiment.name

    def speaker_suffix(self, run):
        """Empty: such a run is spoken of by anybody."""
        return ""

    def experiment_of_run(self):
        """The experiment that the run was made with."""
        return self._experiment

    def server(self):
        """The server of the run's workspace."""
        return self._experiment.workspace._server

    def other(self, run, run_id, shown=None):
        """Another run of the workspace, as an object of its own class."""
        from switchyard_client.finding import run_of

        if shown is None:
            server = self.server()
            shown = server.ask("GET", server.path("runs", run_id))
        return run_of(self._experiment.workspace, shown, self._experiment)

    def born(self, run, run_id):
        """A child that was just made."""
        return self.other(run, run_id)

    def ended(self, run, status):
        """The server was told already."""

    def wait_until_home(self, journal, server, *seconds):
        """Wait until the server has what was logged: metrics are on their way in the background, all else is there already."""
        journal.wait_until_home(*seconds)

    def input_datasets(self, run):
        """The data that the run was given, as its details show it."""
        return run.get_details()["inputDatasets"]


class Telling:
    """Stands where the journal would be: what is said of somebody else's run is told to the server at once, and may be refused."""

    def __init__(self, place):
        self._place = place
        self._spool = None

    def number(self, name, value, step=None, run=None):
        """Log a number: a line of a journal that is carried in the background, since a loop may log many."""
        self._journal().number(name, value, step, run)

    def record(self, k, run=None, **fields):
        """Tell one thing, in the words of a journal."""
        run = run or self._place.run_id
        if k == "v":
            self._journal().record(k, **fields)
        elif k == "tag":
            self._change(run, tags={fields["name"]: fields["v"]})
        elif k == "untag":
            self._change(run, removeTags=[fields["name"]])
        elif k == "property":
            self._change(run, properties={fields["name"]: fields["v"]})
        elif k == "set":
            self._change(run, **{fields["name"]: fields["v"]})
        elif k == "child":
            self._child(run, fields["child"], fields["name"])
        elif k == "complete":
            self.wait_until_home()  # whoever reads a run that is over finds what it logged
            self._post(run, "end", {"status": "Completed"})
        elif k == "fail":
            self.wait_until_home()
            self._fail(run, fields["code"], fields["message"])
        else:
            raise ValueError("There is no way to tell the server %r." % k)

    def wait_until_home(self, *seconds):
        """Wait until the server has what this process logged, also by another object of the same run."""
        if "switchyard_client.interactive.spool" in sys.modules:
            from switchyard_client.interactive.spool import wait_for_spools

            wait_for_spools(self._place.run_id, *seconds)

    def _journal(self):
        if self._spool is None:
            from switchyard_client.interactive.spool import open_spool

            self._spool = open_spool(self._place.server(), self._place.run_id, owned=False)
        return self._spool.journal

    def tags(self, run, tags):
        """Set tags."""
        self._change(run or self._place.run_id, tags=tags)

    def properties(self, run, properties):
        """Add properties; the server refuses another value of one that is there."""
        self._change(run or self._place.run_id, properties=properties)

    def _fail(self, run, code, message):
        error = {"code": code or "UserFailed", "message": message or "The run was ended as failed."}
        self._post(run, "end", {"status": "Failed", "error": error})
        self._until_over(run)

    def _until_over(self, run):
        """A script that is stopped because its run was declared failed takes a moment; then the run is seen to be over."""
        server, deadline = self._place.server(), time.monotonic() + _STOPPING_SECONDS
        while server.ask("GET", server.path("runs", run))["endTimeUtc"] is None and time.monotonic() < deadline:
            time.sleep(0.1)

    def _child(self, run, child, name):
        server = self._place.server()
        body = {"experimentName": self._place.experiment, "snapshotId": None, "runId": child, "parentRunId": run}
        if name is not None:
            body["displayName"] = name
        server.ask("POST", server.path("interactive-runs"), body=body)

    def _change(self, run, **body):
        server = self._place.server()
        server.ask("PATCH", server.path("runs", run), body=body)

    def _post(self, run, what, body):
        server = self._place.server()
        server.ask("POST", server.path("runs", run, what), body=body)


class Uploading:
    """Stands where a run directory's uploads would be: files go to the server, each when it is handed over."""

    def __init__(self, place):
        self._place = place

    def add(self, name, path_or_stream):
        """Store one file or stream under ``name``; the same bytes under the same name are no error, others are refused."""
        name = checked_name(name)
        if hasattr(path_or_stream, "read"):
            content = path_or_stream.read()
            content = content.encode("utf-8") if isinstance(content, str) else content
            self._put(name, lambda: io.BytesIO(content), len(content))
        else:
            source = os.fspath(path_or_stream)
            if not os.path.isfile(source):
                raise UserErrorException('There is no file "%s" to upload as "%s".' % (source, name))
            self._put(name, lambda: open(source, "rb"), os.path.getsize(source))

    def add_folder(self, name, path):
        """Store every file below the folder ``path`` under ``name``/...; return their names."""
        added = []
        for inner, source in files_below(name, path):
            self.add(inner, source)
            added.append(inner)
        return added

    def _put(self, name, open_it, length):
        server = self._place.server()
        path = server.path("runs", self._place.run_id, "files", name)

        def send():
            with open_it() as stream:
                return server.send("PUT", path, iter(lambda: stream.read(1 << 19), b""), length)

        patiently(send)
