"""Names whose features are yet to come: importable by every path that scripts use, and honest when they are called."""
import importlib
import os
import re
import subprocess
import sys
import unittest

from switchyard_client.later.names import FEATURES, MODULES
from tests.support import ROOT


def import_path(path):
    """What ``from module import name`` gives, or the module itself."""
    module, _, name = path.rpartition(".")
    if name == "*":
        return importlib.import_module(module).__all__
    if not module:
        return importlib.import_module(path)
    try:
        return getattr(importlib.import_module(module), name)
    except AttributeError:
        return importlib.import_module(path)


class ImportPaths(unittest.TestCase):
    def test_every_path_of_the_public_notebooks_can_be_imported(self):
        with open(os.path.join(os.path.dirname(__file__), "importpaths.txt"), encoding="utf-8") as file:
            paths = file.read().split()
        missing = []
        for path in paths:
            try:
                import_path(path)
            except (ImportError, AttributeError) as error:
                missing.append("%s: %s" % (path, error))
        self.assertEqual(missing, [])

    def test_what_is_there_is_no_placeholder(self):
        from azureml.core import Environment, RunConfiguration, ScriptRunConfig
        from azureml.train.estimator import Estimator
        from azureml.train.hyperdrive import HyperDriveConfig, choice

        for built in (Environment, RunConfiguration, ScriptRunConfig, Estimator, choice, HyperDriveConfig):
            self.assertNotIn("not built", repr(built))

    def test_what_nobody_has_is_still_an_import_error(self):
        for path in ("azureml.train.hyperdrive.chioce", "azureml.nothing.here", "azureml.core.Enviroment"):
            with self.assertRaises((ImportError, AttributeError)):
                import_path(path)


def sections_named_in_the_client():
    """The last argument of every ``not_built(…)``."""
    found = set()
    for folder, _, files in os.walk(ROOT):
        for file in files if "tests" not in folder else ():
            if file.endswith(".py"):
                with open(os.path.join(folder, file), encoding="utf-8") as code:
                    found.update(re.findall(r'raise not_built\(.*, "([^"]*)"\)', code.read()))
    return found


class Placeholders(unittest.TestCase):
    def test_calling_says_what_and_where(self):
        from azureml.core.image import Image
        from azureml.pipeline.core import Pipeline
        from azureml.train.automl import AutoMLConfig
        from azureml.train.automl.constants import Scenarios

        for act, words in (
            (
                lambda: AutoMLConfig(task="classification"),
                "AutoMLConfig is part of automated machine learning, which is not built yet: see \"automl\" in docs/roadmap.md.",
            ),
            (lambda: Pipeline(workspace=None, steps=[]), "Pipeline is part of pipelines"),
            (lambda: Image.create(name="x"), "Image.create is part of deployment"),
            (lambda: list(Scenarios), "Scenarios is part of"),
        ):
            with self.assertRaises(NotImplementedError) as refused:
                act()
            self.assertIn(words, str(refused.exception))
        self.assertEqual(repr(Scenarios.AUTOML), "<Scenarios.AUTOML, not built yet>")

    def test_they_are_classes_for_questions_about_kinds(self):
        from azureml.pipeline.core import PipelineRun

        class Mine(PipelineRun):
            def __init__(self, value):
                self.value = value

        self.assertFalse(isinstance(5, PipelineRun))
        self.assertEqual(Mine(3).value, 3)

    def test_every_feature_is_a_section_of_the_roadmap(self):
        with open(os.path.join(os.path.dirname(ROOT), "docs", "roadmap.md"), encoding="utf-8") as page:
            sections = {line[3:].strip().lower() for line in page if line.startswith("## ")}
        self.assertEqual(set(FEATURES) - sections, set())
        self.assertEqual(sections_named_in_the_client() - sections, set())

    def test_the_table_names_only_features(self):
        self.assertLessEqual({feature for names in MODULES.values() for feature in names.values()}, set(FEATURES))

    def test_submitting_one_is_refused(self):
        from azureml.train.automl import AutoMLConfig

        with self.assertRaises(NotImplementedError):
            AutoMLConfig(task="classification")


class Others(unittest.TestCase):
    def test_telemetry_is_taken(self):
        from azureml.telemetry import set_diagnostics_collection

        self.assertIsNone(set_diagnostics_collection(send_diagnostics=True))

    def test_where_a_run_of_mlflow_is_shown(self):
        from azureml.exceptions import UserErrorException
        from azureml.mlflow import get_portal_url

        code = "from azureml.mlflow import get_portal_url\nclass Run:\n  class info: run_id = 'r1'\nprint(get_portal_url(Run))"
        variables = dict(
            os.environ,
            AZUREML_RUN_ID="r1",
            SWITCHYARD_JOURNAL_DIR="/nowhere",
            AZUREML_SERVICE_ENDPOINT="http://localhost:1",
            AZUREML_RUN_TOKEN="t",
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=variables, stdout=subprocess.PIPE, universal_newlines=True, timeout=60
        )
        self.assertEqual(done.stdout.strip(), "http://localhost:1/api/v1/workspaces/default/runs/r1")
        self.assertRaises(UserErrorException, get_portal_url, "r1")

    def test_importing_a_training_script_loads_no_table(self):
        code = "import sys, azureml.core; print([m for m in sys.modules if m.startswith('switchyard_client.later.')])"
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, universal_newlines=True, timeout=60)
        self.assertEqual(done.stdout.strip(), "[]")

    def test_msrest(self):
        code = """
import azureml.core
from switchyard_client.errors import UserErrorException
from switchyard_client.later.msrestnames import catchable_as_http_operation_error
from msrest.exceptions import HttpOperationError
import msrest
try: raise catchable_as_http_operation_error(UserErrorException("no such datastore"))
except HttpOperationError as error: print(type(error).__name__, error.message, error, isinstance(error, UserErrorException), getattr(msrest, "real", False))
"""
        real = os.path.join(ROOT, "tests", "realmsrest")
        for path, expected in ((ROOT, "False"), (os.pathsep.join([ROOT, real]), "True")):
            done = subprocess.run(
                [sys.executable, "-c", code],
                env=dict(os.environ, PYTHONPATH=path),
                stdout=subprocess.PIPE,
                universal_newlines=True,
                timeout=60,
            )
            self.assertEqual(done.stdout.strip(), "UserErrorException no such datastore no such datastore True " + expected)
