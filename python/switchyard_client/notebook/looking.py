"""What a view of a run knows: asked anew at every look, curves only when they have grown."""
import base64

from switchyard_client.errors import ServiceException

#: Statuses that nothing follows.
ENDED = ("Completed", "Failed", "Canceled")
_CONTROL_LOG = "azureml-logs/60_control_log.txt"
_TAIL_BYTES = 16 * 1024
_TAIL_LINES = 60
_MOST_CURVES = 24
_MOST_CHILDREN = 100
_MOST_IMAGES = 6
_LARGEST_IMAGE = 1024 * 1024
_POINTS = 400


class RunView:
    """A run as it was at the last look: ``details``, ``curves``, ``values``, ``images``, ``children``, ``log``, ``log_name``."""

    def __init__(self, run):
        self.run = run
        self.details = {}
        self.curves = []
        self.values = []
        self.images = []
        self.children = []
        self.sweep = None
        self.log_name = None
        self.log = ""
        self.trouble = None
        self._points = {}
        self._image_bytes = {}

    @property
    def status(self):
        """The run's status at the last look."""
        return self.details.get("status", "Unknown")

    @property
    def has_ended(self):
        """Nothing will change any more."""
        return self.status in ENDED

    def look(self):
        """Ask the server for everything that is shown."""
        self.details = self.run._ask("GET")
        self._look_at_metrics()
        self._look_at_children()
        self._look_at_log()
        self.trouble = None

    def _look_at_metrics(self):
        curves, values, images = [], [], []
        for series in self.run._ask("GET", "metrics"):
            if series["kind"] == "number" and series["count"] > 1:
                if len(curves) < _MOST_CURVES:
                    curves.append((series, self._points_of(series)))
            elif series["kind"] == "image":
                if len(images) < _MOST_IMAGES:
                    images.append((series["name"], self._image_of(series)))
            else:
                values.append((series["name"], series["kind"], series["last"]))
        self.curves, self.values, self.images = curves, values, images

    def _points_of(self, series):
        key = (series["attempt"], series["count"])
        known = self._points.get(series["name"])
        if known is None or known[0] != key:
            server = self.run._server()
            path = server.path("runs", self.run.id, "metrics", series["name"])
            found = server.ask("GET", path, query={"maxPoints": str(_POINTS)})
            known = self._points[series["name"]] = (key, (found["steps"], found["values"]))
        return known[1]

    def _image_of(self, series):
        """The newest picture as a data address; None when it is not home yet, or too large to be shown."""
        address = series["last"]
        if address not in self._image_bytes:
            file = str(address).split("/dcid.%s/" % self.run.id, 1)[-1]
            server = self.run._server()
            try:
                content = server.read(server.path("runs", self.run.id, "files", file))
            except ServiceException as error:
                if error.code == "not_found":
                    return None  # it comes home with the outputs
                raise
            kind = "png" if content.startswith(b"\x89PNG") else "jpeg" if content.startswith(b"\xff\xd8") else None
            fits = kind is not None and len(content) <= _LARGEST_IMAGE
            self._image_bytes[address] = "data:image/%s;base64,%s" % (kind, base64.b64encode(content).decode()) if fits else None
        return self._image_bytes[address]

    def _look_at_children(self):
        server = self.run._server()
        query = {"parent": self.run.id, "includeChildren": "true", "limit": str(_MOST_CHILDREN)}
        self.children = server.ask("GET", server.path("runs"), query=query)["items"]

    def _look_at_log(self):
        """The end of the log that a person wants to see: the last one that says something, besides that of the supervisor."""
        names = [name for name in self.details.get("logFiles") or {} if name != _CONTROL_LOG]
        sizes = {file["path"]: file["size"] for file in self.run._ask("GET", "files")}
        spoken = [name for name in names if sizes.get(name)]
        if not spoken:
            self.log_name, self.log = None, ""
            return
        self.log_name = self._most_telling(spoken)
        self.log = self._tail(self.log_name, sizes[self.log_name])

    def _most_telling(self, names):
        """What the script says; of several processes the first when the run failed, for that is where it began."""
        driver = [name for name in names if "_driver_log" in name]
        if driver:
            return driver[0 if self.status == "Failed" else -1]
        return ([name for name in names if name.endswith(".txt")] or names)[-1]

    def _tail(self, name, size):
        server = self.run._server()
        start = max(0, size - _TAIL_BYTES)
        with server.open(server.path("runs", self.run.id, "files", name), headers={"Range": "bytes=%d-" % start}) as answer:
            text = answer.read(2 * _TAIL_BYTES).decode("utf-8", "replace")
        lines = text.replace("\r\n", "\n").split("\n")
        if start > 0:
            lines = lines[1:]  # it begins somewhere within
        lines = [line.split("\r")[-1] for line in lines]  # a progress bar says its last word only
        return "\n".join(lines[-_TAIL_LINES:])

    def as_data(self):
        """The same as plain data, by the keys that the widget of v1 gave."""
        return {
            "status": self.status,
            "workbench_run_details_uri": self.run.get_portal_url(),
            "run_id": self.run.id,
            "run_properties": {
                "run_id": self.run.id,
                "created_utc": self.details.get("createdUtc"),
                "properties": self.details.get("properties") or {},
                "tags": self.details.get("tags") or {},
                "end_time_utc": self.details.get("endTimeUtc"),
                "status": self.status,
                "log_files": self.details.get("logFiles") or {},
            },
            "child_runs": [
                {"run_id": each["runId"], "status": each["status"], "start_time": each["startTimeUtc"], "end_time": each["endTimeUtc"]}
                for each in self.children
            ],
            "run_metrics": [{"name": series["name"], "run_id": self.run.id, "data": points[1]} for series, points in self.curves]
            + [{"name": name, "run_id": self.run.id, "data": [value]} for name, _, value in self.values],
            "run_logs": self.log,
        }
