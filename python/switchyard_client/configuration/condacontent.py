"""The content of a conda file, and the names in its lines."""
import os
import re

from switchyard_client.errors import UserErrorException
from switchyard_client.yaml_subset import load_yaml

_INCLUDES = re.compile(r"(-r|--requirement)\b")


def read_conda_file(path):
    """The value of a conda file, with the lines of the requirements files that its pip list includes.

    Raises UserErrorException that names what cannot be read.
    """
    try:
        with open(os.fspath(path), "rb") as file:
            conda = load_yaml(file.read(), os.fspath(path))
    except OSError as error:
        raise UserErrorException('The conda file "%s" cannot be read: %s.' % (path, error.strerror or error)) from error
    for each in (conda.get("dependencies") or []) if isinstance(conda, dict) else []:
        if isinstance(each, dict) and isinstance(each.get("pip"), list) and any(_INCLUDES.match(str(line)) for line in each["pip"]):
            from switchyard_client.configuration.otherfiles import with_included

            each["pip"] = with_included(each["pip"], os.path.abspath(os.fspath(path)))
    return conda


def checked_content(given, what):
    """A copy of the content in the one shape that all methods take; raises UserErrorException when it is not a conda file's."""
    if not isinstance(given, dict) or not isinstance(given.get("dependencies", []), (list, type(None))):
        raise UserErrorException('%s: expected a mapping with a list of packages under "dependencies".' % what)
    conda = {str(key): value for key, value in given.items()}
    dependencies = []
    for each in given.get("dependencies") or []:
        if isinstance(each, dict):
            if (
                set(each) != {"pip"}
                or not isinstance(each["pip"] or [], list)
                or not all(isinstance(line, str) for line in each["pip"] or [])
            ):
                raise UserErrorException('%s: expected "pip" with a list of requirements, came %r.' % (what, each))
            dependencies.append({"pip": [line.strip() for line in each["pip"] or []]})
        elif isinstance(each, str):
            dependencies.append(each.strip())
        else:
            raise UserErrorException("%s: expected a package such as numpy=1.19, came %r." % (what, each))
    conda["dependencies"] = dependencies
    if conda.get("channels", None) is not None:
        if not isinstance(conda["channels"], list) or not all(isinstance(each, str) for each in conda["channels"]):
            raise UserErrorException("%s: expected a list of channels, came %r." % (what, conda["channels"]))
        conda["channels"] = list(conda["channels"])
    return conda


def package_name(package):
    """The name of a conda package, without channel and version."""
    return re.split(r"[\s=<>!~\[]", package.strip().split("::")[-1], maxsplit=1)[0].lower()


def requirement_name(line):
    """The name of a pip requirement; None for an option, an address or a file."""
    match = re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:[=<>!~;@(].*)?\Z", line.strip())
    return re.sub(r"[-_.]+", "-", match.group(1)).lower() if match else None


def option_name(option):
    """The name of an option of pip, without its value."""
    return re.split(r"[\s=]", option.strip(), maxsplit=1)[0]


def checked_text(value, what):
    """The value, which has to be a text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise UserErrorException("%s: expected a text, came %r." % (what, value))
    return value


def checked_texts(values, what):
    """The values as a list of texts; None is no values."""
    if values is None:
        return []
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise UserErrorException("%s: expected a list of packages, came %r." % (what, values))
    return [checked_text(each, what) for each in values]


def is_gpu(core_type):
    """Does ``core_type`` say gpu?"""
    if str(core_type).lower() not in ("cpu", "gpu"):
        raise UserErrorException("core_type is cpu or gpu, not %r." % (core_type,))
    return str(core_type).lower() == "gpu"


def tensorflow_package(core_type):
    """What TensorFlow is called for CPUs and for GPUs."""
    return "tensorflow-gpu" if is_gpu(core_type) else "tensorflow"
