"""Questions over HTTP, against a small server; and a script outside any run."""
import json
import os
import subprocess
import sys
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer

from switchyard_client import run as client
from switchyard_client.errors import ServerUnreachable, ServiceException
from switchyard_client.place import Place
from tests.support import ROOT

ANSWERS = {
    "/api/v1/workspaces/w/runs/r": {"runId": "r", "status": "Completed", "number": 3, "tags": {"a": None}, "properties": {}, "parentRunId": "p"},
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
        path = self.path.split("?")[0]
        if self.headers["Authorization"] != "Bearer secret":
            return self.reply(401, {"code": "unauthenticated", "detail": "Who are you?"})
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
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.run_ = self.a_run("http://127.0.0.1:%d" % self.server.server_port)

    def a_run(self, url, token="secret"):
        variables = {"AZUREML_SERVICE_ENDPOINT": url, "AZUREML_RUN_TOKEN": token, "AZUREML_ARM_WORKSPACE_NAME": "w", "AZUREML_RUN_ID": "r"}
        return client.Run("r", Place(variables), None, None)

    def test_metrics_come_in_the_promised_shapes(self):
        self.assertEqual(
            self.run_.get_metrics(), {"once": float("inf"), "more/deep": [1, 2.5], "rows": {"x": [1, 3], "y": [2, 4]}}
        )
        self.assertEqual(self.run_.get_metrics("once"), {"once": float("inf")})

    def test_details(self):
        self.assertEqual(self.run_.get_status(), "Completed")
        self.assertEqual(self.run_.number, 3)
        self.assertEqual(self.run_.get_file_names(), ["outputs/a", "logs/b"])

    def test_errors_carry_the_servers_words(self):
        with self.assertRaisesRegex(ServiceException, "There is no .*/files/absent"):
            self.run_.download_file("absent", os.devnull)
        with self.assertRaisesRegex(ServiceException, "Who are you"):
            self.a_run(self.run_._place.server().url, "wrong").get_status()

    def test_an_unreachable_server_is_said_so(self):
        with self.assertRaisesRegex(ServerUnreachable, "safe in its journal"):
            self.a_run("http://127.0.0.1:9").get_metrics()

    def test_every_public_method_says_how_it_travels(self):
        methods = [name for name, value in vars(client.Run).items() if callable(value) and not name.startswith("_")]
        self.assertEqual(sorted(methods), sorted(client.WAYS))


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

    def test_a_submitted_run_can_be_demanded(self):
        done = self.python("from azureml.core import Run\nRun.get_submitted_run()")
        self.assertIn("RunEnvironmentException", done.stderr)
        self.assertIn("switchyard submit", done.stderr)


if __name__ == "__main__":
    unittest.main()
