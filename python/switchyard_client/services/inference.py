"""What a web service runs: the entry script and its environment."""
import os
import shutil
import tempfile

from switchyard_client.configuration.conda import CondaDependencies
from switchyard_client.configuration.environment import Environment
from switchyard_client.configuration.words import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE
from switchyard_client.connect import home_folder
from switchyard_client.errors import UserErrorException, not_built
from switchyard_client.models.errors import WebserviceException
from switchyard_client.snapshots.scanning import scan_folder
from switchyard_client.snapshots.sending import send_snapshot

#: Environments that are made of the older form (runtime, conda file) have this name.
_UNNAMED = "inference_environment"
_RUNTIMES = ("python", "python-slim")


class InferenceConfig:
    """An entry script with the folder it is in and the environment it needs.

    ``entry_script`` is relative to ``source_directory``, which travels whole, ignore files or not; without one only the script
    travels. The environment is ``environment``, or in v1's older form ``runtime`` with ``conda_file``, ``base_image`` and so on.
    """

    def __init__(
        self, entry_script, runtime=None, conda_file=None, extra_docker_file_steps=None, source_directory=None, enable_gpu=None,
        description=None, base_image=None, base_image_registry=None, cuda_version=None, environment=None
    ):  # fmt: skip
        self.entry_script = entry_script
        self.runtime = runtime
        self.conda_file = conda_file
        self.extra_docker_file_steps = extra_docker_file_steps
        self.source_directory = source_directory
        self.enable_gpu = enable_gpu
        self.description = description
        self.base_image = base_image
        self.base_image_registry = base_image_registry
        self.cuda_version = cuda_version
        self.environment = environment
        self._check()

    def _check(self):
        if not isinstance(self.entry_script, str) or not self.entry_script.strip():
            raise WebserviceException("Which entry script? entry_script is %r." % (self.entry_script,))
        older = ("runtime", "conda_file", "extra_docker_file_steps", "enable_gpu", "base_image", "base_image_registry", "cuda_version")
        given = [name for name in older if getattr(self, name)]
        if self.environment is not None and given:
            raise WebserviceException("environment and the older form exclude each other; beside environment came %s." % ", ".join(given))
        if self.environment is None and not given:
            raise WebserviceException("Which environment? Give environment, or runtime with a conda_file.")
        if self.environment is not None and not hasattr(self.environment, "_for_run"):
            raise WebserviceException("environment is to be an azureml.core.Environment; it is %r." % (self.environment,))
        if self.runtime == "spark-py":
            raise not_built("InferenceConfig(runtime='spark-py')", "deployment")
        if self.runtime is not None and self.runtime not in _RUNTIMES:
            raise WebserviceException("The runtime is one of python, python-slim and spark-py; it is %r." % (self.runtime,))
        self._folder_and_script()

    def _folder_and_script(self):
        """The folder that travels (None: the script alone) and the script in it."""
        script = self.entry_script
        if self.source_directory is None:
            if not os.path.isfile(script):
                raise WebserviceException('There is no entry script "%s" in %s.' % (script, os.getcwd()))
            return None, os.path.basename(script)
        if not os.path.isdir(self.source_directory):
            raise WebserviceException('The source directory "%s" is no folder.' % self.source_directory)
        if not os.path.isfile(os.path.join(self.source_directory, script)):
            raise WebserviceException('There is no entry script "%s" in the source directory %s.' % (script, self.source_directory))
        return self.source_directory, os.path.normpath(script).replace(os.sep, "/")

    def _to_wire(self, server):
        """Send the folder; the part of a deployment that says what runs."""
        self._check()
        folder, script = self._folder_and_script()
        places = [folder or os.path.dirname(os.path.abspath(self.entry_script)), os.getcwd()]
        return {
            "entryScript": script,
            "snapshotId": _send(server, folder, self.entry_script),
            "environment": self._environment(places)._for_run(places),
            "description": self.description,
        }

    def _environment(self, places):
        if self.environment is not None:
            return self.environment
        made = Environment(_UNNAMED)
        if self.conda_file is not None:
            made.python.conda_dependencies = CondaDependencies(_found(self.conda_file, places, "conda file"))
        steps = self.extra_docker_file_steps
        if self.base_image or steps or self.enable_gpu or self.cuda_version:
            image = self.base_image or (DEFAULT_GPU_IMAGE if self.enable_gpu or self.cuda_version else DEFAULT_CPU_IMAGE)
            made.docker.enabled = True
            made.docker.base_image = image
            if self.base_image_registry is not None:
                made.docker.base_image_registry = self.base_image_registry
            if steps:
                with open(_found(steps, places, "file of extra Docker steps"), encoding="utf-8") as text:
                    made.docker.base_dockerfile = "FROM %s\n%s" % (image, text.read())
                made.docker.base_image = None
        return made

    def __repr__(self):
        return "InferenceConfig(entry_script=%r, source_directory=%r, environment=%s)" % (
            self.entry_script, self.source_directory, None if self.environment is None else self.environment.name,
        )  # fmt: skip


def _found(name, places, what):
    for place in places:
        path = os.path.join(str(place), name)
        if os.path.isfile(path):
            return path
    raise UserErrorException('There is no %s "%s" in %s.' % (what, name, " or ".join(dict.fromkeys(map(str, places)))))


def _send(server, folder, script):
    """Keep the folder, or a folder with nothing but the script, with the server; return the snapshot's id."""
    home = home_folder(os.environ)
    if folder is not None:
        return send_snapshot(server, scan_folder(folder, home, ignoring=False), home)[0]["snapshotId"]
    alone = tempfile.mkdtemp(prefix="switchyard-entry-")
    try:
        shutil.copy(script, os.path.join(alone, os.path.basename(script)))
        return send_snapshot(server, scan_folder(alone, None, ignoring=False), None)[0]["snapshotId"]
    finally:
        shutil.rmtree(alone, ignore_errors=True)
