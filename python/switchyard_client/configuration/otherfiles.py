"""Environments that are described elsewhere: requirements files, and environments that conda has on this machine."""
import os
import re
import subprocess

from switchyard_client.errors import UserErrorException
from switchyard_client.yaml_subset import load_yaml

_PROGRAMS = ("conda", "mamba", "micromamba")


def requirements_of(path):
    """The lines of a requirements file, comments gone. Files it refers to would not travel, so they are refused by name."""
    try:
        with open(os.fspath(path), encoding="utf-8-sig") as file:
            text = re.sub(r"\\\r?\n", " ", file.read())
    except (OSError, UnicodeDecodeError) as error:
        raise UserErrorException('The requirements file "%s" cannot be read: %s.' % (path, error)) from error
    lines = [re.sub(r"\s+", " ", re.sub(r"(^|\s)#.*$", "", line).strip()) for line in text.splitlines()]
    for line in lines:
        if re.match(r"(-r|-c|-e|--requirement|--constraint|--editable)\b", line):
            raise UserErrorException(
                '"%s" refers to another file ("%s"), which the environment is built without. Put all packages into one file.' % (path, line)
            )
    return [line for line in lines if line]


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
