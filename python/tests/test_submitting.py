"""Submitting a folder, and telling the server of runs that are not ours: retries, refusals, bad input."""
import contextlib
import io
import json
import os
import shutil
import tempfile
import unittest

from azureml.core import Experiment, Run
from azureml.exceptions import AuthenticationException, ServiceException, SnapshotException, UserErrorException
from switchyard_client.errors import not_built
from switchyard_client.http import Server
from switchyard_client.snapshots.scanning import scan_folder
from switchyard_client.submitting import submit_script
from tests.raw_server import RawServer, problem


class Submitting(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="switchyard-submit-"))
        self.addCleanup(shutil.rmtree, self.folder)
        os.environ["SWITCHYARD_HOME"] = os.path.join(self.folder, "home")
        self.addCleanup(os.environ.pop, "SWITCHYARD_HOME")
        self.code = os.path.join(self.folder, "code")
        self.write("train.py", "print(1)")
        self.fail_once = set()
        self.stored = set()
        self.during_send = lambda: None
        self.server = RawServer(self, self.answer)
        workspace = type("W", (), {"_server": Server(self.server.url, "secret", "w"), "name": "w"})()
        self.experiment = Experiment(workspace, "tests")

    def write(self, name, content):
        path = os.path.join(self.code, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(content)

    def answer(self, method, path, query, body):
        key = (method, path.split("/blobs/")[0])
        if key in self.fail_once:
            self.fail_once.discard(key)
            return problem(503, "unavailable")
        if path == "/api/v1/blobs/missing":
            return 200, {"missing": [each for each in json.loads(body.decode())["sha256"] if each not in self.stored]}
        if path == "/api/v1/blobs" or path.startswith("/api/v1/blobs/"):
            self.during_send()
            return 200, {"stored": 1}
        if path.endswith("/snapshots"):
            return 200, {"snapshotId": "s1"}
        if path.endswith("/runs"):
            return 200, dict(json.loads(body.decode()), warnings=["mind this"], status="Starting", runType="azureml.scriptrun")
        return problem(404, "not_found", "There is nothing at %s." % path)

    def submit(self, wire=None, **kwargs):
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            run = submit_script(self.experiment, self.code, wire or {"script": "train.py"}, **kwargs)
        self.said = said.getvalue()
        return run

    def test_every_request_is_repeated_while_the_server_is_away(self):
        self.write("big.bin", "x" * 1500000)
        self.fail_once = {("POST", "/api/v1/blobs"), ("PUT", "/api/v1"), ("POST", "/api/v1/workspaces/w/runs")}
        run = self.submit(tags={"a": 1, "b": None}, display_name="n", properties={"p": 2})
        self.assertFalse(self.fail_once)
        bodies = [json.loads(body.decode()) for body in self.server.of("POST", "/runs")]
        self.assertEqual(len(bodies), 2)
        self.assertEqual(bodies[0], bodies[1], "a repeat is the same request")
        self.assertEqual((bodies[0]["tags"], bodies[0]["displayName"]), ({"a": "1", "b": None}, "n"))
        self.assertEqual((bodies[0]["properties"]["p"], bodies[0]["snapshotId"]), ("2", "s1"))
        self.assertEqual((run.id, type(run).__name__), (bodies[0]["runId"], "ScriptRun"))
        self.assertEqual(repr(run), "Run(Experiment: tests,\nId: %s,\nType: azureml.scriptrun,\nStatus: Starting)" % run.id)
        self.assertIn("Warning: mind this", self.said)
        self.assertEqual(self.server.of("PUT", "")[-1], b"x" * 1500000)

    def test_what_the_server_had_is_not_asked_for_again(self):
        self.submit()
        asked = len(self.server.asked)
        self.submit()
        self.assertEqual([path for _, path, _, _ in self.server.asked[asked:]], ["/api/v1/workspaces/w/snapshots", "/api/v1/workspaces/w/runs"])

    def test_a_folder_that_changes_while_it_travels_is_looked_at_again(self):
        changes = iter(range(100))
        self.during_send = lambda: self.write("train.py", "print(%d)  # changed" % next(changes))
        with self.assertRaisesRegex(SnapshotException, r"train.py in .* keeps changing"):
            self.submit()
        changes = iter([1])
        self.during_send = lambda: [self.write("train.py", "print(2)  # once more") for _ in changes]
        self.submit()

    def test_what_cannot_travel_is_named(self):
        os.symlink("/etc/passwd", os.path.join(self.code, "away"))
        os.mkfifo(os.path.join(self.code, "pipe"))
        with self.assertRaisesRegex(SnapshotException, "(?s)away is a link to /etc/passwd, an absolute path.*pipe is a named pipe.*list them in .amlignore"):
            self.submit()

    def test_a_script_that_is_not_there_or_stays_at_home(self):
        with self.assertRaisesRegex(UserErrorException, 'There is no script "absent.py" in '):
            self.submit({"script": "absent.py"})
        with self.assertRaisesRegex(UserErrorException, "Which script"):
            self.submit({"target": "local"})
        self.write(".amlignore", "*.py")
        with self.assertRaisesRegex(UserErrorException, 'The script "train.py" would not travel: .amlignore'):
            self.submit()
        self.assertEqual(self.server.asked, [])

    def test_a_folder_that_is_none(self):
        for folder, words in (("/nowhere", "does not exist"), (os.path.join(self.code, "train.py"), "is not a folder"), ("", "Which folder")):
            with self.assertRaisesRegex(UserErrorException, words):
                scan_folder(folder, None)

    def test_arguments_that_nobody_knows(self):
        with self.assertRaisesRegex(UserErrorException, "does not know the argument colour"):
            self.submit(colour="red")
        with self.assertRaisesRegex(UserErrorException, "takes a configuration such as ScriptRunConfig"):
            self.experiment.submit("train.py")
        with self.assertRaises(TypeError):
            Experiment(None, "a", name="b")
        for name in ("", None, "-a", "a b", "a" * 257):
            with self.assertRaisesRegex(UserErrorException, "cannot be the name of an experiment"):
                Experiment(None, name)

    def test_a_run_needs_an_id(self):
        for run_id in ("", None):
            with self.assertRaisesRegex(UserErrorException, "Which run"):
                Run(self.experiment, run_id)
        with self.assertRaisesRegex(ServiceException, "There is nothing at"):
            Run(self.experiment, "r")

    def test_a_token_that_is_not_good_is_said(self):
        self.answer = None
        self.server._answer = lambda *_: problem(401, "unauthenticated", "The token is unknown, expired or revoked.")
        with self.assertRaisesRegex(AuthenticationException, "expired or revoked. Server: http://127.0.0.1:"):
            Run(self.experiment, "r")

    def test_what_is_not_built_names_itself(self):
        error = not_built("Run.fly()", "data")
        self.assertIsInstance(error, NotImplementedError)
        self.assertIn("Run.fly() is not built yet", str(error))
        with self.assertRaisesRegex(NotImplementedError, "datastore"):
            Run._shown(self.experiment, {"runId": "r"}).upload_file("a", "b", datastore_name="elsewhere")


class OtherWords(unittest.TestCase):
    def test_names_of_v1_are_there(self):
        import azureml.core
        import azureml.core.authentication as ways
        import azureml.core.run as runs

        for name in ("Experiment", "Workspace", "Run", "ScriptRun", "get_run", "VERSION"):
            self.assertTrue(hasattr(azureml.core, name), name)
        self.assertTrue(runs.ScriptRun and runs.OfflineRun and runs._OfflineRun and runs.get_run)
        for name in ways.__all__:
            self.assertTrue(isinstance(getattr(ways, name), type))

    def test_a_header_needs_no_browser(self):
        from azureml.core.authentication import InteractiveLoginAuthentication, TokenAuthentication

        before = {name: os.environ.get(name) for name in ("SWITCHYARD_URL", "SWITCHYARD_TOKEN")}
        os.environ.update(SWITCHYARD_URL="http://127.0.0.1:9", SWITCHYARD_TOKEN="t")
        try:
            self.assertEqual(InteractiveLoginAuthentication(force=True).get_authentication_header(), {"Authorization": "Bearer t"})
            given = TokenAuthentication(get_token_for_audience=lambda audience: "sy_own")
            self.assertEqual(given.get_authentication_header(), {"Authorization": "Bearer sy_own"})
            of_azure = TokenAuthentication(lambda audience: "eyJ0")
            self.assertEqual(of_azure.get_authentication_header(), {"Authorization": "Bearer t"})
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value


if __name__ == "__main__":
    unittest.main()
