"""What is said of a web service before a server is asked, and how its client reads the server's answers."""
import json
import os
import shutil
import tempfile
import unittest

from azureml.core import Environment, Model
from azureml.core.image import ContainerImage
from azureml.core.model import InferenceConfig
from azureml.core.webservice import AciWebservice, LocalWebservice, Webservice
from azureml.exceptions import UserErrorException, WebserviceException
from tests.fake_server import FakeServer, Problem


def shown(**more):
    """A service as the server shows it."""
    service = {
        "id": "service-digits-1", "name": "digits", "computeType": "aci", "state": "Healthy", "error": None,
        "scoringUri": "http://h/api/v1/service/digits/score", "swaggerUri": "http://h/api/v1/service/digits/swagger.json",
        "proxyUri": "http://h/api/v1/service/digits", "authEnabled": False, "port": None, "description": None, "tags": {"a": "1"},
        "properties": {}, "models": [{"id": "m:1", "name": "m", "version": 1}], "entryScript": "score.py", "snapshotId": "s",
        "environment": {"name": "e", "version": "1"}, "deployment": {"cpuCores": 1, "memoryGB": 2, "location": None, "appInsightsEnabled": False},
        "starts": 1, "createdBy": "ada", "createdUtc": "2026-11-27T10:00:00.000Z", "modifiedUtc": "2026-11-27T10:00:00.000Z",
    }  # fmt: skip
    service.update(more)
    return service


class WebservicesTest(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="switchyard-services-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        for path in ("score.py", "source/inner/score.py"):
            os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
            open(path, "w").close()

    # --- what runs

    def test_the_older_form_becomes_an_environment(self):
        with open("env.yml", "w") as file:
            file.write("name: x\ndependencies:\n- python=3.8\n- pip:\n  - azureml-defaults\n")
        with open("steps", "w") as file:
            file.write("RUN true\n")
        plain = InferenceConfig("score.py", "python", "env.yml")
        wire = plain._environment([self.folder])._to_wire()
        self.assertEqual(wire["python"]["condaDependencies"]["dependencies"][0], "python=3.8")
        self.assertFalse(wire["docker"]["enabled"])
        upon = InferenceConfig("score.py", runtime="python", base_image="mine:1", conda_file="env.yml")._environment([self.folder])._to_wire()
        self.assertEqual((upon["docker"]["enabled"], upon["docker"]["baseImage"]), (True, "mine:1"))
        stepped = InferenceConfig("score.py", runtime="python", extra_docker_file_steps="steps", enable_gpu=True)
        docker = stepped._environment([self.folder])._to_wire()["docker"]
        self.assertRegex(docker["baseDockerfile"], "^FROM .*gpu.*\nRUN true\n$")
        with self.assertRaisesRegex(UserErrorException, 'no conda file "none.yml"'):
            InferenceConfig("score.py", runtime="python", conda_file="none.yml")._environment([self.folder])

    def test_the_configuration_of_an_image_names_what_is_missing(self):
        for wrong, words in (
            (dict(execution_script="none.py"), "no entry script"),
            (dict(execution_script="../score.py"), "not below the working directory"),
            (dict(execution_script="score.py", dependencies=["none"]), 'no file or folder ".*none"'),
            (dict(execution_script="score.py", schema_file="none.json"), 'no file or folder ".*none.json"'),
        ):
            with self.assertRaisesRegex((UserErrorException, WebserviceException), words):
                ContainerImage.image_configuration(runtime="python", **wrong)

    def test_the_script_alone_travels_or_its_folder(self):
        environment = Environment("e")
        self.assertEqual(InferenceConfig("source/inner/score.py", environment=environment)._folder_and_script(), (None, "score.py"))
        whole = InferenceConfig("./inner/score.py", source_directory="source", environment=environment)
        self.assertEqual(whole._folder_and_script(), ("source", "inner/score.py"))
        for wrong, words in (
            (dict(entry_script=""), "Which entry script"),
            (dict(entry_script="none.py", environment=environment), "no entry script"),
            (dict(entry_script="score.py", source_directory="none", environment=environment), "is no folder"),
            (dict(entry_script="score.py", environment="e"), "azureml.core.Environment"),
            (dict(entry_script="score.py", runtime="ruby"), "python-slim"),
        ):
            with self.assertRaisesRegex(WebserviceException, words):
                InferenceConfig(**wrong)

    # --- how

    def test_configurations_become_what_the_server_reads(self):
        configuration = AciWebservice.deploy_configuration(1, 2, tags={"a": 1}, description="d", auth_enabled=True, primary_key="k" * 8)
        self.assertEqual((configuration._to_wire()["cpuCores"], configuration._to_wire()["authEnabled"]), (1, True))
        self.assertEqual(configuration._facts(), {"description": "d", "tags": {"a": "1"}})
        self.assertEqual(configuration._keys(), {"Primary": "k" * 8})
        self.assertEqual(LocalWebservice.deploy_configuration(port=8890)._to_wire(), {"computeType": "local", "port": 8890})
        for wrong in (dict(cpu_cores="1"), dict(memory_gb=-1), dict(primary_key="k")):
            with self.assertRaises(WebserviceException):
                AciWebservice.deploy_configuration(**wrong)
        for wrong in (0, "80", True):
            with self.assertRaises(WebserviceException):
                LocalWebservice.deploy_configuration(port=wrong)
        with self.assertRaises(UserErrorException):
            Model.deploy(None, "s", [], InferenceConfig("score.py", environment=Environment("e")), {"computeType": "aci"})

    # --- the service

    def test_a_service_is_an_object_of_its_class(self):
        server = FakeServer(self, {
            ("GET", "/services/digits"): shown(),
            ("GET", "/services/none"): Problem(404, "not_found", "There is no web service"),
            ("GET", "/services"): [shown(), shown(name="here", computeType="local", port=5, scoringUri="http://localhost:5/score")],
        })  # fmt: skip
        service = Webservice(server.workspace, "digits")
        self.assertEqual((type(service), service.compute_type, service.cpu_cores, service.state), (AciWebservice, "ACI", 1, "Healthy"))
        self.assertEqual(type(AciWebservice(workspace=server.workspace, name="digits")), AciWebservice)
        with self.assertRaisesRegex(UserErrorException, "no LocalWebservice"):
            LocalWebservice(server.workspace, "digits")
        with self.assertRaisesRegex(WebserviceException, "WebserviceNotFound"):
            Webservice(server.workspace, "none")
        self.assertEqual([type(each) for each in Webservice.list(server.workspace)], [AciWebservice, LocalWebservice])
        self.assertEqual(server.workspace.webservices["here"].port, 5)
        self.assertIn("compute_type=ACI, state=Healthy", repr(service))
        self.assertEqual(json.loads(json.dumps(service.serialize()))["computeType"], "ACI")
        with self.assertRaises(UserErrorException):
            service.run({"data": [1]})
        with self.assertRaises(UserErrorException):
            service.regen_key("third")
        with self.assertRaises(NotImplementedError):
            service.get_token()

    def test_waiting_ends_with_the_reason(self):
        error = {"code": "InitFailed", "message": "RuntimeError: no weights"}
        server = FakeServer(self, {
            ("GET", "/services/digits"): shown(state="Failed", error=error),
            ("GET", "/services/digits/logs"): {"text": "line of the log\n"},
        })  # fmt: skip
        with self.assertRaisesRegex(WebserviceException, "(?s)state: Failed.*no weights.*line of the log"):
            Webservice(server.workspace, "digits").wait_for_deployment(show_output=True)


if __name__ == "__main__":
    unittest.main()
