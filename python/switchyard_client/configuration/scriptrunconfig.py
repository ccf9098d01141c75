"""``ScriptRunConfig``: a script with its folder, ready to be submitted."""
import copy
import json

from switchyard_client.configuration.fields import refuse
from switchyard_client.configuration.runconfiguration import RunConfiguration, arguments_of
from switchyard_client.configuration.section import masked
from switchyard_client.errors import UserErrorException

#: 30 days, as v1 had it.
DEFAULT_MAX_SECONDS = 2592000


class ScriptRunConfig:
    """A script (or a command) of a source folder, and the run configuration that it runs by.

    ``compute_target``, ``environment``, ``distributed_job_config`` and ``docker_runtime_config`` win over what ``run_config`` says.
    Without a target it is the machine that submits. ``arguments`` is a list; data among them becomes paths.
    """

    def __init__(
        self,
        source_directory,
        script=None,
        arguments=None,
        run_config=None,
        _telemetry_values=None,
        compute_target=None,
        environment=None,
        distributed_job_config=None,
        resume_from=None,
        max_run_duration_seconds=DEFAULT_MAX_SECONDS,
        command=None,
        docker_runtime_config=None,
    ):
        if script is not None and command is not None:
            raise UserErrorException("script and command exclude each other; give one of them.")
        if run_config is not None and not isinstance(run_config, RunConfiguration):
            refuse("run_config", "a RunConfiguration", run_config)
        over = [compute_target, environment, distributed_job_config, docker_runtime_config]
        self.source_directory = "." if source_directory in (None, "") else source_directory  # as scripts of the time wrote it
        self.resume_from = resume_from
        self.run_config = _copied(run_config) if run_config is not None and any(each is not None for each in over) else run_config
        if self.run_config is None:
            self.run_config = RunConfiguration()
            self.run_config.max_run_duration_seconds = max_run_duration_seconds
        elif max_run_duration_seconds not in (None, DEFAULT_MAX_SECONDS):
            self.run_config.max_run_duration_seconds = max_run_duration_seconds
        self.run_config._set(target=compute_target, environment=environment, docker=docker_runtime_config)
        if distributed_job_config is not None:
            if not hasattr(distributed_job_config, "_apply"):
                refuse(
                    "distributed_job_config", "an MpiConfiguration, TensorflowConfiguration or PyTorchConfiguration", distributed_job_config
                )
            distributed_job_config._apply(self.run_config)
        self.script = script if script is not None or command is not None else self.run_config.script
        self.arguments = arguments if arguments is not None else self.run_config.arguments
        self.command = command if command is not None or script is not None else self.run_config.command

    def _to_wire(self):
        """The run configuration as the HTTP API takes it, with this script and these arguments."""
        configuration = copy.copy(self.run_config)
        configuration.script = self.script
        configuration.command = None if self.script else self.command
        configuration.arguments = []
        wire = configuration._to_wire(source_directory=self.source_directory)
        if wire["maxRunDurationSeconds"] == DEFAULT_MAX_SECONDS and wire["target"] != "local":
            wire["maxRunDurationSeconds"] = None  # nobody asked for it: the limit of the target counts, which may be shorter
        wire["arguments"] = arguments_of(self.arguments, wire)
        if self.resume_from is not None:
            wire["arguments"] += ["--resume-from", resumed(self.resume_from, wire)]
        return wire

    def _ready(self, workspace):
        """What is submitted to a workspace: the source folder and the run configuration as JSON."""
        from switchyard_client.configuration.interpreter import with_own_interpreter
        return self.source_directory, with_own_interpreter(self._to_wire(), workspace._server)

    def _submit(self, experiment, tags=None, **kwargs):
        """Submit to an experiment; ``Experiment.submit`` calls this."""
        from switchyard_client.configuration.references import SameSubmission
        from switchyard_client.submitting import submit_script

        folder, wire = self._ready(experiment.workspace)
        same = SameSubmission(experiment, folder, wire)
        wire, properties = same.with_references(wire)
        if properties:
            kwargs["properties"] = dict(properties, **(kwargs.get("properties") or {}))
        run = submit_script(experiment, folder, wire, tags, **kwargs)
        same.was_submitted(wire, run.id)
        return run

    def __repr__(self):
        shown = {
            "source_directory": str(self.source_directory),
            "script": self.script,
            "arguments": self.arguments,
            "command": self.command,
        }
        shown["run_config"] = masked(self.run_config._to_wire())
        return json.dumps(shown, indent=4, default=repr)


def _copied(run_config):
    """A configuration of one's own: what is set on it does not show in the one that was given."""
    return copy.copy(run_config)


def resumed(data_path, wire):
    """The argument for a path that holds what an earlier run left."""
    if not hasattr(data_path, "_add_to"):
        from azureml.data.data_reference import DataReference

        datastore = getattr(data_path, "datastore", None)
        if datastore is None:
            refuse("resume_from", "a DataPath with a datastore", data_path)
        name = getattr(data_path, "name", None) or "MODEL_LOCATION"
        data_path = DataReference(datastore, data_reference_name=name, path_on_datastore=data_path.path_on_datastore)
    return data_path._add_to(wire)
