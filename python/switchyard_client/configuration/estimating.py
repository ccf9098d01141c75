"""``Estimator``: a script with what it needs in one call, mapped to a run configuration (spec 07)."""
import os
import warnings

from switchyard_client.configuration.conda import CondaDependencies
from switchyard_client.configuration.distributions import distribution_of
from switchyard_client.configuration.environment import unnamed_environment
from switchyard_client.configuration.environmentsections import ContainerRegistry, find_file
from switchyard_client.configuration.fields import refuse
from switchyard_client.configuration.jobsections import TensorflowConfiguration
from switchyard_client.configuration.otherfiles import requirements_of
from switchyard_client.configuration.runconfiguration import RunConfiguration, arguments_of
from switchyard_client.configuration.scriptrunconfig import resumed
from switchyard_client.configuration.words import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE
from switchyard_client.errors import UserErrorException


class Estimator:
    """A training script of any framework. All but ``source_directory`` are keywords.

    ``script_params`` maps options to values (an empty text is a bare flag; data becomes paths). ``compute_target`` is a target, its
    name or "local"; ``vm_size`` makes a cluster for this run alone. ``environment_definition`` wins over everything that shapes an
    environment. The run configuration that comes of it is ``run_config``.
    """

    def __init__(
        self,
        source_directory,
        *,
        compute_target=None,
        vm_size=None,
        vm_priority=None,
        entry_script=None,
        script_params=None,
        node_count=1,
        process_count_per_node=1,
        distributed_backend=None,
        distributed_training=None,
        use_gpu=False,
        use_docker=True,
        custom_docker_base_image=None,
        custom_docker_image=None,
        image_registry_details=None,
        user_managed=False,
        conda_packages=None,
        pip_packages=None,
        conda_dependencies_file_path=None,
        pip_requirements_file_path=None,
        conda_dependencies_file=None,
        pip_requirements_file=None,
        environment_variables=None,
        environment_definition=None,
        inputs=None,
        source_directory_data_store=None,
        shm_size=None,
        resume_from=None,
        max_run_duration_seconds=None,
    ):
        if environment_definition is not None:
            shaping = dict(use_gpu=use_gpu, custom_docker_image=custom_docker_image, custom_docker_base_image=custom_docker_base_image)
            shaping.update(image_registry_details=image_registry_details, user_managed=user_managed, conda_packages=conda_packages)
            shaping.update(pip_packages=pip_packages, environment_variables=environment_variables, shm_size=shm_size)
            shaping.update(conda_dependencies_file=conda_dependencies_file, conda_dependencies_file_path=conda_dependencies_file_path)
            shaping.update(pip_requirements_file=pip_requirements_file, pip_requirements_file_path=pip_requirements_file_path)
            _say_what_has_no_effect([name for name, value in shaping.items() if value])
        image = _newer("custom_docker_image", custom_docker_image, "custom_docker_base_image", custom_docker_base_image)
        conda_file = _newer(
            "conda_dependencies_file", conda_dependencies_file, "conda_dependencies_file_path", conda_dependencies_file_path
        )
        pip_file = _newer("pip_requirements_file", pip_requirements_file, "pip_requirements_file_path", pip_requirements_file_path)
        training = _newer("distributed_training", distributed_training, "distributed_backend", distributed_backend)
        self.source_directory = "." if source_directory is None else source_directory
        self._script_params = _checked_params(script_params)
        self._inputs = _checked_inputs(inputs)
        self._resume_from = resume_from
        self.run_config = RunConfiguration(script=entry_script)
        self._choose_target(compute_target, vm_size, vm_priority, node_count)
        if environment_definition is not None:
            if not hasattr(environment_definition, "_for_run"):
                refuse("environment_definition", "an Environment", environment_definition)
            self.run_config.environment = environment_definition
        else:
            environment = self.run_config.environment = unnamed_environment()
            environment.docker.base_image = image or (DEFAULT_GPU_IMAGE if use_gpu else DEFAULT_CPU_IMAGE)
            environment.docker.gpu_support = bool(use_gpu)
            environment.docker._set(base_image_registry=_registry(image_registry_details), shm_size=shm_size)
            environment.docker.enabled = use_docker
            environment.environment_variables = dict(environment_variables or {})
            environment.python.user_managed_dependencies = user_managed
            distributed = distribution_of(training, node_count, process_count_per_node, type(self).__name__)
            own = [] if conda_file is not None or user_managed else self._own_packages(use_gpu, distributed)
            environment.python.conda_dependencies = self._dependencies(own, conda_file, pip_file, conda_packages, pip_packages)
        self._distribute(training, node_count, process_count_per_node)
        self.run_config.max_run_duration_seconds = max_run_duration_seconds
        self._set_datastore(source_directory_data_store)

    # --- how it is mapped

    def _choose_target(self, compute_target, vm_size, vm_priority, node_count):
        if compute_target is not None and vm_size is not None:
            raise UserErrorException("compute_target and vm_size exclude each other: vm_size makes a cluster for this run alone.")
        if vm_size is None and vm_priority is not None:
            raise UserErrorException("vm_priority says how the cluster of vm_size is made; give vm_size with it.")
        if vm_size is not None:
            self.run_config.target = "amlcompute"
            self.run_config.amlcompute.vm_size = vm_size
            self.run_config.amlcompute.vm_priority = vm_priority
            self.run_config.amlcompute.cluster_max_node_count = node_count
        else:
            self.run_config.target = compute_target or "local"

    def _distribute(self, training, node_count, process_count_per_node):
        distributed = distribution_of(training, node_count, process_count_per_node, type(self).__name__)
        if distributed is None:
            self.run_config.node_count = node_count
        else:
            distributed._apply(self.run_config)
            if isinstance(distributed, TensorflowConfiguration):
                self.run_config.node_count = node_count  # which may well be fewer than there are workers

    def _own_packages(self, use_gpu, distributed):
        """What a framework brings: requirements of pip, and Python as ``python=3.6``."""
        return []

    def _dependencies(self, own, conda_file, pip_file, conda_packages, pip_packages):
        made = CondaDependencies()
        for requirement in own:
            made.add_conda_package(requirement) if requirement.startswith("python=") else made.add_pip_package(requirement)
        if conda_file is not None:
            made = CondaDependencies(find_file(conda_file, [str(self.source_directory), os.getcwd()]))
            if not made.pip_packages or not any(each.lower().startswith("azureml") for each in made.pip_packages):
                made.add_pip_package("azureml-defaults")
        if pip_file is not None:
            for requirement in requirements_of(find_file(pip_file, [str(self.source_directory), os.getcwd()])):
                made.set_pip_option(requirement) if requirement.startswith("-") else made.add_pip_package(requirement)
        more = CondaDependencies.create(conda_packages=conda_packages, pip_packages=pip_packages)
        made._merge_dependencies(more)
        return made

    def _set_datastore(self, datastore):
        self.run_config.source_directory_data_store = getattr(datastore, "name", datastore)

    # --- what people use

    @property
    def conda_dependencies(self):
        """The packages of the environment, as ``CondaDependencies``."""
        return self.run_config.environment.python.conda_dependencies

    def fit(self, workspace, experiment_name):
        """The oldest way to submit: ``Experiment(workspace, experiment_name).submit(estimator)``."""
        from azureml.core.experiment import Experiment

        return Experiment(workspace, experiment_name).submit(self)

    def _to_wire(self, script_params=None, inputs=None):
        wire = self.run_config._to_wire(source_directory=str(self.source_directory))
        for data in self._inputs if inputs is None else _checked_inputs(inputs):
            data._add_to(wire)
        params = self._script_params if script_params is None else _checked_params(script_params)
        given = self.run_config.arguments or []
        wire["arguments"] = arguments_of(list(given) + flattened(params), wire, "script_params")
        if self._resume_from is not None:
            wire["arguments"] += ["--resume-from", resumed(self._resume_from, wire)]
        return wire

    def _ready(self, workspace, script_params=None, inputs=None):
        """What is submitted to a workspace: the source folder and the run configuration as JSON."""
        from switchyard_client.configuration.interpreter import with_own_interpreter

        return self.source_directory, with_own_interpreter(self._to_wire(script_params, inputs), workspace._server)

    def _submit(self, experiment, tags=None, script_params=None, inputs=None, source_directory_data_store=None, **kwargs):
        """Submit to an experiment; what is given here takes the place of what the constructor got."""
        from switchyard_client.submitting import submit_script

        if source_directory_data_store is not None:
            self._set_datastore(source_directory_data_store)
        folder, wire = self._ready(experiment.workspace, script_params, inputs)
        return submit_script(experiment, folder, wire, tags, **kwargs)

    def __repr__(self):
        return "%s(source_directory=%r, entry_script=%r)" % (type(self).__name__, str(self.source_directory), self.run_config.script)


def flattened(params):
    """Options and values in turn; an empty text is no value at all."""
    flat = []
    for option, value in params.items():
        flat.append(option)
        if not (isinstance(value, str) and value == ""):
            flat.append(value)
    return flat


def _checked_params(params):
    if params is None:
        return {}
    if not isinstance(params, dict):
        return refuse("script_params", 'a mapping such as {"--epochs": 5}', params)
    for option in params:
        if not isinstance(option, str):
            refuse("script_params", "texts as options", option)
    return dict(params)


def _checked_inputs(inputs):
    if inputs is None:
        return []
    if not isinstance(inputs, (list, tuple)):
        return refuse("inputs", "a list of data", inputs)
    for index, data in enumerate(inputs):
        if not hasattr(data, "_add_to"):
            refuse("inputs[%d]" % index, "a DataReference, or a dataset with as_named_input()", data)
    return list(inputs)


def _newer(name, value, older_name, older_value):
    """The value of a parameter that has an older name as well."""
    if older_value is None:
        return value
    if value is not None:
        raise UserErrorException("%s is the older name of %s; give one of them." % (older_name, name))
    warnings.warn("%s is the older name of %s." % (older_name, name), DeprecationWarning, stacklevel=4)
    return older_value


def _registry(details):
    if details is None or isinstance(details, ContainerRegistry):
        return details
    return refuse("image_registry_details", "a ContainerRegistry", details)


def _say_what_has_no_effect(names):
    if names:
        warnings.warn(
            "environment_definition counts, so that %s %s no effect." % (", ".join(names), "have" if names[1:] else "has"), stacklevel=3
        )
