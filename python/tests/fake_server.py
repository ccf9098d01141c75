"""A server that says what a test wants to hear, for what a real one does not do on demand: to hang, to fail, to be away."""
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import unquote, urlsplit

from azureml.core.workspace import Workspace
from switchyard_client.http import Server

KINDS = {"amlcompute": (True, False), "batchai": (True, False), "computeinstance": (True, False), "remote": (False, True), "hdinsight": (False, True)}


def target(name="c", kind="amlcompute", word="AmlCompute", state="Succeeded", status=None, **more):
    """A compute target as the server shows it."""
    shown = {
        "name": name, "id": "id-of-" + name, "type": kind, "computeType": word, "attached": False, "driver": kind + ":1",
        "location": None, "description": None, "tags": {}, "createdUtc": "2020-01-02T03:04:05.678Z",
        "modifiedUtc": "2020-01-02T03:04:05.678Z", "createdBy": "me", "provisioningState": state, "provisioningErrors": [],
        "clusterResourceId": "/subscriptions/s/computes/" + name, "settings": {"minNodes": 0, "maxNodes": 4}, "status": status,
        "healthy": None, "reason": None, "capabilities": {},
    }  # fmt: skip
    shown.update(more)
    return shown


def cluster_status(idle=0, running=0, allocation="Steady", errors=None):
    """The status of a cluster, as spec 09 has it."""
    counts = {name + "NodeCount": 0 for name in ("preparing", "unusable", "leaving", "preempted")}
    counts.update(idleNodeCount=idle, runningNodeCount=running)
    return {
        "currentNodeCount": idle + running, "targetNodeCount": idle + running, "nodeStateCounts": counts,
        "allocationState": allocation, "allocationStateTransitionTime": "2020-01-02T03:04:05.678Z", "errors": errors,
        "creationTime": "2020-01-02T03:04:05.678Z", "modifiedTime": "2020-01-02T03:04:05.678Z", "provisioningState": "Succeeded",
        "provisioningStateTransitionTime": None, "vmPriority": "Dedicated", "vmSize": "STANDARD_D2_V2",
        "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"},
    }  # fmt: skip


class FakeServer:
    """``answers``: (method, path below the workspace) -> one answer, or a list of them of which the last stays.

    An answer is JSON, a Problem, or None: the connection is cut.
    """

    def __init__(self, test, answers):
        self.answers = {key: list(value) if isinstance(value, Answers) else [value] for key, value in answers.items()}
        self.asked = []
        self._http = HTTPServer(("127.0.0.1", 0), self._handler())
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        for clean_up in (thread.join, self._http.server_close, self._http.shutdown):
            test.addCleanup(clean_up)
        self.url = "http://127.0.0.1:%d" % self._http.server_port
        self.workspace = Workspace.__new__(Workspace)
        self.workspace._server = Server(self.url, "secret", "w")
        self.workspace._shown = {"name": "w", "workspaceId": "1", "subscriptionId": "s", "resourceGroup": "g"}

    encode = staticmethod(lambda answer: json.dumps(answer).encode())

    def bodies(self, method):
        """What was sent with requests of a method."""
        return [body for asked, _, body in self.asked if asked == method]

    def _answer(self, method, path):
        if path == "/compute-kinds":
            return [
                {"type": kind, "available": True, "creatable": creatable, "attachable": attachable}
                for kind, (creatable, attachable) in KINDS.items()
            ] + [{"type": "databricks", "available": False, "creatable": False, "attachable": True}]
        known = self.answers.get((method, path))
        if known is None:
            return Problem(404, "not_found", "There is nothing at %s." % path)
        return known.pop(0) if len(known) > 1 else known[0]

    def _handler(fake):
        class Handler(BaseHTTPRequestHandler):
            def handle_one(self):
                path = unquote(urlsplit(self.path).path).replace("/api/v1", "", 1).replace("/workspaces/w", "", 1)
                length = int(self.headers["Content-Length"] or 0)
                body = json.loads(self.rfile.read(length).decode()) if length else None
                fake.asked.append((self.command, path, body))
                answer = fake._answer(self.command, path)
                if answer is None:
                    self.close_connection = True
                    return
                is_problem = isinstance(answer, Problem)
                data = fake.encode(answer.body if is_problem else answer)
                self.send_response(answer.status if is_problem else 200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_one

            def log_message(self, *_):
                """Quiet."""

        return Handler


class Answers(list):
    """Several answers, one after the other."""


class Problem:
    """An answer that is a refusal."""

    def __init__(self, status, code, detail):
        self.status = status
        self.body = {"code": code, "detail": detail}
