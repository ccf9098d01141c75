"""Run configurations and environments as objects and files, without a server."""
import json
import os
import stat
import sys
import warnings

from azureml.core import Environment, RunConfiguration, ScriptRunConfig
from azureml.core.compute_target import LocalTarget
from azureml.core.runconfig import (
    CondaDependencies,
    Data,
    DataLocation,
    DataReferenceConfiguration,
    Dataset,
    DockerConfiguration,
    MpiConfiguration,
    OutputData,
    PyTorchConfiguration,
    TensorflowConfiguration,
)
from azureml.exceptions import UserErrorException
from switchyard_client.configuration.interpreter import with_own_interpreter
from switchyard_client.configuration.references import SameSubmission
from switchyard_client.http import Server
from tests.configuration_support import InAFolder


class Attributes(InAFolder):
    def test_a_wrong_name_is_taken_with_a_warning_that_names_the_nearest(self):
        configuration = RunConfiguration()
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            configuration.node_cuont = 2
            configuration.environment.docker.enable = True
        self.assertEqual([os.path.basename(each.filename) for each in said], ["test_configuration.py"] * 2)
        self.assertIn('did you mean "node_count"?', str(said[0].message))
        self.assertIn('did you mean "enabled"?', str(said[1].message))
        self.assertEqual((configuration.node_cuont, configuration._to_wire()["nodeCount"]), (2, 1))
        with self.assertRaises(AttributeError) as absent:
            configuration.enviroment
        self.assertIn('did you mean "environment"?', str(absent.exception))

    def test_wrong_values_are_named_by_their_attribute(self):
        for attribute, value, words in (
            ("node_count", "two", "node_count: expected a whole number of at least 1, came 'two'"),
            ("node_count", True, "node_count: expected a whole number"),
            ("node_count", 0, "of at least 1, came 0"),
            ("framework", "Pyton", 'did you mean "Python"?'),
            ("communicator", "OpenMPI4", "communicator: expected one of None"),
            ("environment", "myenv", "environment: expected an Environment, came 'myenv'"),
            ("target", 5, "target: expected a compute target or its name"),
            ("arguments", "--epochs 5", "arguments: expected a list such as"),
            ("arguments", ["--x", None], "arguments[1]: expected a text or a number, came None"),
            ("data_references", [1], "data_references: expected a mapping"),
            ("max_run_duration_seconds", float("nan"), "max_run_duration_seconds: expected a number"),
            ("history", 3, "history: expected a HistoryConfiguration"),
            ("auto_prepare_environment", "perhaps", "auto_prepare_environment: expected True or False"),
        ):
            configuration = RunConfiguration(script="train.py")
            setattr(configuration, attribute, value)
            self.refused(words, configuration._to_wire)
            repr(configuration)
        configuration = RunConfiguration()
        configuration.environment.docker.arguments = [[1]]
        self.refused("environment.docker.arguments[0]: expected a text", configuration._to_wire)
        with self.assertRaises(UserErrorException):
            configuration.environment.python.conda_dependencies = {"dependencies": []}

    def test_older_words(self):
        configuration = RunConfiguration(framework="PythonMpi")
        configuration.prepare_environment = False
        self.assertFalse(configuration.auto_prepare_environment)
        self.assertEqual((configuration.framework, configuration.communicator), ("Python", "Mpi"))
        wire = RunConfiguration(framework="pyspark")._to_wire()
        self.assertEqual((wire["framework"], wire["autoPrepareEnvironment"]), ("PySpark", True))

    def test_target(self):
        configuration = RunConfiguration()
        for target, name in ((LocalTarget(), "local"), (None, "local"), ("gpu", "gpu")):
            configuration.target = target
            self.assertEqual(configuration._to_wire()["target"], name)

    def test_printed_form_is_json_without_passwords(self):
        configuration = RunConfiguration()
        configuration.environment.docker.base_image_registry.username = "me"
        configuration.environment.docker.base_image_registry.password = "s3cret"
        self.assertNotIn("s3cret", repr(configuration) + str(ScriptRunConfig(".", run_config=configuration)))
        self.assertEqual(json.loads(str(configuration))["environment"]["python"]["condaDependencies"]["dependencies"][0], "python")
        self.assertEqual(configuration._to_wire()["environment"]["docker"]["baseImageRegistry"]["password"], "s3cret")

    def test_a_dockerfile_takes_the_place_of_the_default_image(self):
        environment = Environment.from_dockerfile("mine", self.write("Dockerfile", "FROM debian\n"))
        docker = environment._to_wire()["docker"]
        self.assertEqual((docker["baseImage"], docker["baseDockerfile"]), (None, "FROM debian\n"))
        self.assertTrue(environment.python.user_managed_dependencies)
        environment.docker.base_dockerfile = "no/such/file"
        self.refused("neither a file nor the text", environment._to_wire)
        environment = Environment.from_docker_image("mine", "debian", pip_requirements=self.write("r.txt", "numpy\n"))
        self.assertEqual(environment.python.conda_dependencies.pip_packages, ["numpy"])


class ScriptConfigurations(InAFolder):
    def test_what_is_given_wins(self):
        base = RunConfiguration(script="other.py", arguments=["--a"])
        base.target = "one"
        environment = Environment("mine")
        source = ScriptRunConfig(
            "src", "train.py", ["--n", 3, 0.5, True], base, compute_target="two", environment=environment,
            max_run_duration_seconds=60, docker_runtime_config=DockerConfiguration(use_docker=True, shm_size="4g"),
        )  # fmt: skip
        wire = source._to_wire()
        self.assertEqual((wire["script"], wire["arguments"], wire["target"]), ("train.py", ["--n", "3", "0.5", "True"], "two"))
        self.assertEqual((wire["environment"]["name"], wire["maxRunDurationSeconds"]), ("mine", 60))
        self.assertEqual(wire["docker"], {"useDocker": True, "sharedVolumes": True, "shmSize": "4g", "arguments": []})
        self.assertEqual((base.target, base.script), ("one", "other.py"))

    def test_defaults(self):
        source = ScriptRunConfig(source_directory=".", script="train.py")
        source.run_config.target = "cluster"
        source.run_config.environment = Environment("other")
        source.arguments = ["--late"]
        wire = source._to_wire()
        self.assertEqual((wire["target"], wire["environment"]["name"], wire["arguments"]), ("cluster", "other", ["--late"]))
        self.assertEqual((wire["maxRunDurationSeconds"], wire["command"]), (None, ""))
        self.assertEqual(ScriptRunConfig(".", "train.py")._to_wire()["maxRunDurationSeconds"], 2592000)
        bare = RunConfiguration(script="a.py", arguments=["x"])
        wire = ScriptRunConfig(".", run_config=bare)._to_wire()
        self.assertEqual((wire["script"], wire["arguments"], wire["maxRunDurationSeconds"]), ("a.py", ["x"], None))
        self.assertIs(ScriptRunConfig(".", run_config=bare).run_config, bare)

    def test_commands(self):
        self.assertEqual(ScriptRunConfig(".", command=["python", "train.py", 5])._to_wire()["command"], ["python", "train.py", "5"])
        wire = ScriptRunConfig(".", command="python train.py --x $Y")._to_wire()
        self.assertEqual((wire["command"], wire["script"]), ("python train.py --x $Y", None))
        self.refused("exclude each other", ScriptRunConfig, ".", script="a", command="b")

    def test_an_argument_given_twice(self):
        with self.assertRaises(TypeError) as twice:
            ScriptRunConfig(".", "train.py", script="train.py")
        self.assertIn("multiple values for argument 'script'", str(twice.exception))

    def test_distributed(self):
        for config, expected in (
            (MpiConfiguration(2, 3), ("Python", "IntelMpi", 3)),
            (TensorflowConfiguration(worker_count=4, parameter_server_count=2), ("TensorFlow", "ParameterServer", 4)),
            (PyTorchConfiguration(process_count=8, node_count=4), ("PyTorch", "Nccl", 4)),
            (PyTorchConfiguration("Gloo"), ("PyTorch", "Gloo", 1)),
        ):
            wire = ScriptRunConfig(".", "t.py", compute_target="c", distributed_job_config=config)._to_wire()
            self.assertEqual((wire["framework"], wire["communicator"], wire["nodeCount"]), expected)
        self.assertEqual(wire["pyTorch"], {"communicationBackend": "gloo", "processCount": None})
        self.refused("distributed_job_config: expected", ScriptRunConfig, ".", distributed_job_config="mpi")

    def test_a_user_managed_run_on_this_machine_takes_this_python(self):
        def interpreter(url="http://127.0.0.1:1", target="local", managed=True, path="python", docker=False):
            configuration = RunConfiguration("a.py")
            configuration.target = target
            configuration.environment.python.user_managed_dependencies = managed
            configuration.environment.python.interpreter_path = path
            configuration.environment.docker.enabled = docker
            return with_own_interpreter(configuration._to_wire(), Server(url, "t", "w"))["environment"]["python"]["interpreterPath"]

        self.assertEqual(interpreter(), sys.executable)
        for other in (dict(url="http://example.org"), dict(target="vm"), dict(managed=False), dict(docker=True)):
            self.assertEqual(interpreter(**other), "python")
        self.assertEqual(interpreter(path="python3"), "python3")

    def test_data_among_the_arguments(self):
        class Reference:
            def _add_to(self, wire):
                wire["dataReferences"]["faces"] = {"dataStoreName": "d"}
                return "$AZUREML_DATAREFERENCE_faces"

        source = ScriptRunConfig(".", "train.py", ["--data", Reference()])
        source.run_config.data_references = {"more": DataReferenceConfiguration("d", "download", "p", overwrite=True), "faces": Reference()}
        wire = source._to_wire()
        self.assertEqual(wire["arguments"], ["--data", "$AZUREML_DATAREFERENCE_faces"])
        self.assertEqual(wire["dataReferences"]["faces"], {"dataStoreName": "d"})
        self.assertEqual(wire["dataReferences"]["more"]["mode"], "Download")

    def test_an_argument_that_only_names_a_data_reference(self):
        def submission(experiment="e", script="train.py", arguments=("--data", "$AZUREML_DATAREFERENCE_once", 5)):
            server = type("S", (), {"url": "http://s", "workspace": "w"})
            named = type("E", (), {"name": experiment, "workspace": type("W", (), {"_server": server})})
            wire = {"script": script, "arguments": list(arguments), "dataReferences": {}}
            return SameSubmission(named, ".", wire), wire

        same, wire = submission()
        first = dict(wire, dataReferences={"once": {"dataStoreName": "d", "pathOnDataStore": "p"}})
        self.assertEqual(same.with_references(first), (first, {}))
        self.assertEqual(same.with_references(wire), (wire, {}), "nothing was submitted yet")
        same.was_submitted(first, "e_1")
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            again, _ = submission()
            self.assertEqual(again.with_references(wire), (first, {"switchyard.dataReferencesOf": "e_1"}))
            for other in (dict(experiment="f"), dict(script="other.py"), dict(arguments=("$AZUREML_DATAREFERENCE_once",))):
                another, asked = submission(**other)
                self.assertEqual(another.with_references(asked), (asked, {}))
        self.assertEqual(len(told), 1)
        self.assertIn("It gets that of run e_1", str(told[0].message))

    def test_no_source_directory_is_the_one_that_we_are_in(self):
        self.assertEqual(ScriptRunConfig(source_directory="", script="train.py").source_directory, ".")

    def test_sections_of_data(self):
        configuration = RunConfiguration()
        configuration.data = {"mnist": Data(DataLocation(Dataset(dataset_name="mnist", dataset_version=2)), mechanism="download")}
        configuration.output_data = {"out": OutputData(mechanism="upload")}
        wire = configuration._to_wire()
        self.assertEqual(wire["data"]["mnist"]["dataLocation"]["dataset"], {"id": None, "name": "mnist", "version": "2"})
        self.assertEqual((wire["data"]["mnist"]["mechanism"], wire["outputData"]["out"]["mechanism"]), ("Download", "Upload"))


class Environments(InAFolder):
    def test_folders(self):
        environment = Environment("mine", environment_variables={"A": "1"})
        environment.python.conda_dependencies = CondaDependencies.create(conda_packages=["numpy"])
        environment.save_to_directory("env")
        self.assertEqual(sorted(os.listdir("env")), ["azureml_environment.json", "conda_dependencies.yml"])
        self.assertEqual(Environment.load_from_directory("env"), environment)
        self.refused("is there already", environment.save_to_directory, "env")
        environment.save_to_directory("env", overwrite=True)
        self.refused("cannot be read", Environment.load_from_directory, "absent")
        self.write("env/azureml_environment.json", "{}")
        self.refused('has no "name"', Environment.load_from_directory, "env")

    def test_a_clone_is_its_own(self):
        environment = Environment("mine")
        other = environment.clone("other")
        other.python.conda_dependencies.add_conda_package("numpy")
        self.assertEqual((other.name, environment.python.conda_dependencies.conda_packages), ("other", []))

    def test_from_files(self):
        path = self.write("r.txt", "numpy==1.19 # pinned\n# nothing\n\n-i https://example.org/simple\ntorch \\\n  >=1\n")
        environment = Environment.from_pip_requirements("mine", path, pip_version="20.1")
        self.assertEqual(
            environment.python.conda_dependencies.as_dict()["dependencies"],
            ["python", "pip=20.1", {"pip": ["numpy==1.19", "-i https://example.org/simple", "torch >=1"]}],
        )
        pip = {"pip": ["scipy", "numpy==1.19", "-i https://example.org/simple", "torch >=1"]}
        path = self.write("s.txt", "scipy\n-r r.txt\n")
        self.assertEqual(Environment.from_pip_requirements("mine", path).python.conda_dependencies.as_dict()["dependencies"][2], pip)
        path = self.write("i.yml", "dependencies:\n- python\n- pip:\n  - -r s.txt\n")
        self.assertEqual(Environment.from_conda_specification("mine", path).python.conda_dependencies.as_dict()["dependencies"][-1], pip)
        self.refused("includes itself", Environment.from_pip_requirements, "mine", self.write("t.txt", "-r t.txt\n"))
        self.refused("cannot be read", Environment.from_pip_requirements, "mine", self.write("u.txt", "-r none.txt\n"))
        self.refused("refers to another file", Environment.from_pip_requirements, "mine", self.write("v.txt", "-c r.txt\n"))
        environment = Environment.from_conda_specification(name="mine", file_path=self.write("c.yml", "dependencies:\n- python=3.8\n"))
        self.assertEqual(environment.python.conda_dependencies.get_python_version(), "3.8")
        for name in (None, "", 5):
            self.refused("needs a name", Environment, name)

    def test_from_an_environment_of_conda(self):
        """Against a stand-in for conda, which is not here."""
        program = self.write(
            "bin/conda",
            "#!/bin/sh\n[ \"$4\" = mine ] || { echo EnvironmentLocationNotFound >&2; exit 1; }\nprintf 'name: mine\\nchannels:\\n  - defaults\\ndependencies:\\n  - python=3.8\\nprefix: /x\\n'\n",
        )
        os.chmod(program, os.stat(program).st_mode | stat.S_IXUSR)
        before = os.environ["PATH"]
        self.addCleanup(os.environ.__setitem__, "PATH", before)
        os.environ["PATH"] = os.path.dirname(program) + os.pathsep + before
        environment = Environment.from_existing_conda_environment("e", "mine")
        self.assertEqual(
            environment.python.conda_dependencies.as_dict(), {"name": "mine", "channels": ["defaults"], "dependencies": ["python=3.8"]}
        )
        self.refused("EnvironmentLocationNotFound", Environment.from_existing_conda_environment, "e", "other")
        os.environ["PATH"] = self.folder
        self.refused("There is no conda", Environment.from_existing_conda_environment, "e", "mine")

    def test_what_is_not_built(self):
        for act in (lambda: Environment.from_docker_build_context("a", None), lambda: Environment.add_private_pip_wheel(None, "x.whl")):
            self.assertRaises(NotImplementedError, act)
