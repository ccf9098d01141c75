"""Which server and which workspace a program talks to, and what is imported for it."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from azureml.core import Workspace
from azureml.exceptions import AzureMLException, ProjectSystemException, ServiceException, UserErrorException
from switchyard_client.connect import connect
from tests.fake_server import FakeServer
from tests.support import ROOT

SHOWN = {"name": "w", "workspaceId": "0123456789abcdef", "subscriptionId": "s", "resourceGroup": "g"}


class WorkspaceTest(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="switchyard-workspace-"))
        self.addCleanup(shutil.rmtree, self.folder)
        before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(("SWITCHYARD_", "AZUREML_"))}
        self.addCleanup(os.environ.update, before)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)

    def variable(self, name, value):
        os.environ[name] = value
        self.addCleanup(os.environ.pop, name)

    def serve(self):
        server = FakeServer(self, {("GET", ""): SHOWN})
        self.variable("SWITCHYARD_URL", server.url)
        self.variable("SWITCHYARD_TOKEN", "secret")
        return server

    def write(self, path, content):
        os.makedirs(os.path.dirname(os.path.join(self.folder, path)), exist_ok=True)
        with open(os.path.join(self.folder, path), "w") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))


class WhichWorkspace(WorkspaceTest):
    def test_is_found_by_its_name(self):
        self.serve()
        for workspace in (Workspace("other", "other", "w"), Workspace.get("w"), Workspace.get(name="w", subscription_id="s")):
            self.assertEqual((workspace.name, workspace.subscription_id, workspace.resource_group), ("w", "s", "g"))
        self.assertEqual("ci{}".format(workspace._workspace_id)[:10], "ci01234567")

    def test_that_is_not_there_is_said(self):
        self.serve()
        with self.assertRaisesRegex(ProjectSystemException, "nothing at .*switchyard workspace create -w none"):
            Workspace.get("none")
        for name in ("", None):
            with self.assertRaisesRegex(UserErrorException, "Which workspace"):
                Workspace.get(name)

    def test_is_found_again_where_write_config_was_told_the_folder_itself(self):
        self.serve()
        Workspace.get("w").write_config(path=".azureml")
        self.assertEqual(Workspace.from_config().name, "w")
        self.assertEqual(os.listdir(".azureml"), ["config.json"])
        Workspace.get("w").write_config("./sub/aml_config/", file_name="my.json")
        self.assertEqual(Workspace.from_config(path="sub", _file_name="my.json").name, "w")

    def test_from_a_file_here_or_above(self):
        self.serve()
        for path in (".azureml/config.json", "aml_config/config.json", "config.json"):
            self.write(path, {"subscription_id": "x", "resource_group": "y", "workspace_name": "w"})
            os.makedirs("a/b", exist_ok=True)
            for start in (None, ".", os.path.join(self.folder, path), "a/b"):
                self.assertEqual(Workspace.from_config(path=start).name, "w")
            os.remove(path)
        self.write("a/.azureml/config.json", {"workspace_name": "none"})
        self.write("a/b/config.json", {"port": 1})  # of some other program
        with self.assertRaises(ProjectSystemException):
            Workspace.from_config("a/b")

    def test_without_a_file(self):
        self.serve()
        with self.assertRaisesRegex(UserErrorException, "No config.json names a workspace in .*switchyard folder attach"):
            Workspace.from_config()
        self.write(".azureml/config.json", "{oops")
        self.write("config.json", "[]")
        with self.assertRaisesRegex(UserErrorException, "config.json cannot be read .*config.json holds no JSON object"):
            Workspace.from_config()
        self.variable("SWITCHYARD_WORKSPACE", "w")
        self.assertEqual(Workspace.from_config().name, "w")
        with self.assertRaisesRegex(UserErrorException, 'There is no file or folder ".*elsewhere"'):
            Workspace.from_config("elsewhere")

    def test_write_config_keeps_what_is_not_its_own(self):
        self.serve()
        self.write(".azureml/config.json", {"experiment_name": "mnist", "workspace_name": "older"})
        Workspace.get("w").write_config()
        with open(".azureml/config.json") as file:
            self.assertEqual(
                json.load(file), {"experiment_name": "mnist", "subscription_id": "s", "resource_group": "g", "workspace_name": "w"}
            )
        self.assertEqual(Workspace.from_config().name, "w")


class WhichServer(WorkspaceTest):
    def test_of_the_home(self):
        home = os.path.join(self.folder, "home")
        variables = {"SWITCHYARD_HOME": home}
        with self.assertRaisesRegex(ServiceException, "No server runs for .*/home. .switchyard up"):
            connect("w", variables)
        self.write("home/token", "sy_token\n")
        for damaged in ("", "{", "[]", "null", '{"pid": 1}', '{"pid": "1", "url": "u"}'):
            self.write("home/server.json", damaged)
            with self.assertRaisesRegex(ServiceException, "No server runs"):
                connect("w", variables)
        self.write("home/server.json", {"pid": os.getpid(), "url": "http://127.0.0.1:1/"})
        self.assertEqual(connect("w", variables).url, "http://127.0.0.1:1")
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        self.write("home/server.json", {"pid": dead.pid, "url": "http://127.0.0.1:1"})
        with self.assertRaisesRegex(ServiceException, "No server runs"):
            connect("w", variables)

    def test_that_the_environment_names(self):
        with self.assertRaisesRegex(UserErrorException, "SWITCHYARD_TOKEN is not set"):
            connect("w", {"SWITCHYARD_URL": "http://x"})
        with self.assertRaisesRegex(UserErrorException, "has to begin with http:// or https://; it is 'localhost:1'"):
            connect("w", {"SWITCHYARD_URL": "localhost:1", "SWITCHYARD_TOKEN": "t"})
        found = connect("w", {"SWITCHYARD_URL": "http://x", "SWITCHYARD_TOKEN": " t\n"})
        self.assertEqual((found.url, found.token), ("http://x", "t"))

    def test_of_the_run_around_us(self):
        of_run = {"AZUREML_SERVICE_ENDPOINT": "http://r", "AZUREML_RUN_TOKEN": "t", "AZUREML_ARM_WORKSPACE_NAME": "v"}
        self.assertEqual((connect("w", of_run).url, connect("w", of_run).workspace), ("http://r", "w"))

    def test_that_is_away_is_said_in_words_for_a_person(self):
        self.variable("SWITCHYARD_URL", "http://127.0.0.1:9")
        self.variable("SWITCHYARD_TOKEN", "t")
        with self.assertRaisesRegex(AzureMLException, "127.0.0.1:9 does not answer .*switchyard up"):
            Workspace.get("w")

    def test_that_is_no_server_of_ours(self):
        server = self.serve()
        server.answers[("GET", "")] = ["<html>"]
        server.encode = lambda answer: answer.encode()
        with self.assertRaisesRegex(ServiceException, "is no Switchyard server"):
            Workspace.get("w")


class WhatIsImported(unittest.TestCase):
    def python(self, code, *options):
        done = subprocess.run(
            [sys.executable] + list(options) + ["-c", code], env=dict(os.environ, PYTHONPATH=ROOT), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True,
        )
        self.assertEqual(done.stderr, "")
        return done.stdout

    def test_a_training_script_imports_no_compute_targets(self):
        code = "import sys; from azureml.core import Run; print(sorted(m for m in sys.modules if m.startswith('azureml.')))"
        self.assertEqual(self.python(code).strip(), "['azureml.core', 'azureml.core.run']")

    def test_a_training_script_that_only_logs_imports_no_http(self):
        code = "import sys; from azureml.core import Run; Run.get_context(); print('http.client' in sys.modules)"
        self.assertEqual(self.python(code, "-S").strip(), "False")

    def test_names_come_when_they_are_asked_for(self):
        self.python(
            "import azureml.core\n"
            "azureml.core.Workspace, azureml.core.compute.AmlCompute, azureml.core.compute_target.ComputeTargetException\n"
            "assert 'Workspace' in dir(azureml.core)\n"
            "from azureml.core import *\n"
            "from azureml.core.compute import *\n"
            "assert ComputeTarget is azureml.core.ComputeTarget\n"
            "try: azureml.core.Nothing\n"
            "except AttributeError as error: assert 'Nothing' in str(error), error\n"
            "else: raise AssertionError('there is no such name')\n"
        )


if __name__ == "__main__":
    unittest.main()
