"""``Environment``: interpreter, packages, image and variables of a run, registered in a workspace by name and version."""
import copy
import json
import os

from switchyard_client.configuration.conda import CondaDependencies
from switchyard_client.configuration.environmentsections import DatabricksSection, DockerSection, PythonSection, SparkSection
from switchyard_client.configuration.fields import Inner, Text, Variables, Word, folded, nearest
from switchyard_client.configuration.section import Field, Section
from switchyard_client.errors import ServiceException, UserErrorException, not_built

#: The files of an environment's folder, the ones that ``switchyard environment scaffold`` writes.
ENVIRONMENT_FILE = "azureml_environment.json"
CONDA_FILE = "conda_dependencies.yml"
#: Of an environment made by a script; files that say nothing mean the 1g of their time.
_SHM_SIZE = "2g"
_RESERVED = ("azureml", "microsoft")


class Environment(Section):
    """What a script needs around it. ``environment_variables`` are set for its process."""

    _fields = (
        Field("name", "name", Text()),
        Field("version", "version", Text(numbers=True)),
        Field("environment_variables", "environmentVariables", Variables()),
        Field("python", "python", Inner(PythonSection)),
        Field("docker", "docker", Inner(DockerSection)),
        Field("spark", "spark", Inner(SparkSection)),
        Field("databricks", "databricks", Inner(DatabricksSection)),
        Field("inferencing_stack_version", "inferencingStackVersion", Word(("latest",), None)),
    )

    def __init__(self, name, **kwargs):
        super().__init__()
        if not isinstance(name, str) or not name.strip():
            raise UserErrorException("An environment needs a name; it is %r." % (name,))
        self.name = name
        self.docker.shm_size = _SHM_SIZE
        self._set(**kwargs)

    # --- making one

    @staticmethod
    def from_conda_specification(name, file_path):
        """The environment that a conda file describes."""
        made = Environment(name)
        made.python.conda_dependencies = CondaDependencies(file_path)
        return made

    @staticmethod
    def from_pip_requirements(name, file_path, pip_version=None):
        """The environment that a requirements file describes."""
        from switchyard_client.configuration.otherfiles import requirements_of

        made = Environment(name)
        pip = "pip" if pip_version is None else "pip=%s" % pip_version
        conda = {"name": "project_environment", "dependencies": ["python", pip, {"pip": requirements_of(file_path)}]}
        made.python.conda_dependencies = CondaDependencies(_underlying_structure=conda)
        return made

    @staticmethod
    def from_existing_conda_environment(name, conda_environment_name):
        """A copy of a conda environment of this machine, as conda exports it."""
        from switchyard_client.configuration.otherfiles import exported_by_conda

        made = Environment(name)
        made.python.conda_dependencies = CondaDependencies(_underlying_structure=exported_by_conda(conda_environment_name))
        return made

    @staticmethod
    def from_docker_image(name, image, container_registry=None, conda_specification=None, pip_requirements=None):
        """An environment upon an image. Without packages of its own, the Python that the image has is taken as it is."""
        made = Environment._upon(name, conda_specification, pip_requirements)
        made.docker.base_image = image
        if container_registry is not None:
            made.docker.base_image_registry = container_registry
        return made

    @staticmethod
    def from_dockerfile(name, dockerfile, conda_specification=None, pip_requirements=None):
        """An environment upon a Dockerfile, given as its path or its text. Without packages of its own, its Python is taken."""
        made = Environment._upon(name, conda_specification, pip_requirements)
        made.docker.base_image = None
        made.docker.base_dockerfile = dockerfile
        return made

    @staticmethod
    def from_docker_build_context(name, docker_build_context):
        """Not built: an image of a folder with a Dockerfile."""
        raise not_built("Environment.from_docker_build_context()", "environments")

    @staticmethod
    def _upon(name, conda_specification, pip_requirements):
        if conda_specification is not None and pip_requirements is not None:
            raise UserErrorException("conda_specification and pip_requirements exclude each other.")
        if conda_specification is not None:
            return Environment.from_conda_specification(name, conda_specification)
        if pip_requirements is not None:
            return Environment.from_pip_requirements(name, pip_requirements)
        made = Environment(name)
        made.python.user_managed_dependencies = True
        return made

    def clone(self, new_name):
        """A copy under another name, which belongs to no version yet."""
        made = copy.deepcopy(self)
        made.name = Environment(new_name).name
        made.version = None
        made._fetched = None
        return made

    # --- in a workspace

    def register(self, workspace):
        """Keep the environment in the workspace and return it with its version; an unchanged one keeps the version it has."""
        server = workspace._server
        definition = dict(self._to_wire(), version=None)
        definition["python"] = self.python._inlined(definition["python"], [os.getcwd()])
        if self._is_reserved() and self._fetched is None:
            raise UserErrorException('Names that begin with AzureML or Microsoft are reserved; "%s" does. Choose another.' % self.name)
        if self._is_reserved():
            raise UserErrorException(
                '"%s" is a curated environment; environment.clone("my-name") gives you one to change and register.' % self.name
            )
        return environment_of_server(server.ask("POST", server.path("environments"), body=definition))

    @staticmethod
    def get(workspace, name, version=None, label=None):
        """The environment of a name in the workspace, the latest version unless another is named."""
        if label is not None and (version is not None or str(label).lower() != "latest"):
            raise UserErrorException('label can only be "Latest", without a version; it is %r.' % (label,))
        server = workspace._server
        query = None if version is None else {"version": str(version)}
        try:
            return environment_of_server(server.ask("GET", server.path("environments", name), query=query))
        except ServiceException as error:
            if error.code != "not_found":
                raise
            raise _missing(server, name, error) from error

    @staticmethod
    def list(workspace):
        """Name -> latest version of every environment in the workspace."""
        server = workspace._server
        return {each["name"]: environment_of_server(each) for each in server.ask("GET", server.path("environments"))}

    @staticmethod
    def label(workspace, name, version, labels):
        """Not built: words of one's own for versions; ``get(label="Latest")`` gives the newest."""
        raise not_built("Environment.label()", "environments")

    def build(self, workspace, image_build_compute=None):
        """Prepare the environment now, on the server's machine or on ``image_build_compute``; returns what can be waited for.

        Nothing is built again for a definition that is already there.
        """
        from switchyard_client.configuration.building import build_environment

        return build_environment(self, workspace, image_build_compute)

    def build_local(self, workspace, platform=None, **kwargs):
        """Prepare the environment for runs on ``local``; ``useDocker=True`` as an image."""
        from switchyard_client.configuration.building import build_environment

        if kwargs.pop("pushImageToWorkspaceAcr", False):
            raise not_built("Environment.build_local(pushImageToWorkspaceAcr=True)", "environments")
        use_docker = kwargs.pop("useDocker", None)
        if kwargs or platform is not None:
            raise UserErrorException(
                "build_local() knows useDocker and pushImageToWorkspaceAcr, not %s." % (", ".join(kwargs) or "platform")
            )
        build = build_environment(self, workspace, None, use_docker)
        build.wait_for_completion(show_output=True)
        return build

    def get_image_details(self, workspace):
        """What is known of the image of a registered environment: its name, its base, its registry and its Dockerfile."""
        from switchyard_client.configuration.building import image_details

        server = workspace._server
        query = None if self.version is None else {"version": self.version}
        return image_details(server.ask("GET", server.path("environments", self.name), query=query))

    @staticmethod
    def add_private_pip_wheel(workspace, file_path, exist_ok=False):
        """Not built: a wheel of one's own in the workspace's storage."""
        raise not_built("Environment.add_private_pip_wheel()", "environments")

    # --- in a folder

    def save_to_directory(self, path, overwrite=False):
        """Write the definition and its conda file into a folder, which must not be there yet unless ``overwrite``."""
        if os.path.exists(path) and not overwrite:
            raise UserErrorException('"%s" is there already; save_to_directory(path, overwrite=True) writes into it.' % path)
        os.makedirs(path, exist_ok=True)
        definition = self._to_wire()
        conda = definition["python"].pop("condaDependencies")
        if conda is not None:
            CondaDependencies(_underlying_structure=conda).save(os.path.join(path, CONDA_FILE))
        with open(os.path.join(path, ENVIRONMENT_FILE), "w", encoding="utf-8") as out:
            out.write(json.dumps(definition, indent=4) + "\n")

    @staticmethod
    def load_from_directory(path):
        """The environment that ``save_to_directory`` or ``switchyard environment scaffold`` wrote."""
        file = os.path.join(path, ENVIRONMENT_FILE)
        try:
            with open(file, encoding="utf-8-sig") as text:
                definition = json.load(text)
        except (OSError, ValueError) as error:
            raise UserErrorException("%s cannot be read: %s." % (file, error)) from error
        made = Environment._read(definition, file)
        if made.name is None:
            raise UserErrorException('%s: the environment has no "name".' % file)
        conda_file = os.path.join(path, os.path.basename(made.python.conda_dependencies_file or CONDA_FILE))
        if made.python._conda_dependencies is None and os.path.isfile(conda_file):
            made.python.conda_dependencies = CondaDependencies(conda_file)
        return made

    # --- within

    _fetched = None

    def _is_reserved(self):
        return (self.name or "").lower().startswith(_RESERVED)

    def _for_run(self, folders):
        """The section of a run configuration: everything inlined. A curated environment goes by its name alone."""
        wire = self._to_wire("environment")
        if (
            self._fetched is not None
            and self._is_reserved()
            and dict(wire, environmentVariables=None) == dict(self._fetched, environmentVariables=None)
        ):
            return {key: wire[key] for key in ("name", "version", "environmentVariables")}
        if self._is_reserved():
            wire["version"] = None  # what was changed is no curated one any more; the server names it anew
        wire["python"] = self.python._inlined(wire["python"], folders)
        return wire


class EnvironmentReference(Section):
    """An environment of the workspace by its name, for runs that need not know what is in it."""

    _fields = (
        Field("name", "name", Text()),
        Field("version", "version", Text(numbers=True)),
        Field("environment_variables", "environmentVariables", Variables()),
    )

    def __init__(self, name, version=None, **_):
        super().__init__()
        self._set(name=name, version=version)

    def get_environment(self, workspace):
        """The environment itself."""
        return Environment.get(workspace, self.name, self.version)

    def _for_run(self, folders):
        return self._to_wire("environment")


def environment_of(given, where):
    """The section of a file: an environment, or the reference to one when it only names it."""
    keys = {folded(str(key)) for key, value in given.items() if value is not None} if isinstance(given, dict) else set()
    only_named = "name" in keys and not keys & {"python", "docker", "spark", "databricks"}
    return (EnvironmentReference if only_named else Environment)._read(given, where)


def unnamed_environment():
    """What a run configuration has that names none."""
    made = Environment._blank()
    made.docker.shm_size = _SHM_SIZE
    return made


def environment_of_server(shown):
    """The environment that the server shows."""
    made = Environment._read(shown["definition"], shown["name"])
    made.version = shown["version"]
    made._fetched = made._to_wire()
    return made


def _missing(server, name, error):
    near = nearest(name, [each["name"] for each in server.ask("GET", server.path("environments"))])
    if str(name).lower().startswith(_RESERVED):
        hint = (
            " It is none of the curated environments that Switchyard has; Environment.list(workspace) names them. Most scripts do as"
            " well with an environment of their own: Environment.from_conda_specification(name, file_path)."
        )
    else:
        hint = "" if near in (None, name) else ' Did you mean "%s"?' % near
    return UserErrorException("%s%s" % (error.message, hint), inner_exception=error)


__all__ = ["CONDA_FILE", "ENVIRONMENT_FILE", "Environment", "EnvironmentReference", "environment_of", "unnamed_environment"]
