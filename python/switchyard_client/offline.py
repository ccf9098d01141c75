"""A run outside of any run: a script that is tried out by hand says the same things, and nothing is kept."""
import os

from switchyard_client import charts
from switchyard_client.errors import RunEnvironmentException
from switchyard_client.journal import Journal
from switchyard_client.place import Place
from switchyard_client.run import Run


class OfflineRun(Run):
    """What ``Run.get_context()`` gives outside a run: it prints what would be logged, and knows it while the script lives."""

    def __init__(self, run_id=None, journal=None):
        run_id = run_id or "OfflineRun_%d" % os.getpid()
        self._begin(run_id, _Nowhere({}), journal or _Printer(), _NoUploads(), about=run_id)

    @property
    def _said(self):
        return self._journal.said_of(self.id)

    def get_metrics(self, name=None, recursive=False, run_type=None, populate=False):
        """What this script logged so far, in the shapes that a run gives."""
        metrics = {key: value for key, value in self._said.metrics() if name is None or key == name}
        if not recursive:
            return metrics
        found = {self.id: metrics} if metrics else {}
        for child in self.get_children():
            found.update(child.get_metrics(name, True))
        return found

    def get_details(self):
        """The keys that every run has, as far as this script said anything."""
        self._details = {
            "runId": self.id, "number": 0, "runType": "azureml.offlinerun", "target": "local", "snapshotId": None,
            "environment": None, "runDefinition": {}, "logFiles": {}, "inputDatasets": [], "outputDatasets": [],
        }  # fmt: skip
        self._details.update(self._said.details())
        return self._details

    def get_children(self, recursive=False, tags=None, properties=None, type=None, status=None, _rehydrate_runs=True):
        """Yield the children that this script made, newest first."""
        for child in [self._other(child) for child in reversed(self._said.children)]:
            yield child
            if recursive:
                for grandchild in child.get_children(True):
                    yield grandchild

    def get_file_names(self):
        """None: what is uploaded is not kept."""
        return []

    def get_portal_url(self):
        """Empty: no page shows this run."""
        return ""

    def cancel(self):
        """Only says so: whoever runs this script can stop it."""
        print("[offline run] cancel")

    def wait_for_completion(self, show_output=False, wait_post_processing=False, raise_on_error=True):
        """Return the details at once: the script would wait for itself."""
        return self.get_details()

    @property
    def experiment(self):
        """An experiment without an id; its workspace is the one that ``Workspace.from_config`` finds."""
        from azureml.core.experiment import Experiment

        return Experiment(_workspace_of_config, "offline")

    def get_details_with_logs(self):
        """The details: there are no logs."""
        return self.get_details()

    def get_detailed_status(self):
        """The status, and that nobody else knows of this run."""
        return {"status": self.get_status(), "details": "This script runs outside a run."}

    def _told_server(self):
        return self._server()

    def _server(self):
        raise RunEnvironmentException("This script runs outside a run, so there is no history to ask.")

    def __repr__(self):
        return "Run(offline, Id: %s)" % self.id


class _Nowhere(Place):
    """No run around it: children are like their parent."""

    def other(self, run, run_id, shown=None):
        return OfflineRun(run_id, run._journal)


#: What older scripts import, to ask whether they run by hand.
_OfflineRun = OfflineRun


def _workspace_of_config():
    from azureml.core.workspace import Workspace

    return Workspace.from_config()


class _Printer:
    """Stands where the journal would be."""

    tags, properties = Journal.tags, Journal.properties

    def __init__(self):
        self._said = {}

    def said_of(self, run):
        """What was said of a run so far."""
        return self._said.setdefault(run, _Said())

    def number(self, name, value, step=None, run=None):
        print("[offline run] %s = %s%s" % (name, value, "" if step is None else " (step %s)" % step))
        self.said_of(run).log(name, "number", value)

    def record(self, k, run=None, **fields):
        what = "logged" if k == "v" else k
        detail = " ".join("%s" % (value,) for key, value in fields.items() if key != "kind" and value is not None)
        print("[offline run] %s %s" % (what, detail))
        if k == "child":
            self.said_of(fields["child"]).born(run, fields["name"])
        self.said_of(run).take(k, **fields)


class _Said:
    """All that was said of one run, as the server would show it."""

    def __init__(self):
        self.children = []
        self._series = {}
        self._details = {
            "displayName": None, "description": None, "status": "Running", "error": None, "parentRunId": None, "tags": {}, "properties": {},
        }  # fmt: skip

    def details(self):
        """What is known of the run; a copy."""
        return dict(self._details, tags=dict(self._details["tags"]), properties=dict(self._details["properties"]))

    def metrics(self):
        """Name and value of what was logged."""
        return [(name, charts.metric_value({"kind": kind}, values)) for name, (kind, values) in self._series.items()]

    def log(self, name, kind, value):
        """One more value; as in a run, the first one says what kind a name is."""
        self._series.setdefault(str(name), (kind, []))[1].append(value)

    def born(self, parent, name):
        """The run is a child."""
        self._details.update(parentRunId=parent, displayName=name)

    def take(self, k, name=None, kind=None, v=None, child=None, code=None, message=None):
        """Any other record of a journal."""
        if k == "v":
            self.log(name, kind, v)
        elif k == "child":
            self.children.append(child)
        elif k == "tag":
            self._details["tags"][name] = v
        elif k == "untag":
            self._details["tags"].pop(name, None)
        elif k == "property":
            self._details["properties"].setdefault(name, v)
        elif k == "set":
            self._details[name] = v
        elif k == "complete":
            self._details["status"] = "Completed"
        elif k == "fail":
            self._details.update(status="Failed", error={"code": code, "message": message or ""})


class _NoUploads:
    """Stands where uploads would be."""

    def add(self, name, path_or_stream):
        print("[offline run] upload %s" % name)

    def add_folder(self, name, path):
        print("[offline run] upload folder %s" % name)

    def of_child(self, run_id):
        return self

    def has(self, name):
        return False
