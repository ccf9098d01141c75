"""Builds an environment before a run needs it: by a run that does nothing but have it."""
import copy

from switchyard_client.configuration.runconfiguration import RunConfiguration

#: The experiment of these runs, as v1 called it.
EXPERIMENT = "prepare_image"


class ImageBuildDetails:
    """A build that goes on; ``run`` is the run that has the environment built."""

    def __init__(self, environment, run):
        self.environment = environment
        self.run = run

    @property
    def status(self):
        """Running, Succeeded or Failed."""
        return {"Completed": "Succeeded", "Failed": "Failed", "Canceled": "Failed"}.get(self.run.get_status(), "Running")

    @property
    def log_url(self):
        """Where the server shows the run with the build's log."""
        return self.run.get_portal_url()

    def wait_for_completion(self, show_output=True):
        """Wait until the environment is there and return this; raises when it could not be built."""
        if show_output:
            print("Environment name: %s, version: %s" % (self.environment.name, self.environment.version))
            print("Run that builds it: %s" % self.run.id)
        self.run.wait_for_completion(show_output=show_output, raise_on_error=True)
        return self

    def __repr__(self):
        return "ImageBuildDetails(environment=%r, run=%r)" % (self.environment.name, self.run.id)


def build_environment(environment, workspace, compute=None, use_docker=None):
    """Register the environment (a curated one is there already), and submit the run."""
    from azureml.core.experiment import Experiment
    from switchyard_client.submitting import submit_script

    registered = environment if environment._is_reserved() else environment.register(workspace)
    configuration = RunConfiguration(command=["true"])
    configuration.environment = copy.deepcopy(registered)
    configuration.target = compute or "local"
    if use_docker is not None:
        configuration.environment.docker.enabled = use_docker
    experiment = Experiment(workspace, EXPERIMENT)
    run = submit_script(experiment, None, configuration._to_wire(), None, display_name="Build %s" % registered.name)
    return ImageBuildDetails(registered, run)


def image_details(found):
    """What the server shows of an environment, in the shape that v1 gave it. ``ingredients`` has a Dockerfile in any case: of an image,
    the line that begins with it."""
    docker = found["definition"].get("docker") or {}
    registry = docker.get("baseImageRegistry") or {}
    image, dockerfile = docker.get("baseImage"), docker.get("baseDockerfile")
    return {
        "dockerImage": {"name": "azureml/%s" % found["hash"], "registry": None},
        "baseImage": image,
        "baseImageRegistry": {"address": registry.get("address"), "username": registry.get("username")},
        "dockerfile": dockerfile,
        "ingredients": {"dockerfile": dockerfile or "FROM %s\n" % image},
        "environment": {"name": found["name"], "version": found["version"]},
    }
