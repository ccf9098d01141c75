"""Questions over HTTP, against a small server; and a script outside any run."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock

from switchyard_client import run as client
from switchyard_client.errors import ServerUnreachable, ServiceException
from switchyard_client.journal import Journal
from switchyard_client.place import Place
from tests.support import ROOT

ANSWERS = {
    "/api/v1/workspaces/w": {"name": "w", "workspaceId": "1", "subscriptionId": "s", "resourceGroup": "g"},
    "/api/v1/workspaces/w/runs/r": {
        "runId": "r", "status": "Completed", "number": 3, "tags": {"a": None}, "properties": {}, "parentRunId": "p", "displayName": "dawn",
        "description": "a first try", "runType": "azureml.scriptrun", "snapshotId": "s1", "environment": {"name": "e", "version": "2"},
    },
    "/api/v1/workspaces/w/environments/e": {"name": "e", "version": "2", "definition": {"name": "e", "environmentVariables": {"A": "1"}}},
    "/api/v1/workspaces/w/runs/r/metrics": [
        {"runId": "r", "name": "once", "kind": "number"},
        {"runId": "r", "name": "more/deep", "kind": "number"},
        {"runId": "r", "name": "rows", "kind": "row"},
    ],
    "/api/v1/workspaces/w/runs/r/metrics/once": {"values": ["Infinity"]},
    "/api/v1/workspaces/w/runs/r/metrics/more/deep": {"values": [1, 2.5]},
    "/api/v1/workspaces/w/runs/r/metrics/rows": {"values": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]},
    "/api/v1/workspaces/w/runs/r/files": [{"path": "outputs/a"}, {"path": "logs/b"}],
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        self.server.asked.append((path, query))
        if self.headers["Authorization"] != "Bearer secret":
            return self.reply(401, {"code": "unauthenticated", "detail": "Who are you?"})
        if "/journal/" in path and self.server.positions:
            return self.reply(200, {"takenBytes": self.server.positions.pop(0)})
        if path in ANSWERS:
            return self.reply(200, ANSWERS[path])
        return self.reply(404, {"code": "not_found", "detail": "There is no %s." % path})

    def reply(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Quiet."""


class Questions(unittest.TestCase):
    def setUp(self):
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.server.asked = []
        self.server.positions = []
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        folder = tempfile.mkdtemp(prefix="switchyard-python-")
        self.addCleanup(shutil.rmtree, folder)
        self.journal = Journal(folder)
        self.run_ = self.a_run("http://127.0.0.1:%d" % self.server.server_port)

    def a_run(self, url, token="secret"):
        variables = {
            "AZUREML_SERVICE_ENDPOINT": url, "AZUREML_RUN_TOKEN": token, "AZUREML_ARM_WORKSPACE_NAME": "w", "AZUREML_RUN_ID": "r",
            "AZUREML_ARM_PROJECT_NAME": "digits", "AZUREML_EXPERIMENT_ID": "7",
        }  # fmt: skip
        return client.Run._made("r", Place(dict(variables, SWITCHYARD_ATTEMPT="2")), self.journal, None)

    def waits(self):
        """How often the server was asked for its position in the journal."""
        return [path for path, _ in self.server.asked].count("/api/v1/workspaces/w/runs/r/journal/" + self.journal.end()[0])

    def test_metrics_come_in_the_promised_shapes(self):
        self.assertEqual(
            self.run_.get_metrics(), {"once": float("inf"), "more/deep": [1, 2.5], "rows": {"x": [1, 3], "y": [2, 4]}}
        )
        self.assertEqual(self.run_.get_metrics("once"), {"once": float("inf")})

    def test_details(self):
        self.assertEqual(self.run_.get_status(), "Completed")
        self.assertEqual(self.run_.number, 3)
        self.assertEqual(self.run_.get_file_names(), ["outputs/a", "logs/b"])

    def test_what_the_run_is(self):
        run = self.run_
        self.assertEqual((run.name, run.display_name, run.description, run.type), ("dawn", "dawn", "a first try", "azureml.scriptrun"))
        self.assertEqual(run.get_snapshot_id(), "s1")
        environment = run.get_environment()
        self.assertEqual((environment.name, environment.version, environment.environment_variables), ("e", "2", {"A": "1"}))
        self.assertEqual(run.get_portal_url(), run._place.server().url + "/api/v1/workspaces/w/runs/r")

    def test_its_experiment_needs_no_server_until_its_workspace_is_wanted(self):
        experiment = self.a_run("http://127.0.0.1:9").experiment
        self.assertEqual((experiment.name, experiment.id), ("digits", "7"))
        url = self.run_._place.server().url
        named = {"SWITCHYARD_URL": url, "SWITCHYARD_TOKEN": "secret"}
        with mock.patch.dict(os.environ, named):
            self.assertEqual(self.run_.experiment.workspace.resource_group, "g")

    def test_a_question_waits_until_the_server_has_what_was_logged(self):
        self.run_.get_tags()
        self.assertEqual(self.waits(), 0, "nothing was logged")
        self.run_.log("a", 1)
        self.run_.tag("b")
        _, end = self.journal.end()
        self.server.positions = [0, end - 1, end]
        self.run_.get_metrics()
        self.assertEqual(self.waits(), 3)
        self.assertEqual(self.server.asked[1][1], "attempt=2")
        self.assertIn("/metrics", self.server.asked[4][0])
        self.run_.get_details()
        list(self.run_.get_metrics())
        self.assertEqual(self.waits(), 3, "nothing was logged since")

    def test_flush_waits_as_long_as_it_is_told_and_a_position_is_waited_for_once(self):
        self.run_.log("a", 1)
        self.server.positions = [0] * 1000
        began = time.monotonic()
        self.run_.flush(timeout_seconds=0.2)
        self.assertGreater(time.monotonic() - began, 0.15)
        waits = self.waits()
        self.run_.get_tags()
        self.assertEqual(self.waits(), waits)

    def test_the_wait_never_raises(self):
        self.run_.log("a", 1)
        away = self.a_run("http://127.0.0.1:9")
        away.flush()
        self.run_.log("a", 2)
        self.assertEqual(self.run_.get_tags(), {"a": None}, "a server that does not know the question is asked all the same")

    def test_errors_carry_the_servers_words(self):
        with self.assertRaisesRegex(ServiceException, "There is no .*/files/absent"):
            self.run_.download_file("absent", os.devnull)
        with self.assertRaisesRegex(ServiceException, "Who are you"):
            self.a_run(self.run_._place.server().url, "wrong").get_status()

    def test_an_unreachable_server_is_said_so(self):
        with self.assertRaisesRegex(ServerUnreachable, "safe in its journal"):
            self.a_run("http://127.0.0.1:9").get_metrics()

    def test_every_public_method_says_how_it_travels(self):
        static = {"get", "list", "list_by_compute", "add_type_provider", "get_context", "get_submitted_run"}
        methods = [name for name in dir(client.Run) if callable(getattr(client.Run, name)) and not name.startswith("_")]
        self.assertEqual(sorted(set(methods) - static), sorted(client.WAYS))


class Offline(unittest.TestCase):
    def python(self, code):
        variables = {key: value for key, value in os.environ.items() if not key.startswith(("AZUREML_", "SWITCHYARD_"))}
        variables["PYTHONPATH"] = ROOT
        return subprocess.run(
            [sys.executable, "-c", code], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True
        )

    def test_outside_a_run_logging_prints(self):
        done = self.python(
            "from azureml.core import Run\nrun = Run.get_context()\nrun.log('accuracy', 0.9)\nrun.log_row('r', a=1)\nrun.tag('t')\n"
            "run.upload_file('x', 'y')\nwith run.child_run('c') as child: child.log('z', 1)\nrun.complete()"
        )
        self.assertEqual(done.stderr, "")
        self.assertIn("accuracy = 0.9", done.stdout)
        self.assertIn("z = 1", done.stdout)

    def test_outside_a_run_what_was_said_can_be_asked(self):
        done = self.python(
            "from azureml.core import Run\nfrom azureml.core.run import _OfflineRun\nrun = Run.get_context()\n"
            "assert isinstance(run, _OfflineRun) and run.get_metrics() == {} and run.get_tags() == {}\n"
            "run.log('a', 1)\nrun.log('b', 1)\nrun.log('b', 2)\nrun.log_row('r', x=1)\nrun.log_row('r', x=2)\nrun.log('t', 'word')\n"
            "child = run.child_run('c')\nchild.log('z', 3)\nrun.tag('k', 'v')\nrun.add_properties({'p': 1})\n"
            "assert run.get_metrics() == {'a': 1, 'b': [1, 2], 'r': {'x': [1, 2]}, 't': 'word'}, run.get_metrics()\n"
            "assert run.get_metrics('a') == {'a': 1} and run.get_metrics(recursive=True)[child.id] == {'z': 3}\n"
            "assert (run.tags, run.properties) == ({'k': 'v'}, {'p': '1'})\n"
            "assert [each.id for each in run.get_children()] == [child.id] and child.parent.id == run.id and run.parent is None\n"
            "assert (child.name, run.name, run.description, run.number) == ('c', None, None, 0)\n"
            "run.display_name = 'n'\nassert run.display_name == 'n'\n"
            "assert run.experiment.name == 'offline' and run.get_portal_url() == '' and run.get_file_names() == []\n"
            "assert run.get_environment() is None and run.get_snapshot_id() is None and run.get_status() == 'Running'\n"
            "run.cancel()\nrun.complete()\nassert run.wait_for_completion()['status'] == 'Completed'\n"
        )
        self.assertEqual(done.stderr, "")

    def test_a_submitted_run_can_be_demanded(self):
        done = self.python("from azureml.core import Run\nRun.get_submitted_run()")
        self.assertIn("RunEnvironmentException", done.stderr)
        self.assertIn("switchyard submit", done.stderr)


if __name__ == "__main__":
    unittest.main()
