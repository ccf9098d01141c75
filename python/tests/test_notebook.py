"""Views of runs: what is drawn, and how the live view behaves. A real kernel shows them in test/e2e/notebooks.test.ts."""
import io
import sys
import threading
import unittest
import xml.dom.minidom
from contextlib import redirect_stdout

from azureml.exceptions import UserErrorException
from azureml.widgets import RunDetails
from switchyard_client.errors import ServerUnreachable, ServiceException
from switchyard_client.notebook import showing
from switchyard_client.notebook.curves import curve
from switchyard_client.notebook.drawing import page
from switchyard_client.notebook.looking import RunView

NASTY = '<script>alert("x")</script>&\'"'


class Server:
    def path(self, *parts):
        return "/".join(parts)

    def ask(self, method, path, query=None):
        if path.startswith("runs/"):
            return {"steps": [0, 1, 2], "values": [1.0, "NaN", 0.5]}
        return {
            "items": [{"runId": "child", "displayName": NASTY, "status": "Running", "startTimeUtc": None, "endTimeUtc": None}],
            "next": None,
        }

    def open(self, path, headers=None):
        return io.BytesIO(b"half a line\nloss: 1\rloss: 2\n" + NASTY.encode())

    def read(self, path):
        return b"\x89PNG" + path.encode()


class Run:
    """A run whose server says what a test wants: ``statuses`` one after the other, errors among them."""

    def __init__(self, *statuses):
        self.id = "run_1"
        self.statuses = list(statuses)

    def get_portal_url(self):
        return "http://localhost/runs/run_1"

    def _server(self):
        return Server()

    def _ask(self, method, *parts):
        if parts == ("metrics",):
            return [
                {"name": "loss" + NASTY, "kind": "number", "count": 3, "attempt": 1, "last": 0.5},
                {"name": "text", "kind": "text", "count": 1, "attempt": 1, "last": NASTY},
                {"name": "plot", "kind": "image", "count": 1, "attempt": 1, "last": "aml://artifactId/ExperimentRun/dcid.run_1/plot.png"},
            ]
        if parts == ("files",):
            return [{"path": "azureml-logs/70_driver_log.txt", "size": 5}, {"path": "azureml-logs/60_control_log.txt", "size": 9}]
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if isinstance(status, Exception):
            raise status
        return {
            "runId": "run_1", "status": status, "displayName": NASTY, "experimentName": "e", "target": "local", "warnings": [NASTY],
            "startTimeUtc": "2020-01-01T00:00:00.000Z", "endTimeUtc": "2020-01-01T00:01:05.000Z",
            "logFiles": {"azureml-logs/60_control_log.txt": "u", "azureml-logs/70_driver_log.txt": "u"},
            "error": {"code": "UserError", "message": NASTY} if status == "Failed" else None, "properties": {}, "tags": {},
        }  # fmt: skip


class Drawing(unittest.TestCase):
    def test_everything_that_comes_from_a_run_is_escaped(self):
        view = RunView(Run("Failed"))
        view.look()
        html = page(view)
        xml.dom.minidom.parseString(html.replace("&nbsp;", " "))
        self.assertNotIn("<script", html)
        for shown in ("UserError", "0:01:05", "loss: 2", "&lt;script&gt;", "data:image/png;base64,", "<circle", 'data-status="Failed"'):
            self.assertIn(shown, html)
        self.assertNotIn("loss: 1", html)

    def test_curves(self):
        for values in ([1], ["NaN"], [None, "Infinity"], [1e308, -1e308], [0, 0, 0], [1, "NaN", 2, 3], [5e-324, 0]):
            svg = curve("a", list(range(len(values))), values)
            xml.dom.minidom.parseString(svg)
            self.assertNotIn("nan", svg.replace("NaN", ""))
            self.assertNotIn("inf", svg.replace("Infinity", "").replace("finite", ""))
        self.assertEqual(curve("a", [0, 1, 2, 3, 4], [1, 2, "NaN", 3, 4]).count("<polyline"), 2)

    def test_data_for_programs(self):
        data = RunDetails(Run("Completed")).get_widget_data()
        self.assertEqual((data["status"], data["run_id"], data["child_runs"][0]["run_id"]), ("Completed", "run_1", "child"))
        self.assertEqual(data["run_metrics"][0]["data"], [1.0, "NaN", 0.5])


class Shell:
    """What of Jupyter's shell a view uses."""

    kernel = object()

    def __init__(self):
        self.published = []
        self.callbacks = []
        self.more = threading.Condition()
        self.events = self.display_pub = self

    def register(self, event, callback):
        self.callbacks.append((event, callback))

    def unregister(self, event, callback):
        self.callbacks.remove((event, callback))

    def publish(self, data, metadata, transient, update):
        with self.more:
            self.published.append((update, transient["display_id"], data))
            self.more.notify_all()

    def wait_for(self, words):
        with self.more:
            found = self.more.wait_for(lambda: any(words in data["text/html"] for _, _, data in self.published), 60)
        if not found:
            raise AssertionError("never shown: %s" % words)


class Showing(unittest.TestCase):
    def in_jupyter(self):
        self.addCleanup(setattr, showing, "_FIRST_PAUSE_SECONDS", showing._FIRST_PAUSE_SECONDS)
        showing._FIRST_PAUSE_SECONDS = 0.05
        # a cell waits for its look, however long that takes on a busy machine
        self.addCleanup(setattr, showing, "_AFTER_A_CELL_SECONDS", showing._AFTER_A_CELL_SECONDS)
        showing._AFTER_A_CELL_SECONDS = 60
        shell = Shell()
        ipython = type(sys)("IPython")
        ipython.get_ipython = lambda: shell
        before = sys.modules.get("IPython")
        sys.modules["IPython"] = ipython
        self.addCleanup(lambda: sys.modules.pop("IPython") if before is None else sys.modules.__setitem__("IPython", before))
        return shell

    def ended(self):
        for thread in threading.enumerate():
            if thread.name.startswith("switchyard-run-"):
                thread.join(60)
                self.assertFalse(thread.is_alive())

    def test_elsewhere_it_prints(self):
        out = io.StringIO()
        with redirect_stdout(out):
            RunDetails(Run("Running")).show()
        self.assertIn("Run run_1: Running\nWeb View: http://localhost/runs/run_1\n", out.getvalue())

    def test_it_is_kept_true_until_the_run_has_ended(self):
        shell = self.in_jupyter()
        showing._FIRST_PAUSE_SECONDS = 100
        RunDetails(Run("Running", "Running", "Completed")).show()
        self.assertFalse(shell.published[0][0])
        self.assertEqual(shell.callbacks[0][0], "post_run_cell")
        for _ in range(2):  # two cells have ended: the view looks at once
            shell.callbacks[0][1]()
        shell.wait_for('data-status="Completed"')
        self.ended()
        self.assertEqual({update for update, _, _ in shell.published[1:]}, {True})
        self.assertEqual(len({display_id for _, display_id, _ in shell.published}), 1)
        self.assertEqual(shell.callbacks, [])

    def test_an_ended_run_needs_no_thread(self):
        shell = self.in_jupyter()
        RunDetails(Run("Completed")).show()
        self.assertEqual((len(shell.published), shell.callbacks), (1, []))

    def test_a_server_that_is_away_is_waited_for(self):
        shell = self.in_jupyter()
        RunDetails(Run("Running", ServerUnreachable("away."), ServiceException("busy", 503), "Completed")).show()
        shell.wait_for("away. The view goes on")
        shell.wait_for('data-status="Completed"')
        self.ended()
        self.assertNotIn("away.", shell.published[-1][2]["text/html"])

    def test_a_refusal_ends_the_view_and_is_shown(self):
        shell = self.in_jupyter()
        RunDetails(Run("Running", ServiceException("no such run", 404, "not_found"))).show()
        shell.wait_for("no such run")
        self.ended()

    def test_what_is_no_run(self):
        with self.assertRaises(UserErrorException):
            RunDetails("run_1")


if __name__ == "__main__":
    unittest.main()
