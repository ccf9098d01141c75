"""Conda dependencies: what a system-managed environment installs."""
import os
import re

from switchyard_client.configuration.condacontent import (
    checked_content,
    checked_text,
    checked_texts,
    is_gpu,
    option_name,
    package_name,
    read_conda_file,
    requirement_name,
    tensorflow_package,
)
from switchyard_client.errors import UserErrorException
from switchyard_client.yaml_subset import to_yaml

#: The packages that bring run tracking; this client stands in for all of them.
TRACKING_PACKAGE = "azureml-defaults"
_TRACKING = re.compile(r"azureml[-_](?:defaults|core|sdk|mlflow|train[\w-]*|automl[\w-]*|dataset[\w-]*|dataprep[\w-]*)\b", re.IGNORECASE)
_NAME = "project_environment"
_NAMES = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


class CondaDependencies:
    """Packages by conda and by pip, channels, and options of pip: the content of a conda file.

    Without arguments it holds what every run gets: any Python, pip, and the package for run tracking. A Python version is not
    chosen for you: the newest that the environment's other packages allow, or the one that is there, is taken.
    """

    DEFAULT_NUMBER_OF_CONDA_PACKAGES = 1
    DEFAULT_NUMBER_OF_PIP_PACKAGES = 1

    def __init__(self, conda_dependencies_file_path=None, _underlying_structure=None):
        if conda_dependencies_file_path is not None and _underlying_structure is not None:
            raise UserErrorException("CondaDependencies takes a file or a structure, not both.")
        if conda_dependencies_file_path is not None:
            _underlying_structure = read_conda_file(conda_dependencies_file_path)
        elif _underlying_structure is None:
            _underlying_structure = {"name": _NAME, "dependencies": ["python", "pip", {"pip": [TRACKING_PACKAGE]}]}
        self._conda = checked_content(_underlying_structure, conda_dependencies_file_path or "conda dependencies")

    @staticmethod
    def create(pip_indexurl=None, pip_packages=None, conda_packages=None, python_version=None, pin_sdk_version=True):
        """Dependencies with these packages; ``python_version`` is like ``"3.11"``.

        ``pin_sdk_version`` is taken and has no effect: a server always gives the run the client of its own version.
        """
        made = CondaDependencies()
        if python_version is not None:
            made.set_python_version(python_version)
        for package in checked_texts(conda_packages, "conda_packages"):
            made.add_conda_package(package)
        if any(_TRACKING.match(package) for package in checked_texts(pip_packages, "pip_packages")):
            made.remove_pip_package(TRACKING_PACKAGE)
        for package in checked_texts(pip_packages, "pip_packages"):
            made.add_pip_package(package)
        if pip_indexurl is not None:
            made.set_pip_index_url(pip_indexurl)
        return made

    # --- what there is

    @property
    def conda_channels(self):
        """The channels, in order."""
        return list(self._conda.get("channels") or [])

    @property
    def conda_packages(self):
        """The packages of conda, in order; without Python and pip themselves."""
        return [each for each in self._packages() if package_name(each) not in ("python", "pip")]

    @property
    def pip_packages(self):
        """The packages of pip, in order."""
        return [line for line in self._pip() if not line.startswith("-")]

    @property
    def pip_options(self):
        """The options of pip, in order."""
        return [line for line in self._pip() if line.startswith("-")]

    def get_python_version(self):
        """The version of Python as it is asked for, such as ``3.11``; None when any will do."""
        for package in self._packages():
            if package_name(package) == "python":
                return package.strip()[len("python") :].lstrip("= ") or None
        return None

    def get_default_number_of_packages(self):
        """How many packages there are without anybody asking."""
        return self.DEFAULT_NUMBER_OF_CONDA_PACKAGES + self.DEFAULT_NUMBER_OF_PIP_PACKAGES

    # --- conda

    def add_channel(self, channel):
        """Look for packages in this channel too."""
        channels = self._conda.setdefault("channels", [])
        if channels is None:
            channels = self._conda["channels"] = []
        if checked_text(channel, "channel") not in channels:
            channels.append(channel)

    def remove_channel(self, channel):
        """Look there no more."""
        if channel in (self._conda.get("channels") or []):
            self._conda["channels"].remove(channel)

    def add_conda_package(self, conda_package):
        """Install a package by conda, such as ``numpy=1.19``; it takes the place of the same package in another version."""
        name = package_name(checked_text(conda_package, "conda_package"))
        dependencies = self._conda["dependencies"]
        for index, each in enumerate(dependencies):
            if isinstance(each, str) and package_name(each) == name:
                dependencies[index] = conda_package.strip()
                return
        pip = next((index for index, each in enumerate(dependencies) if isinstance(each, dict)), len(dependencies))
        at = 0 if name == "python" else pip
        dependencies.insert(at, conda_package.strip())

    def remove_conda_package(self, conda_package):
        """Do not install the package by conda."""
        name = package_name(checked_text(conda_package, "conda_package"))
        self._conda["dependencies"] = [each for each in self._conda["dependencies"] if isinstance(each, dict) or package_name(each) != name]

    def set_python_version(self, version):
        """Take this Python, such as ``3.11``."""
        version = str(version).strip()
        if not re.match(r"[0-9]+(\.[0-9]+)*(\.\*)?\Z", version):
            raise UserErrorException("%r is no version of Python; give one like 3.11." % (version,))
        self.add_conda_package("python=%s" % version)

    def add_tensorflow_conda_package(self, core_type="cpu", version=None):
        """Install TensorFlow by conda; ``core_type`` is cpu or gpu."""
        self.add_conda_package(tensorflow_package(core_type) + ("" if version is None else "=%s" % version))

    def add_cntk_package(self, core_type="cpu"):
        """Install the Cognitive Toolkit by pip; ``core_type`` is cpu or gpu."""
        self.add_pip_package("cntk-gpu" if is_gpu(core_type) else "cntk")

    # --- pip

    def add_pip_package(self, pip_package):
        """Install a package by pip, such as ``numpy==1.19.2``; it takes the place of the same package in another version."""
        line = checked_text(pip_package, "pip_package").strip()
        name = requirement_name(line)
        lines = self._pip_list()
        for index, each in enumerate(lines):
            if each == line or (name is not None and requirement_name(each) == name):
                lines[index] = line
                return
        lines.append(line)

    def remove_pip_package(self, pip_package):
        """Do not install the package by pip."""
        name = requirement_name(checked_text(pip_package, "pip_package"))
        self._keep_pip(lambda line: requirement_name(line) != name)

    def add_tensorflow_pip_package(self, core_type="cpu", version=None):
        """Install TensorFlow by pip; ``core_type`` is cpu or gpu."""
        self.add_pip_package(tensorflow_package(core_type) + ("" if version is None else "==%s" % version))

    def set_pip_requirements(self, pip_requirements):
        """Install these packages by pip and no others, besides that for run tracking."""
        self._keep_pip(lambda line: line.startswith("-") or _TRACKING.match(line))
        for requirement in checked_texts(pip_requirements, "pip_requirements"):
            self.add_pip_package(requirement)

    def set_pip_option(self, pip_option):
        """Give pip an option, such as ``--pre``; it takes the place of the same option with another value."""
        option = checked_text(pip_option, "pip_option").strip()
        if not option.startswith("-"):
            raise UserErrorException("%r is no option of pip; they begin with a dash." % (pip_option,))
        self.remove_pip_option(option)
        self._pip_list().insert(0, option)

    def remove_pip_option(self, pip_option):
        """Do not give pip the option."""
        name = option_name(checked_text(pip_option, "pip_option"))
        self._keep_pip(lambda line: not line.startswith("-") or option_name(line) != name)

    def set_pip_index_url(self, index_url):
        """Take packages of pip from this index."""
        self.set_pip_option("--index-url %s" % checked_text(index_url, "index_url"))

    @staticmethod
    def merge_requirements(requirements):
        """Requirements of one package joined into one: ``["a>=1", "a<2"]`` is ``["a<2,>=1"]``."""
        merged = {}
        for requirement in requirements:
            match = _NAMES.match(requirement)
            if match is None:
                raise UserErrorException("%r is no requirement of pip." % (requirement,))
            _, versions = merged.setdefault(match.group(1).lower(), (match.group(1), []))
            versions += [each.strip() for each in requirement[match.end() :].split(",") if each.strip() not in versions + [""]]
        return [name + ",".join(sorted(versions)) for name, versions in merged.values()]

    def _merge_dependencies(self, other):
        """Add what ``other`` has: its packages win."""
        if other is None:
            return
        for channel in other.conda_channels:
            self.add_channel(channel)
        for package in other._packages():
            if package.strip() not in ("python", "pip"):
                self.add_conda_package(package)
        for option in other.pip_options:
            self.set_pip_option(option)
        for package in other.pip_packages:
            self.add_pip_package(package)

    # --- files and texts

    def as_dict(self):
        """The content of the conda file."""
        import copy

        return copy.deepcopy(self._conda)

    def serialize_to_string(self):
        """The text of the conda file."""
        return to_yaml(self._conda)

    def save(self, path=None):
        """Write the conda file, by default ``conda_dependencies.yml`` in the working directory; returns its path."""
        path = path or os.path.join(os.getcwd(), "conda_dependencies.yml")
        if os.path.isdir(path):
            path = os.path.join(path, "conda_dependencies.yml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(self.serialize_to_string())
        return path

    def save_to_file(self, base_directory, conda_file_path="conda_dependencies.yml"):
        """Write the conda file below ``base_directory``; returns the path given for it."""
        path = os.path.join(base_directory, conda_file_path)
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        self.save(path)
        return conda_file_path

    # --- within

    def _packages(self):
        return [each for each in self._conda["dependencies"] if isinstance(each, str)]

    def _pip(self):
        return [line for each in self._conda["dependencies"] if isinstance(each, dict) for line in each.get("pip") or []]

    def _pip_list(self):
        for each in self._conda["dependencies"]:
            if isinstance(each, dict):
                if each.get("pip") is None:
                    each["pip"] = []
                return each["pip"]
        if not any(package_name(each) == "pip" for each in self._packages()):
            self._conda["dependencies"].append("pip")
        self._conda["dependencies"].append({"pip": []})
        return self._conda["dependencies"][-1]["pip"]

    def _keep_pip(self, wanted):
        for each in self._conda["dependencies"]:
            if isinstance(each, dict):
                each["pip"] = [line for line in each.get("pip") or [] if wanted(line)]
        self._conda["dependencies"] = [each for each in self._conda["dependencies"] if not isinstance(each, dict) or each["pip"]]

    def _to_wire(self, where=""):
        return checked_content(self._conda, where or "conda dependencies")

    def __eq__(self, other):
        return isinstance(other, CondaDependencies) and self._conda == other._conda

    __hash__ = None

    def __repr__(self):
        return self.serialize_to_string()
