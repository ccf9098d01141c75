"""The sections of an environment: Python, Docker, Spark, Databricks (spec 01 section 3, spec 03 section 3)."""
import os

from switchyard_client.configuration.conda import CondaDependencies
from switchyard_client.configuration.condacontent import read_conda_file
from switchyard_client.configuration.fields import Anything, Flag, Inner, Several, Text, Texts, refuse
from switchyard_client.configuration.section import Field, Section
from switchyard_client.configuration.words import DEFAULT_CPU_IMAGE
from switchyard_client.errors import UserErrorException

_FOLDERS = ("", ".azureml", "aml_config")


class _Conda:
    """The kind of ``conda_dependencies``."""

    def absent(self):
        return None

    def read(self, given, where):
        return None if given is None else CondaDependencies(_underlying_structure=given)

    def wire(self, value, where):
        if value is None:
            return None
        if not isinstance(value, CondaDependencies):
            return refuse(where, "a CondaDependencies", value)
        return value._to_wire(where)


class PythonSection(Section):
    """Where the Python of a run and its packages come from.

    ``user_managed_dependencies``: True takes what is installed, by ``interpreter_path``; False builds an environment from
    ``conda_dependencies`` (or from the file that ``conda_dependencies_file`` names).
    """

    _fields = (
        Field("user_managed_dependencies", "userManagedDependencies", Flag(False)),
        Field("interpreter_path", "interpreterPath", Text("python")),
        Field("conda_dependencies_file", "condaDependenciesFile", Text()),
        Field("_conda_dependencies", "condaDependencies", _Conda(), later=True),
        Field("base_conda_environment", "baseCondaEnvironment", Text()),
    )

    def __init__(self):
        super().__init__()
        self._conda_dependencies = CondaDependencies()

    @property
    def conda_dependencies(self):
        """What to install, as a ``CondaDependencies``; read from ``conda_dependencies_file`` when only that is given."""
        if self._conda_dependencies is None and self.conda_dependencies_file:
            self._conda_dependencies = CondaDependencies(find_file(self.conda_dependencies_file, [os.getcwd()]))
        return self._conda_dependencies

    @conda_dependencies.setter
    def conda_dependencies(self, dependencies):
        if dependencies is not None and not isinstance(dependencies, CondaDependencies):
            raise UserErrorException("conda_dependencies: expected a CondaDependencies, came %r." % (dependencies,))
        object.__setattr__(self, "_conda_dependencies", dependencies)
        object.__setattr__(self, "conda_dependencies_file", None)

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "conda_dependencies_file" and value is not None:
            object.__setattr__(self, "_conda_dependencies", None)  # the file says it now

    def _inlined(self, wire, folders):
        """The wire form with the content of the conda file in it."""
        if self._conda_dependencies is None and self.conda_dependencies_file and not wire["userManagedDependencies"]:
            path = find_file(self.conda_dependencies_file, folders)
            wire["condaDependencies"] = CondaDependencies(_underlying_structure=read_conda_file(path))._to_wire(path)
        return wire


def find_file(named, folders):
    """A file that a configuration names, relative to the project's folder, else to its configuration folder."""
    candidates = [os.path.join(folder, inner, os.fspath(named)) for folder in folders for inner in _FOLDERS]
    for candidate in candidates:
        if os.path.isfile(candidate):
            return candidate
    raise UserErrorException('There is no conda file "%s" in %s.' % (named, " or ".join(os.path.abspath(folder) for folder in folders)))


class ContainerRegistry(Section):
    """Where a base image is pulled from: ``address``, ``username``, ``password``."""

    _fields = (Field("address", "address", Text()), Field("username", "username", Text()), Field("password", "password", Text()))


class DockerImagePlatform(Section):
    """What an image is made for: ``os``, ``architecture``."""

    _fields = (Field("os", "os", Text("Linux")), Field("architecture", "architecture", Text("amd64")))


class DockerSection(Section):
    """The container of a run: ``enabled``, ``base_image`` or ``base_dockerfile`` (its text or its path), ``shm_size`` ..."""

    _fields = (
        Field("enabled", "enabled", Flag(False)),
        Field("base_image", "baseImage", Text(DEFAULT_CPU_IMAGE)),
        Field("base_dockerfile", "baseDockerfile", Text()),
        Field("shared_volumes", "sharedVolumes", Flag(True)),
        Field("gpu_support", "gpuSupport", Flag(False)),
        Field("shm_size", "shmSize", Text("1g", numbers=True)),
        Field("arguments", "arguments", Texts()),
        Field("base_image_registry", "baseImageRegistry", Inner(ContainerRegistry)),
        Field("platform", "platform", Inner(DockerImagePlatform), later=True),
    )

    def _to_wire(self, where=""):
        wire = super()._to_wire(where)
        file = wire["baseDockerfile"]
        if file is not None:
            wire["baseDockerfile"] = _dockerfile_text(file)
            if wire["baseImage"] == DEFAULT_CPU_IMAGE:  # nobody chose it
                wire["baseImage"] = None
        return wire


def _dockerfile_text(file):
    """A Dockerfile is given as its text, or as the path of it."""
    if "\n" in file or not os.path.isfile(file):
        if "\n" not in file and not file.strip().upper().startswith("FROM"):
            raise UserErrorException('base_dockerfile: "%s" is neither a file nor the text of a Dockerfile, which begins with FROM.' % file)
        return file
    with open(file, encoding="utf-8") as text:
        return text.read()


class SparkPackage(Section):
    """A Maven package: ``group``, ``artifact``, ``version``."""

    _fields = (Field("group", "group", Text()), Field("artifact", "artifact", Text()), Field("version", "version", Text(numbers=True)))

    def __init__(self, group=None, artifact=None, version=None):
        super().__init__()
        self._set(group=group, artifact=artifact, version=version)


class SparkSection(Section):
    """What a Spark environment needs installed: ``repositories``, ``packages``, ``precache_packages``."""

    _fields = (
        Field("repositories", "repositories", Texts()),
        Field("packages", "packages", Several(SparkPackage)),
        Field("precache_packages", "precachePackages", Flag(True)),
    )


class MavenLibrary(Section):
    """A Maven library of a Databricks cluster."""

    _fields = (
        Field("coordinates", "coordinates", Text()),
        Field("repo", "repo", Text()),
        Field("exclusions", "exclusions", Anything(list)),
    )

    def __init__(self, coordinates=None, repo=None, exclusions=None):
        super().__init__()
        self._set(coordinates=coordinates, repo=repo, exclusions=exclusions)


class PyPiLibrary(Section):
    """A Python package of a Databricks cluster."""

    _fields = (Field("package", "package", Text()), Field("repo", "repo", Text()))

    def __init__(self, package=None, repo=None):
        super().__init__()
        self._set(package=package, repo=repo)


class RCranLibrary(PyPiLibrary):
    """An R package of a Databricks cluster."""


class JarLibrary(Section):
    """A JAR file of a Databricks cluster."""

    _fields = (Field("library", "library", Text()),)

    def __init__(self, library=None):
        super().__init__()
        self._set(library=library)


class EggLibrary(JarLibrary):
    """A Python egg of a Databricks cluster."""


class DatabricksSection(Section):
    """Libraries for a Databricks cluster."""

    _fields = (
        Field("maven_libraries", "mavenLibraries", Several(MavenLibrary)),
        Field("pypi_libraries", "pypiLibraries", Several(PyPiLibrary)),
        Field("rcran_libraries", "rcranLibraries", Several(RCranLibrary)),
        Field("jar_libraries", "jarLibraries", Several(JarLibrary)),
        Field("egg_libraries", "eggLibraries", Several(EggLibrary)),
    )
