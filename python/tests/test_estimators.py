"""Estimators: what each parameter becomes in the run configuration, and which are refused together."""
import unittest
import warnings

from azureml.core import Environment
from azureml.core.container_registry import ContainerRegistry
from azureml.core.runconfig import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE, MpiConfiguration
from azureml.exceptions import UserErrorException
from azureml.train.dnn import Chainer, Gloo, Mpi, Nccl, ParameterServer, PyTorch, TensorFlow
from azureml.train.estimator import Estimator
from azureml.train.sklearn import SKLearn
from tests.test_configuration import InAFolder


class Data:
    def _add_to(self, wire):
        wire["dataReferences"]["faces"] = {"dataStoreName": "d"}
        return "$AZUREML_DATAREFERENCE_faces"


class Mapping(InAFolder):
    def test_every_parameter(self):
        registry = ContainerRegistry()
        registry.address = "example.org"
        estimator = Estimator(
            source_directory="src", compute_target="cluster", entry_script="train.py", node_count=2, process_count_per_node=3,
            script_params={"--data": Data(), "--n": 3, "--flag": "", "--rate": 0.5}, distributed_training=Mpi(), use_gpu=True,
            custom_docker_image="example.org/openmpi:1", image_registry_details=registry, conda_packages=["numpy"], pip_packages=["torch"],
            environment_variables={"A": 1}, inputs=[Data()], source_directory_data_store="code", shm_size="8g", max_run_duration_seconds=60,
        )  # fmt: skip
        wire = estimator._to_wire()
        self.assertEqual(wire["arguments"], ["--data", "$AZUREML_DATAREFERENCE_faces", "--n", "3", "--flag", "--rate", "0.5"])
        self.assertEqual(
            (wire["script"], wire["target"], wire["nodeCount"], wire["mpi"]), ("train.py", "cluster", 2, {"processCountPerNode": 3})
        )
        self.assertEqual((wire["framework"], wire["communicator"]), ("Python", "OpenMpi"))
        docker = wire["environment"]["docker"]
        self.assertEqual((docker["enabled"], docker["baseImage"], docker["shmSize"]), (True, "example.org/openmpi:1", "8g"))
        self.assertEqual((docker["gpuSupport"], docker["baseImageRegistry"]["address"]), (True, "example.org"))
        self.assertEqual(wire["environment"]["environmentVariables"], {"A": "1"})
        self.assertEqual(
            wire["environment"]["python"]["condaDependencies"]["dependencies"],
            ["python", "pip", "numpy", {"pip": ["azureml-defaults", "torch"]}],
        )
        self.assertEqual((wire["sourceDirectoryDataStore"], wire["maxRunDurationSeconds"]), ("code", 60))
        self.assertEqual(wire["dataReferences"], {"faces": {"dataStoreName": "d"}})
        self.assertEqual(estimator.conda_dependencies.conda_packages, ["numpy"])

    def test_defaults(self):
        wire = Estimator(".", entry_script="train.py")._to_wire()
        docker = wire["environment"]["docker"]
        self.assertEqual(
            (wire["target"], docker["enabled"], docker["baseImage"], docker["shmSize"]), ("local", True, DEFAULT_CPU_IMAGE, "2g")
        )
        self.assertEqual((wire["maxRunDurationSeconds"], wire["nodeCount"], wire["communicator"]), (None, 1, "None"))
        gpu = Estimator(".", use_gpu=True, use_docker=False, user_managed=True)._to_wire()["environment"]
        self.assertEqual((gpu["docker"]["baseImage"], gpu["docker"]["enabled"]), (DEFAULT_GPU_IMAGE, False))
        self.assertTrue(gpu["python"]["userManagedDependencies"])

    def test_a_cluster_for_this_run(self):
        wire = Estimator(".", vm_size="STANDARD_D2_V2", vm_priority="lowpriority", entry_script="a.py", node_count=4)._to_wire()
        self.assertEqual((wire["target"], wire["nodeCount"], wire["communicator"]), ("amlcompute", 4, "IntelMpi"))
        cluster = wire["amlCompute"]
        self.assertEqual((cluster["vmSize"], cluster["vmPriority"], cluster["clusterMaxNodeCount"]), ("STANDARD_D2_V2", "lowpriority", 4))

    def test_files(self):
        self.write("src/conda.yml", "name: x\ndependencies:\n- python=3.8\n- scipy\n")
        self.write("src/more.txt", "--pre\npandas==1.0\n")
        made = Estimator(
            "src", entry_script="a.py", conda_dependencies_file="conda.yml", pip_requirements_file="more.txt", pip_packages=["x"]
        )
        self.assertEqual(
            made.conda_dependencies.as_dict()["dependencies"],
            ["python=3.8", "scipy", "pip", {"pip": ["--pre", "azureml-defaults", "pandas==1.0", "x"]}],
        )
        self.refused('There is no conda file "absent.yml"', Estimator, "src", conda_dependencies_file="absent.yml")
        self.assertEqual(SKLearn("src", conda_dependencies_file="conda.yml").conda_dependencies.pip_packages, ["azureml-defaults"])

    def test_an_environment_definition_wins(self):
        environment = Environment("mine")
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            wire = SKLearn(".", entry_script="a.py", environment_definition=environment, pip_packages=["x"])._to_wire()
        self.assertIn("environment_definition counts, so that pip_packages has no effect", str(said[0].message))
        self.assertEqual((wire["environment"]["name"], wire["environment"]["docker"]["enabled"]), ("mine", False))
        self.refused("environment_definition: expected an Environment", Estimator, ".", environment_definition="mine")


class Frameworks(InAFolder):
    def packages(self, estimator):
        return [each for each in estimator.conda_dependencies.as_dict()["dependencies"] if each != "pip"]

    def test_they_bring_their_framework(self):
        for estimator, expected in (
            (TensorFlow("."), ["python", {"pip": ["azureml-defaults", "tensorflow"]}]),
            (
                TensorFlow(".", framework_version="1.13", use_gpu=True),
                ["python=3.6", {"pip": ["azureml-defaults", "tensorflow-gpu==1.13.*"]}],
            ),
            (TensorFlow(".", framework_version="2.2", use_gpu=True), ["python=3.6", {"pip": ["azureml-defaults", "tensorflow==2.2.*"]}]),
            (PyTorch(".", framework_version="1.6"), ["python=3.6", {"pip": ["azureml-defaults", "torch==1.6.*", "torchvision"]}]),
            (PyTorch(".", node_count=2), ["python", {"pip": ["azureml-defaults", "torch", "torchvision", "horovod"]}]),
            (
                Chainer(".", framework_version="7.0.0", distributed_training=Mpi()),
                ["python=3.6", {"pip": ["azureml-defaults", "chainer==7.0.0", "mpi4py"]}],
            ),
            (SKLearn("."), ["python", {"pip": ["azureml-defaults", "scikit-learn"]}]),
            (
                SKLearn(".", framework_version="0.20.3", pip_packages=["x"]),
                ["python=3.6", {"pip": ["azureml-defaults", "scikit-learn==0.20.3", "x"]}],
            ),
            (PyTorch(".", user_managed=True), ["python", {"pip": ["azureml-defaults"]}]),
        ):
            self.assertEqual(self.packages(estimator), expected)
        self.assertIn("2.2", TensorFlow.get_supported_versions())

    def test_distribution(self):
        for estimator, expected in (
            (PyTorch(".", node_count=2, distributed_training=Nccl()), ("PyTorch", "Nccl", 2)),
            (PyTorch(".", node_count=3, distributed_training=Gloo()), ("PyTorch", "Gloo", 3)),
            (TensorFlow(".", node_count=2, distributed_training=ParameterServer(worker_count=2)), ("TensorFlow", "ParameterServer", 2)),
            (Estimator(".", node_count=2, distributed_training=MpiConfiguration()), ("Python", "IntelMpi", 2)),
            (Estimator(".", process_count_per_node=4), ("Python", "IntelMpi", 1)),
        ):
            wire = estimator._to_wire()
            self.assertEqual((wire["framework"], wire["communicator"], wire["nodeCount"]), expected)

    def test_older_parameters_count_with_a_warning(self):
        for older, newer in (
            (dict(distributed_backend="mpi", node_count=2), dict(distributed_training=Mpi(), node_count=2)),
            (dict(custom_docker_base_image="x"), dict(custom_docker_image="x")),
        ):
            with self.assertWarns(DeprecationWarning):
                made = Estimator(".", **older)
            self.assertEqual(made._to_wire(), Estimator(".", **newer)._to_wire())
        wire = TensorFlow(".", node_count=2, distributed_backend="ps", worker_count=3, parameter_server_count=2)._to_wire()
        self.assertEqual((wire["tensorflow"], wire["nodeCount"]), ({"workerCount": 3, "parameterServerCount": 2}, 2))


class Refusals(InAFolder):
    def test_parameters_that_exclude_each_other(self):
        for words, estimator, arguments in (
            ("compute_target and vm_size exclude", Estimator, dict(compute_target="local", vm_size="x")),
            ("give vm_size with it", Estimator, dict(vm_priority="dedicated")),
            (
                "custom_docker_base_image is the older name of custom_docker_image",
                Estimator,
                dict(custom_docker_image="a", custom_docker_base_image="b"),
            ),
            ("older name of conda_dependencies_file;", Estimator, dict(conda_dependencies_file="a", conda_dependencies_file_path="b")),
            ("older name of pip_requirements_file;", Estimator, dict(pip_requirements_file="a", pip_requirements_file_path="b")),
            ("older name of distributed_training;", Estimator, dict(distributed_training=Mpi(), distributed_backend="mpi")),
            ('expected one of gloo, mpi, nccl, ps (did you mean "nccl"?)', Estimator, dict(distributed_training="ncll")),
            ("distributed_training: expected Mpi()", Estimator, dict(distributed_training=5)),
            ("need distributed_training=Mpi() or ParameterServer()", TensorFlow, dict(node_count=2)),
            ("Nccl is for PyTorch, not for TensorFlow", TensorFlow, dict(distributed_training=Nccl())),
            ("ParameterServer is for TensorFlow, not for PyTorch", PyTorch, dict(distributed_training=ParameterServer())),
            ('belong to distributed_backend="ps" alone', TensorFlow, dict(worker_count=2, distributed_backend="mpi")),
            ("does not take node_count", SKLearn, dict(node_count=2)),
            ("script_params: expected a mapping", Estimator, dict(script_params=["--a"])),
            ("inputs[0]: expected a DataReference", Estimator, dict(inputs=["x"])),
            ("inputs: expected a list", Estimator, dict(inputs=Data())),
            ("image_registry_details: expected a ContainerRegistry", Estimator, dict(image_registry_details="x")),
            ("framework_version is a text", PyTorch, dict(framework_version=1.6)),
            ("expected a list of packages", Estimator, dict(pip_packages="numpy")),
        ):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.refused(words, estimator, ".", **arguments)

    def test_the_language_says_the_rest(self):
        for arguments, keywords, words in (
            ((".",), dict(source_directory="."), "multiple values for argument 'source_directory'"),
            ((".", "local"), {}, "positional argument"),
            ((".",), dict(enviroment_definition=1), "unexpected keyword argument 'enviroment_definition'"),
        ):
            for estimator in (Estimator, PyTorch, TensorFlow, SKLearn):
                with self.assertRaises(TypeError) as refused:
                    estimator(*arguments, **keywords)
                self.assertIn(words, str(refused.exception))

    def test_a_notebook_is_a_script_like_any_other(self):
        self.assertEqual(Estimator(".", entry_script="train.ipynb").run_config.script, "train.ipynb")


if __name__ == "__main__":
    unittest.main()
