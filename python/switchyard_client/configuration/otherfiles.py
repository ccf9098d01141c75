"""Environments that are described elsewhere: requirements files, and environments that conda has on this machine."""
import os
import re
import subprocess

from switchyard_client.errors import UserErrorException
from switchyard_client.yaml_subset import load_yaml

_INCLUDES = re.compile(r"(?:-r|--requirement)(?:\s+|=|(?<=-r))(\S.*)$")
_PROGRAMS = ("conda", "mamba", "micromamba")


def requirements_of(path, above=()):
    """The lines of a requirements file, comments gone, with those of the files that it includes in their places.

    Other files that it refers to would not travel, so they are refused by name.
    """
    path = os.path.abspath(os.fspath(path))
    if path in above:
        raise UserErrorException('"%s" includes itself, by way of %s.' % (path, ", ".join(above[1:] + (path,))))
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = re.sub(r"\\\r?\n", " ", file.read())
    except (OSError, UnicodeDecodeError) as error:
        raise UserErrorException('The requirements file "%s" cannot be read: %s.' % (path, error)) from error
    lines = [re.sub(r"\s+", " ", re.sub(r"(^|\s)#.*$", "", line).strip()) for line in text.splitlines()]
    return with_included([line for line in lines if line], path, above)


def with_included(lines, path, above=()):
    """A pip list in which ``-r FILE`` gave way to the lines of that file, found from the folder of ``path``."""
    found = []
    for line in lines:
        if isinstance(line, str) and re.match(r"(-c|-e|--constraint|--editable)\b", line):
            raise UserErrorException(
                '"%s" refers to another file ("%s"), which the environment is built without. Put versions and packages into the list itself.'
                % (path, line)
            )
        included = _INCLUDES.match(line) if isinstance(line, str) else None
        if included is None:
            found.append(line)
        else:
            found += requirements_of(os.path.join(os.path.dirname(path), included.group(1)), above + (path,))
    return found


def exported_by_conda(environment):
    """What conda says of an environment of this machine, as the content of a conda file."""
    for program in _PROGRAMS:
        try:
            done = subprocess.run(
                [program, "env", "export", "--name", environment, "--no-builds"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        except OSError:
            continue
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip() or "it ended with %d" % done.returncode
            raise UserErrorException('%s does not export the environment "%s": %s' % (program, environment, said))
        exported = load_yaml(done.stdout, "what %s exports" % program)
        return {key: value for key, value in exported.items() if key != "prefix"}
    raise UserErrorException("There is no %s on this machine's PATH that could export %r." % (" or ".join(_PROGRAMS), environment))
