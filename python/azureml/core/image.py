"""Configurations of images, from which services of 2018 were made. Images themselves are not built here."""
from switchyard_client.errors import not_built
from switchyard_client.later.modules import fill_in
from switchyard_client.services.image_configuration import ContainerImageConfig


class ContainerImage:
    """A namespace: ``image_configuration`` is what ``Webservice.deploy_from_model`` takes. There are no images to find or create."""

    def __new__(cls, *args, **kwargs):
        raise not_built("ContainerImage()", "deployment")

    @staticmethod
    def image_configuration(
        execution_script, runtime, conda_file=None, docker_file=None, schema_file=None, dependencies=None, enable_gpu=None, tags=None,
        properties=None, description=None, base_image=None, base_image_registry=None, cuda_version=None
    ):  # fmt: skip
        """What a service is to run: a script below the working directory, ``runtime`` ("python"), a conda file, files beside the script.

        ``docker_file`` holds further steps of a Dockerfile, which need a container engine.
        """
        return ContainerImageConfig(
            execution_script, runtime, conda_file, docker_file, schema_file, dependencies, enable_gpu, tags, properties, description,
            base_image, base_image_registry, cuda_version,
        )  # fmt: skip

    @staticmethod
    def create(*args, **kwargs):
        """Not built: ``Webservice.deploy_from_model`` makes a service of models and a configuration at once."""
        raise not_built("ContainerImage.create()", "deployment")

    @staticmethod
    def list(*args, **kwargs):
        """Not built: no images are kept."""
        raise not_built("ContainerImage.list()", "deployment")


fill_in(__name__)  # Image

__all__ = ["ContainerImage", "ContainerImageConfig"]
