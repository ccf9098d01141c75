"""Run configurations in files: both layouts, ``.azureml/`` and ``aml_config/`` (spec 01 section 1)."""
import os

from switchyard_client.configuration.environment import Environment
from switchyard_client.configuration.environmentsections import find_file
from switchyard_client.errors import UserErrorException
from switchyard_client.yaml_subset import load_yaml, to_yaml

#: Where projects keep configurations; the first that is there counts.
FOLDERS = (".azureml", "aml_config")
SUFFIX = ".runconfig"
CONDA_FILE = "conda_dependencies.yml"


def load(path, name):
    """Read the configuration ``name`` of the project at ``path``, or the file ``path``."""
    from switchyard_client.configuration.runconfiguration import RunConfiguration

    file = _find(path, name)
    with open(file, "rb") as content:
        given = load_yaml(content.read(), file)
    if given is None:
        raise UserErrorException('%s is empty; a run configuration begins with "script: train.py".' % file)
    project = _project_of(file)
    _with_environment_file(given, file, project)
    loaded = RunConfiguration._read(given, file)
    loaded._path = project
    loaded._name = os.path.basename(file)[: -len(SUFFIX)] if file.endswith(SUFFIX) else os.path.basename(file)
    _with_conda_file(loaded.environment, project)
    return loaded


def save(configuration, path, name, separate):
    """Write the configuration, its conda file beside it; returns the path of the file."""
    file = _place(path or configuration._path, name or configuration._name)
    folder = os.path.dirname(file)
    os.makedirs(folder, exist_ok=True)
    content = configuration._for_file()
    environment = content["environment"]
    inner = os.path.basename(folder) if os.path.basename(folder) in FOLDERS else ""
    conda = _conda_of(configuration.environment)
    if conda is not None:
        conda_file = _conda_name(folder, os.path.basename(file)[: -len(SUFFIX)], conda)
        _write(os.path.join(folder, conda_file), conda.serialize_to_string())
        environment["python"].pop("condaDependencies", None)
        environment["python"]["condaDependenciesFile"] = "/".join(each for each in (inner, conda_file) if each)
    elif "python" in environment:
        environment["python"].pop("condaDependencies", None)
    if separate:
        environment_file = os.path.basename(file)[: -len(SUFFIX)] + ".environment.yml"
        _write(os.path.join(folder, environment_file), to_yaml(environment))
        content["environment"] = environment_file
    _write(file, to_yaml(content))
    return file


def delete(path, name):
    """Remove the file of a configuration."""
    os.remove(_find(path, name))


def _conda_of(environment):
    """What goes to a conda file; nothing where the Python is taken as it is."""
    python = environment.python if isinstance(environment, Environment) else None
    return None if python is None or python.user_managed_dependencies else python.conda_dependencies


def _conda_name(folder, name, conda):
    """The project's one conda file as long as it says the same; a file of the configuration's own when it says something else."""
    shared = os.path.join(folder, CONDA_FILE)
    if not os.path.exists(shared):
        return CONDA_FILE
    with open(shared, "rb") as content:
        there = content.read()
    return CONDA_FILE if load_yaml(there, shared) == conda.as_dict() else "%s.%s" % (name, CONDA_FILE)


def _write(path, text):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def _place(path, name):
    if path is not None and os.fspath(path).endswith(SUFFIX):
        return os.path.abspath(os.fspath(path))
    if not name:
        raise UserErrorException('Under which name? RunConfiguration.save(path, name) writes "<name>%s".' % SUFFIX)
    project = os.path.abspath(os.fspath(path or os.getcwd()))
    if os.path.basename(project) in FOLDERS:
        return os.path.join(project, name + SUFFIX)
    folder = next((each for each in FOLDERS if os.path.isdir(os.path.join(project, each))), FOLDERS[0])
    return os.path.join(project, folder, name + SUFFIX)


def _find(path, name):
    path = os.path.abspath(os.fspath(_folder_of(path)))
    if os.path.isfile(path):
        return path
    if not name:
        raise UserErrorException('Which run configuration of "%s"? Give its name, or the path of its file.' % path)
    names = [name] if name.endswith(SUFFIX) else [name + SUFFIX, name]
    candidates = [os.path.join(path, inner, each) for inner in FOLDERS + ("",) for each in names]
    for candidate in candidates:
        if os.path.isfile(candidate):
            return candidate
    there = sorted(
        each[: -len(SUFFIX)] for inner in FOLDERS if os.path.isdir(os.path.join(path, inner)) for each in os.listdir(os.path.join(path, inner))
        if each.endswith(SUFFIX)
    )  # fmt: skip
    known = "it has %s" % ", ".join(there) if there else "it has none"
    raise UserErrorException('There is no run configuration "%s" in "%s": %s.' % (name, path, known))


def _folder_of(path):
    """Older scripts give a project, which knows its folder."""
    if path is None:
        return os.getcwd()
    return getattr(path, "project_directory", path)


def _project_of(file):
    folder = os.path.dirname(os.path.abspath(file))
    return os.path.dirname(folder) if os.path.basename(folder) in FOLDERS else folder


def _with_environment_file(given, file, project):
    """``environment`` may be the name of a file that holds the section."""
    named = given.get("environment") if isinstance(given, dict) else None
    if isinstance(named, str):
        path = os.path.join(os.path.dirname(file), named)
        path = path if os.path.isfile(path) else find_file(named, [project])
        with open(path, "rb") as content:
            given["environment"] = load_yaml(content.read(), path)


def _with_conda_file(environment, project):
    from switchyard_client.configuration.conda import CondaDependencies

    python = getattr(environment, "python", None)
    if python is None:
        return
    if python._conda_dependencies is None and python.conda_dependencies_file and not python.user_managed_dependencies:
        object.__setattr__(python, "_conda_dependencies", CondaDependencies(find_file(python.conda_dependencies_file, [project])))
