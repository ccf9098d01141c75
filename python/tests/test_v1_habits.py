"""What people who come from Azure ML v1 do without thinking: each either works, or says what to do instead."""
import json
import os
import shutil
import tempfile
import unittest
import warnings

from azureml.core import Dataset, Environment, Keyvault, RunConfiguration, ScriptRunConfig
from azureml.core.authentication import ServicePrincipalAuthentication
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.data.azure_storage_datastore import AzureFileDatastore
from azureml.data.dataset_error_handling import DatasetExecutionError
from azureml.data.file_dataset import FileDataset
from azureml.data.tabular_dataset import TabularDataset
from azureml.exceptions import OptionalDependencyMissingException, UserErrorException
from switchyard_client import charts
from switchyard_client.configuration.building import image_details
from switchyard_client.data import tables
from switchyard_client.downloads import _below
from switchyard_client.offline import OfflineRun
from switchyard_client.submitting import labels
from tests.fake_server import FakeServer, Problem, target

RUN = {"runId": "r1", "experimentName": "e", "runType": "azureml.scriptrun", "status": "Running"}
FILES = {"kind": "file", "sources": [{"datastore": "s", "path": "a"}], "steps": []}
ROWS = {"kind": "tabular", "sources": [{"datastore": "s", "path": "a.csv"}], "read": {"format": "delimited"}, "steps": []}


class Habits(unittest.TestCase):
    def refused(self, message, act, *args, **kwargs):
        with self.assertRaisesRegex(UserErrorException, message):
            act(*args, **kwargs)

    def not_built(self, feature, section, act):
        with self.assertRaises(NotImplementedError) as refused:
            act()
        self.assertIn(feature, str(refused.exception))
        self.assertIn('see "%s" in docs/roadmap.md' % section, str(refused.exception))


class OfWorkspaces(Habits):
    def test_a_run_is_found_by_its_id(self):
        server = FakeServer(self, {("GET", "/runs/r1"): RUN})
        found = server.workspace.get_run("r1")
        self.assertEqual((type(found).__name__, found.id, found.experiment.name), ("ScriptRun", "r1", "e"))
        self.assertEqual(server.workspace.get_run(run_id="r1"), found)

    def test_what_is_about_resources_of_azure_says_that_there_are_none(self):
        server = FakeServer(self, {("GET", ""): {"name": "w", "workspaceId": "1", "subscriptionId": "s", "resourceGroup": "g"}})
        workspace = server.workspace
        self.assertEqual(workspace.private_endpoints, {})
        workspace.sync_keys()
        for name, act in (
            ("add_private_endpoint", lambda: workspace.add_private_endpoint(None)),
            ("list_keys", workspace.list_keys),
            ("update_dependencies", lambda: workspace.update_dependencies(container_registry="x", force=True)),
            ("diagnose_workspace", lambda: workspace.diagnose_workspace({})),
            ("list_connections", workspace.list_connections),
            ("service_context", lambda: workspace.service_context),
        ):
            self.not_built(name, "azure resources", act)
        self.not_built("linked_services", "linked services", lambda: workspace.linked_services)

    def test_the_oldest_words_for_a_service_principal(self):
        auth = ServicePrincipalAuthentication(tenant_id="t", username="app", password="sy_token")
        self.assertEqual((auth._service_principal_id, auth._own_token()), ("app", "sy_token"))
        self.assertIsNone(ServicePrincipalAuthentication("t", "app", None)._own_token())

    def test_names_of_secrets_are_told(self):
        server = FakeServer(self, {})
        for name in ("a_b", "", 5):
            self.refused("1 to 127 letters, digits and -", Keyvault(server.workspace).set_secret, name, "x")
        self.assertEqual(server.asked, [])

    def test_runs_of_a_target_that_have_not_ended(self):
        ended = dict(RUN, runId="r2", status="Completed")
        server = FakeServer(self, {("GET", "/computes/c"): target("c"), ("GET", "/runs"): {"items": [RUN, ended], "next": None}})
        cluster = ComputeTarget(server.workspace, "c")
        self.assertIsInstance(cluster, AmlCompute)
        self.assertEqual([run.id for run in cluster.get_active_runs(tags={"a": "b"})], ["r1"])

    def test_a_curated_environment_that_is_not_here_is_no_guess_at_another_framework(self):
        shown = [{"name": "AzureML-sklearn-1.0-ubuntu20.04-py38-cpu"}]
        missing = Problem(404, "not_found", 'There is no environment "AzureML-paddle-1.0-ubuntu20.04-py38-cpu".')
        server = FakeServer(self, {("GET", "/environments/AzureML-paddle-1.0-ubuntu20.04-py38-cpu"): missing, ("GET", "/environments"): shown})
        with self.assertRaises(UserErrorException) as refused:
            Environment.get(server.workspace, "AzureML-paddle-1.0-ubuntu20.04-py38-cpu")
        self.assertIn("Environment.from_conda_specification", refused.exception.message)
        self.assertNotIn("Did you mean", refused.exception.message)


class OfRuns(Habits):
    def test_charts_and_tables_have_their_shape(self):
        run = OfflineRun()
        self.refused("this text is no JSON", run.log_confusion_matrix, "c", "{'single': 'quotes'}")
        self.refused("is a map with the keys schema_type", run.log_confusion_matrix, "c", [[1, 2]])
        self.refused("is a map with the keys", charts.checked, "residuals", "[1]")
        self.refused("log_table.. takes a map of column and list", run.log_table, "t", [1, 2])
        self.refused("set_tags.. takes a map of key and text", run.set_tags, ["a"])
        self.refused("add_properties.. takes a map", run.add_properties, "a")
        self.assertEqual(run.get_metrics(), {})

    def test_a_data_frame_is_a_table(self):
        class Frame:  # as pandas has it
            shape = (2, 1)

            def items(self):
                return iter([("x", [1, 2])])

        run = OfflineRun()
        run.log_table("t", Frame())
        run.log("u", Frame())
        self.assertEqual(run.get_metrics(), {"t": {"x": [1, 2]}, "u": {"x": [1, 2]}})

    def test_a_prefix_of_files_is_left_out_folder_by_folder(self):
        for prefix, name, below in (
            ("outputs", "outputs/model/a.txt", "model/a.txt"),
            ("outputs/", "outputs/a.txt", "a.txt"),
            ("outputs/model", "outputs/model/a.txt", "a.txt"),
            ("outputs/model", "outputs/model.pkl", "model.pkl"),
            ("out", "outputs/a.txt", "outputs/a.txt"),
            ("", "a.txt", "a.txt"),
            ("outputs/a.txt", "outputs/a.txt", "a.txt"),
        ):
            self.assertEqual(_below(prefix, name), below)


class OfImports(Habits):
    def test_older_and_inner_paths_of_names_that_scripts_use(self):
        from azureml._common.exceptions import AzureMLException
        from azureml.core.compute import ComputeTargetException, KubernetesCompute
        from azureml.core.databricks import PyPiLibrary
        from azureml.core.environment import DockerBuildContext
        from azureml.core.private_endpoint import PrivateEndPointConfig
        from azureml.core.runconfig import PyPiLibrary as Same
        from azureml.core.webservice.aks import AksServiceDeploymentConfiguration
        from azureml.core.webservice.webservice import WebserviceException
        from azureml.exceptions._azureml_exception import ProjectSystemException

        self.assertIs(PyPiLibrary, Same)
        for kind in (ComputeTargetException, WebserviceException, ProjectSystemException):
            self.assertTrue(issubclass(kind, AzureMLException))
        self.not_built("KubernetesCompute.attach_configuration", "kubernetes", lambda: KubernetesCompute.attach_configuration(resource_id="x"))
        self.not_built("DockerBuildContext.from_local_directory", "environments", lambda: DockerBuildContext.from_local_directory(None, "."))
        self.not_built("PrivateEndPointConfig", "azure resources", lambda: PrivateEndPointConfig("n"))
        self.not_built("AksServiceDeploymentConfiguration", "deployment", AksServiceDeploymentConfiguration)


class OfConfigurations(Habits):
    def test_data_in_an_argument_says_how_the_script_meets_it(self):
        dataset = FileDataset(FILES, None, saved_id="1")
        self.refused(r"arguments\[1\]: expected data .*as_named_input", ScriptRunConfig(".", "t.py", ["--data", dataset])._to_wire)
        store = AzureFileDatastore(None, {"name": "s", "datastoreType": "AzureFile", "settings": {}})
        self.refused(r"arguments\[0\]: expected data .*datastore.path", ScriptRunConfig(".", "t.py", [store])._to_wire)
        self.refused(r"command\[1\]", ScriptRunConfig(".", command=["cat", dataset])._to_wire)

    def test_tags_of_a_submission_are_a_map(self):
        self.assertEqual(labels({"a": 1, "b": None}), {"a": "1", "b": None})
        self.refused("Tags and properties are a map", labels, ["a"])

    def test_an_image_has_a_dockerfile(self):
        details = image_details({"name": "e", "version": "1", "hash": "azureml_0", "definition": {"docker": {"baseImage": "python:3.9"}}})
        self.assertEqual(details["ingredients"]["dockerfile"], "FROM python:3.9\n")

    def test_what_cannot_be_sent_can_still_be_read(self):
        configuration = RunConfiguration()
        configuration.framework = "none of them"
        configuration.environment.docker.base_image_registry.password = "secret"
        shown = repr(configuration)
        self.assertIn('"framework": "none of them"', shown)
        self.assertNotIn("\\n", shown)
        self.assertNotIn("secret", shown)


class OfData(Habits):
    def test_filters_by_expressions_are_refused_by_name(self):
        table, files = TabularDataset(ROWS, None), FileDataset(FILES, None)
        for feature, act in (
            ("dataset['x']", lambda: table.filter(table["x"] > 1)),
            ("FileDataset.file_metadata", lambda: files.filter(files.file_metadata["Size"] > 1)),
            ("to_dask_dataframe", table.to_dask_dataframe),
            ("get_partition_key_values", files.get_partition_key_values),
            ("TabularDataset.mount", table.mount),
        ):
            self.not_built(feature, "data", act)

    def test_datasets_are_found_by_their_classes_too(self):
        shown = {"definition": FILES, "datasetId": "1", "name": "d", "version": 3, "state": "active"}
        server = FakeServer(self, {("GET", "/registered-datasets/d"): shown})
        for by_name in (FileDataset.get_by_name, TabularDataset.get_by_name, Dataset.get_by_name):
            self.assertEqual(by_name(server.workspace, "d", version=3).version, 3)
        partitioned = FileDataset(dict(FILES, steps=[{"do": "partition", "format": "/{a}/{b:yyyy}/x.csv"}]), None)
        self.assertEqual(partitioned.partition_keys, ["a", "b"])

    def test_what_a_run_was_given_can_be_asked_for_its_files(self):
        given = {"dataset": {"id": "1", "name": None, "version": None}, "consumptionDetails": {"inputName": "a"}, "dataPath": None}
        details = dict(RUN, inputDatasets=[given, dict(given, dataset=None)], outputDatasets=[])
        answers = {
            ("GET", "/runs/r1"): details,
            ("GET", "/datasets/1"): {"definition": FILES, "datasetId": "1", "registration": None},
            ("GET", "/datasets/1/files"): [{"path": "x.csv"}],
        }
        server = FakeServer(self, answers)
        shown, reference = server.workspace.get_run("r1").get_details()["inputDatasets"]
        self.assertEqual((shown["dataset"]["id"], shown["dataset"].id, shown["dataset"].to_path()), ("1", "1", ["/x.csv"]))
        self.assertEqual(json.loads(json.dumps(shown)), given)
        self.assertIsNone(reference["dataset"])

    def test_storage_that_is_kept_as_a_record_is_refused_by_name(self):
        folder = os.path.dirname(__file__)
        refusal = Problem(501, "not_implemented", "Datastores of the kind AzureFile are kept as records only.")
        answers = {("GET", "/datastores/s/files"): refusal, ("POST", "/datastores/s/files"): refusal, ("POST", "/blobs/missing"): {"missing": []}}
        server = FakeServer(self, answers)
        store = AzureFileDatastore(server.workspace, {"name": "s", "datastoreType": "AzureFile", "settings": {}})
        self.not_built("AzureFile", "data", lambda: store.download(folder, show_progress=False))
        self.not_built("AzureFile", "data", lambda: store.upload_files([__file__], show_progress=False))

    def test_whole_numbers_become_numbers_with_a_fraction_when_asked(self):
        try:
            import pandas
        except ImportError:
            raise unittest.SkipTest("pandas is not installed")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.assertEqual(str(tables._converted(pandas, pandas.Series([1, 2]), {"type": "float"}, "x").dtype), "float64")


    def test_values_of_another_type_are_null_or_an_error(self):
        folder = tempfile.mkdtemp(prefix="switchyard-table-")
        self.addCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, "a.csv")
        with open(path, "w") as out:
            out.write("n,t\n1,2020-01-01\nmany,soon\n")
        types = {"n": {"type": "float"}, "t": {"type": "datetime", "formats": None}}
        table = TabularDataset(dict(ROWS, steps=[{"do": "columnTypes", "types": types}]), None, on_disk=path)
        try:
            self.assertEqual(list(table.to_pandas_dataframe()["n"].isna()), [False, True])
        except OptionalDependencyMissingException:
            raise unittest.SkipTest("pandas is not installed")
        with self.assertRaisesRegex(DatasetExecutionError, "\"n\" has 1 values that are no float; the first is 'many'"):
            table.to_pandas_dataframe(on_error="fail")
        with self.assertRaisesRegex(DatasetExecutionError, "\"t\" has 1 values that are no datetime"):
            table.to_pandas_dataframe(out_of_range_datetime="error")
        self.refused("on_error is", table.to_pandas_dataframe, on_error="raise")


if __name__ == "__main__":
    unittest.main()
