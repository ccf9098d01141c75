"""Where models are found on this machine, what is asked of the server for them, and what is refused before it is asked."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from azureml.core import Keyvault, Model
from azureml.core.image import ContainerImage
from azureml.core.resource_configuration import ResourceConfiguration
from azureml.core.webservice import AciWebservice, AksWebservice, Webservice
from azureml.exceptions import ModelNotFoundException, UserErrorException, WebserviceException
from switchyard_client.models.sending import files_of_model
from tests.fake_server import Answers, FakeServer, Problem
from tests.support import ROOT


def shown(name="digits", version=1, **more):
    """A model as the server shows it."""
    model = {
        "id": "%s:%d" % (name, version), "name": name, "version": version, "description": None, "tags": {}, "properties": {},
        "framework": None, "frameworkVersion": None, "resourceConfiguration": None, "datasets": [], "sampleInputDatasetId": None,
        "sampleOutputDatasetId": None, "runId": None, "experimentName": None, "runPath": None, "source": None, "stage": "None",
        "aliases": [], "path": "model.pkl", "files": 1, "bytes": 3, "createdBy": "ada", "createdUtc": "2026-11-27T10:00:00.000Z",
        "modifiedUtc": "2026-11-27T10:00:00.000Z",
    }  # fmt: skip
    model.update(more)
    return model


class ModelTest(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="switchyard-models-"))
        self.addCleanup(shutil.rmtree, self.folder)
        before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(("SWITCHYARD_", "AZUREML_"))}
        self.addCleanup(os.environ.update, before)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)

    def write(self, path, content="x"):
        os.makedirs(os.path.dirname(os.path.join(self.folder, path)), exist_ok=True)
        with open(os.path.join(self.folder, path), "w") as file:
            file.write(content)

    def read(self, path):
        with open(os.path.join(self.folder, path)) as file:
            return file.read()

    def given(self, folder):
        os.environ["AZUREML_MODEL_DIR"] = os.path.join(self.folder, folder)
        self.addCleanup(os.environ.pop, "AZUREML_MODEL_DIR")

    # --- where a model is

    def test_one_model_that_was_given_is_the_file_or_folder_that_is_there(self):
        self.write("given/model.pkl")
        self.given("given")
        for name in ("digits", "model.pkl"):
            self.assertEqual(Model.get_model_path(name), os.path.join(self.folder, "given", "model.pkl"))
        self.write("given/second.pkl")
        self.assertEqual(Model.get_model_path("digits"), os.path.join(self.folder, "given"))

    def test_of_several_models_that_were_given_the_name_and_version_decide(self):
        for path in ("a/1/model.pkl", "a/2/model.pkl", "a/10/model.pkl", "b/1/net/w", "b/1/net/v"):
            self.write("given/" + path)
        self.given("given")
        inside = os.path.join(self.folder, "given")
        self.assertEqual(Model.get_model_path("a"), os.path.join(inside, "a", "10", "model.pkl"))
        self.assertEqual(Model.get_model_path("a", version=2), os.path.join(inside, "a", "2", "model.pkl"))
        self.assertEqual(Model.get_model_path("b", 1), os.path.join(inside, "b", "1", "net"))
        for name, version in (("a", 3), ("c", None)):
            with self.assertRaisesRegex(ModelNotFoundException, "is not here"):
                Model.get_model_path(name, version)

    def test_a_model_that_was_given_is_not_taken_for_another(self):
        self.write("azureml-models/a/1/model.pkl")
        self.given("azureml-models/a/1")
        self.assertEqual(Model.get_model_path("a"), os.path.join(self.folder, "azureml-models", "a", "1", "model.pkl"))
        with self.assertRaises(ModelNotFoundException):
            Model.get_model_path("b")

    def test_offline_what_was_fetched_before_is_found(self):
        self.write("azureml-models/a/9/m")
        self.write("azureml-models/a/11/m")
        self.assertEqual(Model.get_model_path("a"), os.path.join("azureml-models", "a", "11", "m"))
        self.assertEqual(Model.get_model_path("a", 9), os.path.join("azureml-models", "a", "9", "m"))
        with self.assertRaisesRegex(WebserviceException, "_workspace"):
            Model.get_model_path("a", 10)

    def test_with_a_workspace_it_is_fetched_whole_and_once(self):
        files = [{"path": "net/a", "size": 1, "sha256": "x"}, {"path": "net/b", "size": 1, "sha256": "x"}]
        server = FakeServer(self, {
            ("GET", "/models/digits"): shown(version=3),
            ("GET", "/models/digits/versions/3/files"): files,
            ("GET", "/models/digits/versions/3/files/net/a"): "A",
            ("GET", "/models/digits/versions/3/files/net/b"): Answers([Problem(500, "internal", "lost"), "B"]),
        })  # fmt: skip
        with self.assertRaisesRegex(WebserviceException, "lost"):
            Model.get_model_path("digits", _workspace=server.workspace)
        self.assertEqual(os.listdir("azureml-models/digits"), [])
        for _ in range(2):
            path = Model.get_model_path("digits", _workspace=server.workspace)
            self.assertEqual((path, sorted(os.listdir(path))), (os.path.join("azureml-models", "digits", "3", "net"), ["a", "b"]))
        self.assertEqual(sum(path.endswith("/net/a") for _, path, _ in server.asked), 2)

    def test_a_server_cannot_write_outside_of_the_folder(self):
        for path in ("../evil", "/etc/evil", "a/../../evil", ""):
            answers = {("GET", "/models/digits/versions/1"): shown(), ("GET", "/models/digits/versions/1/files"): [{"path": path}]}
            model = Model(FakeServer(self, answers).workspace, id="digits:1")
            with self.assertRaisesRegex(WebserviceException, "leads out of"):
                model.download("target")
        self.assertEqual(os.listdir(self.folder), [])

    def test_download_replaces_nothing_unless_told_to(self):
        self.write("target/model.pkl", "mine")
        server = FakeServer(self, {
            ("GET", "/models/digits/versions/1"): shown(),
            ("GET", "/models/digits/versions/1/files"): [{"path": "model.pkl"}],
            ("GET", "/models/digits/versions/1/files/model.pkl"): "theirs",
        })  # fmt: skip
        model = Model(server.workspace, "digits", version=1)
        with self.assertRaisesRegex(WebserviceException, "exists already"):
            model.download("target")
        self.assertEqual(self.read("target/model.pkl"), "mine")
        self.assertEqual(model.download(target_dir="target", exist_ok=True), os.path.join("target", "model.pkl"))
        self.assertIn("theirs", self.read("target/model.pkl"))
        self.assertEqual(model.download("target", exists_ok=True), os.path.join("target", "model.pkl"))

    # --- what is asked

    def test_the_newest_that_fits_is_found(self):
        page = {"items": [shown(version=5), shown(version=4)], "next": None}
        server = FakeServer(self, {("GET", "/models"): page, ("GET", "/models/digits"): shown(version=7)})
        self.assertEqual(Model(server.workspace, "digits").version, 7)
        self.assertEqual(Model(server.workspace, "digits", tags=["a", ["b", "1"]]).id, "digits:5")
        self.assertEqual(Model(server.workspace, "digits", properties={"p": "1"}, version=4).version, 4)
        with self.assertRaisesRegex(WebserviceException, "ModelNotFound"):
            Model(server.workspace, "digits", run_id="r", version=3)
        with self.assertRaisesRegex(ModelNotFoundException, "ModelNotFound"):
            Model(server.workspace, "nobody")

    def test_all_pages_of_a_list_are_asked_for(self):
        pages = Answers([{"items": [shown(version=2)], "next": "more"}, {"items": [shown(version=1, datasets=[{"purpose": "t", "datasetId": "d"}])], "next": None}])
        server = FakeServer(self, {("GET", "/models"): pages})
        models = Model.list(server.workspace, "digits", latest=False)
        self.assertEqual([model.id for model in models], ["digits:2", "digits:1"])
        pages = FakeServer(self, {("GET", "/models"): {"items": [shown(datasets=[{"purpose": "t", "datasetId": "d"}]), shown("b")], "next": None}})
        self.assertEqual([model.name for model in Model.list(pages.workspace, dataset_id="d")], ["digits"])

    def test_update_takes_the_place_of_all_tags(self):
        server = FakeServer(self, {
            ("GET", "/models/digits/versions/1"): shown(tags={"a": "1", "b": "2"}),
            ("PATCH", "/models/digits/versions/1"): shown(tags={"b": "3"}),
        })  # fmt: skip
        model = Model(server.workspace, id="digits:1")
        model.update(tags={"b": 3}, description="new", resource_configuration=ResourceConfiguration(1, 0.5))
        model.add_tags({"x": None})
        model.remove_tags(["b"])
        model.add_properties({"p": 1})
        self.assertEqual(server.bodies("PATCH"), [
            {"tags": {"b": "3"}, "removeTags": ["a"], "description": "new",
             "resourceConfiguration": {"cpu": 1, "memoryInGB": 0.5, "gpu": None}},
            {"tags": {"x": ""}}, {"removeTags": ["b"]}, {"properties": {"p": "1"}},
        ])  # fmt: skip
        self.assertEqual(model.tags, {"b": "3"})

    def test_what_the_server_refuses_is_a_webservice_exception(self):
        server = FakeServer(self, {
            ("GET", "/models/digits/versions/1"): shown(),
            ("PATCH", "/models/digits/versions/1"): Problem(409, "conflict", "stays"),
            ("DELETE", "/models/digits/versions/1"): Problem(403, "forbidden", "may not"),
        })  # fmt: skip
        model = Model(server.workspace, id="digits:1")
        with self.assertRaisesRegex(WebserviceException, "stays"):
            model.add_properties({"p": "2"})
        with self.assertRaisesRegex(WebserviceException, "may not"):
            model.delete()

    # --- what it is

    def test_it_says_all_it_is(self):
        facts = shown(
            version=2, tags={"a": "1"}, framework="ScikitLearn", resourceConfiguration={"cpu": 1, "memoryInGB": None, "gpu": 0},
            runId="r", experimentName="e", datasets=[{"purpose": "training", "datasetId": "d"}],
        )  # fmt: skip
        answers = {("GET", "/models/digits/versions/2"): facts, ("GET", "/runs/r"): {"runId": "r", "status": "Completed"}}
        model = Model(FakeServer(self, answers).workspace, id="digits:2")
        said = model.serialize()
        self.assertEqual(said["id"], "digits:2")
        self.assertEqual(said["createdTime"], "2026-11-27T10:00:00+00:00")
        self.assertEqual(said["resourceConfiguration"], {"cpu": 1, "memoryInGB": None, "gpu": 0})
        self.assertEqual((model.name, model.version, model.run_id, model.experiment_name), ("digits", 2, "r", "e"))
        self.assertEqual((model.model_framework, Model.Framework.SCIKITLEARN), ("ScikitLearn", "ScikitLearn"))
        self.assertIn("id=digits:2, version=2, tags={'a': '1'}, properties={}", repr(model))
        self.assertEqual(model.run.id, "r")

    # --- bad input

    def test_wrong_names_and_ids_are_refused_before_anything_is_asked(self):
        server = FakeServer(self, {})
        self.write("model.pkl")
        for name in ("", "..", "a/b", "a:b", " a", "a\nb", None, 7):
            with self.assertRaises(UserErrorException):
                Model.register(server.workspace, "model.pkl", name)
            with self.assertRaises(UserErrorException):
                Model.get_model_path(name)
        for wrong in ({"id": "digits"}, {"id": "digits:x"}, {"name": "digits", "version": "x"}, {}):
            with self.assertRaises(UserErrorException):
                Model(server.workspace, **wrong)
        for wrong in ({"tags": ["a"]}, {"datasets": ["d"]}, {"datasets": [("training", object())]}, {"model_path": "none"}):
            with self.assertRaises(UserErrorException):
                Model.register(**dict({"workspace": server.workspace, "model_path": "model.pkl", "model_name": "m"}, **wrong))
        self.assertEqual(server.asked, [])

    def test_files_of_a_folder_follow_links_but_not_in_a_circle(self):
        self.write("net/sub/b")
        self.write("net/a")
        self.write("elsewhere/c")
        os.symlink(os.path.join(self.folder, "elsewhere"), "net/linked")
        self.assertEqual([path for path, _ in files_of_model("net")[1]], ["net/a", "net/linked/c", "net/sub/b"])
        self.assertEqual([path for path, _ in files_of_model("net/", ["sub", "a"])[1]], ["net/sub/b", "net/a"])
        with self.assertRaisesRegex(UserErrorException, 'no "none"'):
            files_of_model("net", ["none"])
        os.symlink(os.path.join(self.folder, "net"), "net/sub/circle")
        with self.assertRaisesRegex(UserErrorException, "leads back"):
            files_of_model("net")
        os.mkdir("empty")
        with self.assertRaisesRegex(UserErrorException, "no files"):
            files_of_model("empty")

    def test_what_is_yet_to_come_of_deployment_says_so(self):
        for call in (
            lambda: Model.deploy(None, "s", []),
            lambda: Model.package(None, []),
            lambda: Model.profile(None, "p", [], None, None),
            lambda: AksWebservice.deploy_configuration(cpu_cores=1),
            lambda: AciWebservice.deploy_configuration(ssl_enabled=True),
            lambda: Webservice.deploy_from_image(None, name="w", image=None),
            lambda: ContainerImage.create(name="i", models=[], image_config=None, workspace=None),
        ):
            with self.assertRaisesRegex(NotImplementedError, "not built yet"):
                call()

    def test_a_training_script_does_not_import_it(self):
        code = "import sys, azureml.core; print([name for name in sys.modules if 'models' in name or name == 'uuid'])"
        env = dict(os.environ, PYTHONPATH=ROOT)
        self.assertEqual(subprocess.check_output([sys.executable, "-c", code], env=env).strip(), b"[]")


class KeyvaultTest(unittest.TestCase):
    def test_secrets_travel_in_bodies_alone(self):
        server = FakeServer(self, {
            ("POST", "/secrets/read"): {"secrets": {"a": "1", "b": None}},
            ("GET", "/secrets"): [{"name": "a", "createdUtc": "", "modifiedUtc": ""}],
            ("DELETE", "/secrets/gone"): Problem(404, "not_found", "none"),
        })  # fmt: skip
        vault = Keyvault(server.workspace)
        self.assertEqual(vault.get_secrets(["a", "b"]), {"a": "1", "b": None})
        self.assertEqual(vault.get_secret("a"), "1")
        self.assertEqual(vault.list_secrets(), [{"name": "a"}])
        vault.delete_secret("gone")
        with self.assertRaises(UserErrorException):
            vault.set_secret("a", 1)
        with self.assertRaises(UserErrorException):
            vault.get_secrets([1])
        self.assertEqual(vault.get_secrets([]), {})
        self.assertNotIn("1", repr(vault))


if __name__ == "__main__":
    unittest.main()
