"""``RunConfiguration``: how and where a script runs (spec 01)."""
import os

from switchyard_client.configuration.conda import CondaDependencies
from switchyard_client.configuration.datasections import Data, DataReferenceConfiguration, OutputData
from switchyard_client.configuration.environment import Environment, environment_of, unnamed_environment
from switchyard_client.configuration.fields import (
    Anything,
    Flag,
    Inner,
    Named,
    Number,
    Text,
    Texts,
    Variables,
    Word,
    as_argument,
    count,
    refuse,
)
from switchyard_client.configuration.jobsections import (
    AmlComputeConfiguration,
    BatchAiConfiguration,
    CommandReturnCodeConfiguration,
    ContainerInstanceConfiguration,
    DockerConfiguration,
    HdiConfiguration,
    HistoryConfiguration,
    MpiConfiguration,
    ParallelTaskConfiguration,
    PyTorchConfiguration,
    RestartConfiguration,
    SparkConfiguration,
    TensorflowConfiguration,
)
from switchyard_client.configuration.section import Field, Section
from switchyard_client.configuration.words import COMBINED_FRAMEWORKS, COMMUNICATORS, FRAMEWORKS, RESERVED_TARGETS

_OLDER_FRAMEWORKS = {older: framework for older, (framework, _) in COMBINED_FRAMEWORKS.items()}


class _Environment(Inner):
    """The kind of ``environment``."""

    def __init__(self):
        super().__init__(Environment)

    def absent(self):
        return unnamed_environment()

    def read(self, given, where):
        return environment_of({} if given is None else given, where)

    def wire(self, value, where):
        if hasattr(value, "_for_run"):
            return value._to_wire(where)
        return refuse(where, "an Environment", value)


class _Target:
    """A compute target, or its name."""

    def absent(self):
        return "local"

    def read(self, given, where):
        return self.wire(given, where)

    def wire(self, value, where):
        name = getattr(value, "name", value)
        if name is None or name == "":
            return "local"
        if not isinstance(name, str):
            return refuse(where, "a compute target or its name", value)
        return name.lower() if name.lower() in RESERVED_TARGETS else name


class _Command:
    """A command line as one text, or as a list of its parts."""

    def absent(self):
        return None

    def read(self, given, where):
        return given if given is None or isinstance(given, str) else Texts().read(given, where)

    def wire(self, value, where):
        return value or "" if value is None or isinstance(value, str) else Texts().wire(value, where)


class RunConfiguration(Section):
    """How a script runs, where, and with what around it. Everything but what the constructor takes is set by attributes.

    ``target`` is a compute target or its name; ``framework`` and ``communicator`` are words of spec 01; ``environment`` is an
    ``Environment``; ``max_run_duration_seconds`` None means no limit.
    """

    _fields = (
        Field("script", "script", Text()),
        Field("command", "command", _Command(), later=True),
        Field("use_absolute_path", "useAbsolutePath", Flag(False), later=True),
        Field("arguments", "arguments", Texts()),
        Field("target", "target", _Target()),
        Field("framework", "framework", Word(FRAMEWORKS, "Python", _OLDER_FRAMEWORKS)),
        Field("communicator", "communicator", Word(COMMUNICATORS, "None")),
        Field("auto_prepare_environment", "autoPrepareEnvironment", Flag(True), also=("prepareEnvironment",)),
        Field("max_run_duration_seconds", "maxRunDurationSeconds", Number(None, 0.001)),
        Field("node_count", "nodeCount", count(1)),
        Field("priority", "priority", Number(None, whole=True), later=True),
        Field("job_name", "jobName", Text(), later=True),
        Field("environment_variables", "environmentVariables", Variables(), later=True),
        Field("environment", "environment", _Environment()),
        Field("docker", "docker", Inner(DockerConfiguration), later=True),
        Field("history", "history", Inner(HistoryConfiguration)),
        Field("spark", "spark", Inner(SparkConfiguration)),
        Field("hdi", "hdi", Inner(HdiConfiguration)),
        Field("tensorflow", "tensorflow", Inner(TensorflowConfiguration)),
        Field("mpi", "mpi", Inner(MpiConfiguration)),
        Field("pytorch", "pyTorch", Inner(PyTorchConfiguration), later=True),
        Field("parallel_task", "parallelTask", Inner(ParallelTaskConfiguration), later=True),
        Field("restart", "restart", Inner(RestartConfiguration), later=True),
        Field("data_references", "dataReferences", Named(DataReferenceConfiguration)),
        Field("data", "data", Named(Data)),
        Field("output_data", "outputData", Named(OutputData), later=True),
        Field("datacaches", "datacaches", Anything(list), later=True),
        Field("source_directory_data_store", "sourceDirectoryDataStore", Text()),
        Field("amlcompute", "amlCompute", Inner(AmlComputeConfiguration), yaml="amlcompute"),
        Field("container_instance", "containerInstance", Inner(ContainerInstanceConfiguration), later=True),
        Field("batchai", "batchAi", Inner(BatchAiConfiguration), later=True),
        Field("command_return_code_config", "commandReturnCodeConfig", Inner(CommandReturnCodeConfiguration), later=True),
        Field("credential_passthrough", "credentialPassthrough", Flag(False), later=True),
        Field("identity", "identity", Anything(), later=True),
    )
    _older = {"prepare_environment": "auto_prepare_environment", "py_torch": "pytorch", "aml_compute": "amlcompute", "batch_ai": "batchai"}

    def __init__(
        self,
        script=None,
        arguments=None,
        framework=None,
        communicator=None,
        conda_dependencies=None,
        _history_enabled=None,
        _path=None,
        _name=None,
        command=None,
    ):
        super().__init__()
        self._path = _path
        self._name = _name
        self.communicator = communicator or "None"
        self.framework = framework or "Python"
        self._set(script=script, arguments=arguments, command=command)
        self._set_dependencies(conda_dependencies)
        if _history_enabled is not None:
            self.history.output_collection = _history_enabled

    def _set_dependencies(self, given):
        if given is not None:
            self.environment.python.conda_dependencies = given if isinstance(given, CondaDependencies) else CondaDependencies(given)

    def __setattr__(self, name, value):
        if name == "framework" and isinstance(value, str) and value.lower() in COMBINED_FRAMEWORKS:
            value, communicator = COMBINED_FRAMEWORKS[value.lower()]
            if communicator != "None" and getattr(self, "communicator", "None") == "None":
                super().__setattr__("communicator", communicator)
        super().__setattr__(name, value)

    # --- files

    @staticmethod
    def load(path=None, name=None, project_object=None, run_config_name=None):
        """The run configuration of a file: ``path`` is the file, or the project's folder in which ``name`` is looked up.

        ``project_object`` and ``run_config_name`` are the older words for the two.
        """
        from switchyard_client.configuration.files import load

        return load(path if path is not None else project_object, name if name is not None else run_config_name)

    def save(self, path=None, name=None, separate_environment_yaml=False):
        """Write ``<name>.runconfig`` into the configuration folder of the project at ``path`` (or to the file ``path``).

        The conda file goes beside it; with ``separate_environment_yaml`` the whole environment does.
        """
        from switchyard_client.configuration.files import save

        return save(self, path, name, separate_environment_yaml)

    @staticmethod
    def delete(path, name):
        """Remove the file of a run configuration."""
        from switchyard_client.configuration.files import delete

        delete(path, name)

    # --- within

    @classmethod
    def _read(cls, given, where):
        made = super(RunConfiguration, cls)._read(given, where)
        made._path = made._name = None
        keys = {str(key).lower().replace("_", ""): value for key, value in given.items()}
        older = COMBINED_FRAMEWORKS.get(str(keys.get("framework", "")).lower())
        if older is not None and older[1] != "None" and made.communicator == "None":
            made.communicator = older[1]
        if made.batchai.node_count is not None and "nodecount" not in keys:
            made.node_count = made.batchai.node_count
        return made

    def _to_wire(self, where="", source_directory=None):
        """The JSON of the HTTP API. Files that it names are inlined; they are looked up from ``source_directory`` first."""
        given = self.arguments
        wire = self._without_arguments(where)
        folders = [folder for folder in (source_directory, self._path, os.getcwd()) if folder is not None]
        wire["environment"] = self.environment._for_run(folders)
        for section in ("data_references", "data", "output_data"):
            for data in (getattr(self, section) or {}).values():
                if hasattr(data, "_add_to"):
                    data._add_to(wire)
        wire["arguments"] = arguments_of(given, wire)
        if not isinstance(self.command, str) and self.command:
            wire["command"] = arguments_of(self.command, wire, "command")
        return wire

    def _without_arguments(self, where):
        arguments, command = self.arguments, self.command
        object.__setattr__(self, "arguments", [])
        object.__setattr__(self, "command", command if isinstance(command, str) else None)
        try:
            return super()._to_wire(where)
        finally:
            object.__setattr__(self, "arguments", arguments)
            object.__setattr__(self, "command", command)


def arguments_of(given, wire, where="arguments"):
    """Arguments as texts. Data among them is added to the wire form, and its argument is the text that stands for it."""
    if given is None:
        return []
    if isinstance(given, str) or not isinstance(given, (list, tuple)):
        return refuse(where, 'a list such as ["--epochs", 5]', given)
    texts = []
    for index, each in enumerate(given):
        place = "%s[%d]" % (where, index)
        texts.append(each._add_to(wire) if hasattr(each, "_add_to") else as_argument(_no_bare_data(each, place), place))
    return texts


def _no_bare_data(value, where):
    """The printed form of a dataset or datastore is no use to any script."""
    if hasattr(value, "as_named_input"):
        return refuse(where, 'data as the script meets it, such as dataset.as_named_input("name").as_mount()', value)
    if hasattr(value, "datastore_type"):
        return refuse(where, 'data as the script meets it, such as datastore.path("folder").as_mount()', value)
    return value
