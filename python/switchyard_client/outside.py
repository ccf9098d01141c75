"""The ways of a run that this process does not belong to: all of it goes to the server, at once."""
import io
import os

from switchyard_client.errors import UserErrorException
from switchyard_client.retrying import patiently
from switchyard_client.uploads import checked_name, files_below


class Outside:
    """Stands where the ``Place`` of a script in a run would be."""

    in_run = True
    rank_suffix = ""
    attempt = "1"

    def __init__(self, experiment, run_id):
        self.experiment_object = experiment
        self.run_id = run_id
        self.experiment = experiment.name
        self.experiment_id = experiment._id

    @property
    def workspace(self):
        """The workspace's name."""
        return self.experiment_object.workspace.name

    def server(self):
        """The server of the run's workspace."""
        return self.experiment_object.workspace._server

    def other(self, run_id):
        """Another run of the workspace, as an object of its own class."""
        from switchyard_client.finding import run_of

        server = self.server()
        return run_of(self.experiment_object.workspace, server.ask("GET", server.path("runs", run_id)), self.experiment_object)


class Telling:
    """Stands where the journal would be: what is said of somebody else's run is told to the server at once, and may be refused."""

    awaited = 0

    def __init__(self, place):
        self._place = place

    def end(self):
        """Nothing is under way."""
        return "", 0

    def record(self, k, run=None, **fields):
        """Tell one thing, in the words of a journal."""
        tell = getattr(self, "_" + k)
        tell(run or self._place.run_id, **fields)

    def tags(self, run, tags):
        """Set tags."""
        self._change(run or self._place.run_id, tags=tags)

    def properties(self, run, properties):
        """Add properties; the server refuses another value of one that is there."""
        self._change(run or self._place.run_id, properties=properties)

    def _untag(self, run, name):
        self._change(run, removeTags=[name])

    def _set(self, run, name, v):
        self._change(run, **{name: v})

    def _complete(self, run):
        self._post(run, "end", {"status": "Completed"})

    def _fail(self, run, code, message):
        error = {"code": code or "UserFailed", "message": message or "The run was ended as failed."}
        self._post(run, "end", {"status": "Failed", "error": error})

    def _child(self, run, child, name):
        body = {"experimentName": self._place.experiment, "snapshotId": None, "runId": child, "parentRunId": run}
        if name is not None:
            body["displayName"] = name
        server = self._place.server()
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

    def folder_of(self, run_id):
        """There is no folder."""

    def _put(self, name, open_it, length):
        server = self._place.server()
        path = server.path("runs", self._place.run_id, "files", name)

        def send():
            with open_it() as stream:
                return server.send("PUT", path, iter(lambda: stream.read(1 << 19), b""), length)

        patiently(send)
