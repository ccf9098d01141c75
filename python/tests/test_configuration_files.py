"""Run configurations and environments in files: what is written can be read, also what others wrote."""
import json
import os
import shutil
import warnings

from azureml.core import Environment, RunConfiguration
from azureml.core.runconfig import CondaDependencies, EnvironmentReference, SparkPackage
from tests.configuration_support import InAFolder, part_of, wire_of
from tests.support import GOLDEN


class Files(InAFolder):
    def test_the_golden_files_mean_what_they_mean_to_the_server(self):
        for name in ("annotated", "older", "python-spelling", "json-cluster"):
            with open(os.path.join(GOLDEN, "runconfig", name + ".json"), encoding="utf-8") as file:
                expected = json.load(file)["wire"]
            self.write(".azureml/conda_dependencies.yml", "dependencies: [python]\n")
            self.write("aml_config/conda_dependencies.yml", "dependencies: [python]\n")
            shutil.copy(os.path.join(GOLDEN, "runconfig", name + ".runconfig"), os.path.join(self.folder, ".azureml"))
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                loaded = RunConfiguration.load(".", name)
            self.assertEqual(
                [str(each.message).split(": ", 1)[1] for each in said],
                [] if name != "json-cluster" else ['unknown key "hyperparameters", kept but not used'],
            )
            wire = loaded._to_wire()
            if "condaDependencies" in expected.get("environment", {}).get("python", {}):
                expected["environment"]["python"]["condaDependencies"] = {"dependencies": ["python"]}
            self.assertEqual(part_of(wire, expected), expected, name)

    def test_saving_and_loading_again(self):
        configuration = RunConfiguration("train.py", ["--rate", 0.5, "yes"], framework="PyTorch", communicator="Nccl")
        configuration.target = "gpu"
        configuration.node_count = 2
        configuration.pytorch.process_count = 4
        configuration.environment = Environment("mine", environment_variables={"A": "1"})
        configuration.environment.docker.base_dockerfile = "FROM debian\nRUN true\n"
        configuration.environment.spark.packages = [SparkPackage("g", "a", "1.0")]
        configuration.environment.python.conda_dependencies = CondaDependencies.create(conda_packages=["numpy"])
        configuration.environment_variables = {"N": 7}
        for keyword in ({}, {"separate_environment_yaml": True}):
            file = configuration.save(self.folder, "mine", **keyword)
            self.assertEqual(file, os.path.join(self.folder, ".azureml", "mine.runconfig"))
            self.assertEqual(wire_of(RunConfiguration.load(self.folder, "mine")), wire_of(configuration))
            self.assertEqual(wire_of(RunConfiguration.load(path=file)), wire_of(configuration))
        self.assertEqual(sorted(os.listdir(".azureml")), ["conda_dependencies.yml", "mine.environment.yml", "mine.runconfig"])
        RunConfiguration.delete(self.folder, "mine")
        self.refused("it has none", RunConfiguration.load, self.folder, "mine")

    def test_another_configurations_conda_file_is_left_alone(self):
        one = RunConfiguration("a.py")
        one.save(name="one")
        two = RunConfiguration("b.py", conda_dependencies=CondaDependencies.create(conda_packages=["numpy"]))
        two.save(name="two")
        self.assertEqual(
            sorted(os.listdir(".azureml")), ["conda_dependencies.yml", "one.runconfig", "two.conda_dependencies.yml", "two.runconfig"]
        )
        self.assertEqual(wire_of(RunConfiguration.load(".", "one")), wire_of(one))
        self.assertEqual(wire_of(RunConfiguration.load(".", "two")), wire_of(two))

    def test_the_older_layout_and_its_words(self):
        self.write("aml_config/conda_dependencies.yml", "name: old\ndependencies:\n- python=3.6.2\n")
        self.write(
            "aml_config/cluster.runconfig",
            "script: train.py\nprepareEnvironment: false\nenvironment:\n  python:\n    condaDependenciesFile: aml_config/conda_dependencies.yml\n",
        )

        class Project:
            project_directory = self.folder

        for loaded in (
            RunConfiguration.load(project_object=Project(), run_config_name="cluster"),
            RunConfiguration.load(self.folder, "cluster"),
        ):
            self.assertEqual(loaded.environment.python.conda_dependencies.get_python_version(), "3.6.2")
            self.assertFalse(loaded.auto_prepare_environment)
        loaded.node_count = 2
        self.assertEqual(loaded.save(), os.path.join(self.folder, "aml_config", "cluster.runconfig"))
        self.assertEqual(RunConfiguration.load(self.folder, "cluster").node_count, 2)

    def test_the_newer_folder_wins(self):
        self.write("aml_config/a.runconfig", "script: old.py\nenvironment: {}\n")
        self.write(".azureml/a.runconfig", "script: new.py\nenvironment: {}\n")
        self.assertEqual(RunConfiguration.load(".", "a").script, "new.py")

    def test_an_environment_that_is_only_named(self):
        self.write(".azureml/a.runconfig", "script: a.py\nenvironment:\n  name: mine\n  version: 3\n  environmentVariables: {A: 1}\n")
        loaded = RunConfiguration.load(".", "a")
        self.assertEqual(loaded._to_wire()["environment"], {"name": "mine", "version": "3", "environmentVariables": {"A": "1"}})
        self.assertIsInstance(loaded.environment, EnvironmentReference)
        loaded.save()
        self.assertEqual(RunConfiguration.load(".", "a"), loaded)

    def test_files_that_are_wrong(self):
        for text, words in (
            ("", "is empty"),
            ("- a\n", "expected a mapping"),
            ("script: [a]\n", "a.runconfig.script: expected a text, came a list"),
            ("script: a\nnodeCount: two\n", "a.runconfig.nodeCount: expected a whole number"),
            ("script: a\nNodeCount: 1\nnode_count: 2\n", "expected the key once"),
            ("script: a\nframework: Pyton\n", 'did you mean "Python"?'),
            ("script: a\nenvironment:\n  python:\n    condaDependenciesFile: absent.yml\n", 'There is no conda file "absent.yml"'),
            ("script: a\nhistory: yes\n", "history: expected a mapping"),
            ("script: 'a\n", "a.runconfig:"),
        ):
            self.write(".azureml/a.runconfig", text)
            self.refused(words, RunConfiguration.load, ".", "a")
        self.refused("it has a.", RunConfiguration.load, ".", "b")
        self.refused("Which run configuration", RunConfiguration.load, ".")
        self.refused("Under which name?", RunConfiguration().save)
