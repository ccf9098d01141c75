"""What a web service runs, in the words of 2018: the configuration of an image that was made of a script, a conda file and files beside them."""
import copy
import os
import shutil
import tempfile

from switchyard_client.errors import UserErrorException
from switchyard_client.models import registering
from switchyard_client.services.deploying import deploy_models
from switchyard_client.services.inference import InferenceConfig


class ContainerImageConfig(InferenceConfig):
    """An entry script of the working directory with the files that it needs (``dependencies``) and its environment.

    No image is made of it: a service runs the script in the environment, as with an InferenceConfig. ``tags`` and ``properties``, which v1 kept
    with the image, become the service's; those of the deployment configuration win.
    """

    def __init__(
        self, execution_script, runtime, conda_file=None, docker_file=None, schema_file=None, dependencies=None, enable_gpu=None, tags=None,
        properties=None, description=None, base_image=None, base_image_registry=None, cuda_version=None
    ):  # fmt: skip
        self.execution_script = execution_script
        self.docker_file = docker_file
        self.schema_file = schema_file
        self.dependencies = [dependencies] if isinstance(dependencies, str) else list(dependencies or [])
        self.tags = registering.labels(tags, "tags")
        self.properties = registering.labels(properties, "properties")
        super().__init__(
            execution_script, runtime=runtime, conda_file=conda_file, extra_docker_file_steps=docker_file, enable_gpu=enable_gpu,
            description=description, base_image=base_image, base_image_registry=base_image_registry, cuda_version=cuda_version,
        )  # fmt: skip

    def _folder_and_script(self):
        script = os.path.relpath(self.entry_script)
        if script.startswith(os.pardir + os.sep):
            raise UserErrorException('The execution script "%s" is not below the working directory %s.' % (script, os.getcwd()))
        for path in self._beside():
            if not os.path.exists(path):
                raise UserErrorException('There is no file or folder "%s", which the execution script needs.' % os.path.abspath(path))
        if not self._beside() or self.source_directory is not None:
            return super()._folder_and_script()
        return None, script

    def _to_wire(self, server):
        self._check()
        if not self._beside():
            return super()._to_wire(server)
        gathered = copy.copy(self)
        gathered.source_directory = tempfile.mkdtemp(prefix="switchyard-image-")
        try:
            for path in [self.entry_script] + self._beside():
                _put(path, gathered.source_directory)
            gathered.entry_script = os.path.relpath(self.entry_script)
            return InferenceConfig._to_wire(gathered, server)
        finally:
            shutil.rmtree(gathered.source_directory, ignore_errors=True)

    def _beside(self):
        return self.dependencies + ([self.schema_file] if self.schema_file else [])


def deploy_as_configured(workspace, name, models, image_config, deployment_config, deployment_target, overwrite):
    """Deploy models with the configuration of an image; return the service."""
    if not isinstance(image_config, ContainerImageConfig):
        raise UserErrorException("image_config is made by ContainerImage.image_configuration(); it is %r." % (image_config,))
    if deployment_config is None:
        from azureml.core.webservice import AciWebservice

        deployment_config = AciWebservice.deploy_configuration()
    configuration = copy.copy(deployment_config)
    for labels in ("tags", "properties"):
        setattr(configuration, labels, dict(getattr(image_config, labels) or {}, **(getattr(deployment_config, labels, None) or {})) or None)
    return deploy_models(workspace, name, models, image_config, configuration, deployment_target, overwrite)


def _put(path, folder):
    """A copy at the same place below ``folder``; what lies outside of the working directory is put under its own name."""
    below = os.path.relpath(path)
    if below == os.curdir or below.startswith(os.pardir):
        below = os.path.basename(os.path.abspath(path))
    target = os.path.join(folder, below)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.isdir(path):
        shutil.copytree(path, target)
    else:
        shutil.copy(path, target)
