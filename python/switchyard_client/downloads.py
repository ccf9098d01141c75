"""Brings files of a run to this machine."""
import os

from switchyard_client.errors import FileNotInRun, ServiceException, UserErrorException
from switchyard_client.retrying import patiently
from switchyard_client.uploads import checked_name


def download(server, run_id, name, to=None):
    """Download one file to a path, or into a folder under its own name; return where it is. It appears only when it is whole."""
    own = os.path.basename(str(name).replace("\\", "/"))
    to = os.fspath(to) if to else own
    if os.path.isdir(to) or to.endswith(("/", os.sep)):
        to = os.path.join(to, own)
    os.makedirs(os.path.dirname(os.path.abspath(to)), exist_ok=True)
    name = checked_name(name)
    try:
        patiently(lambda: server.download(server.path("runs", run_id, "files", name), to))
    except ServiceException as error:
        if error.code == "not_found":
            raise FileNotInRun(error.message, error.status_code, error.code, error, error.details) from error
        raise
    return to


def download_all(server, run_id, names, prefix, folder, paths, append_prefix):
    """Download files below ``folder``, or to ``paths``; return where they are."""
    if isinstance(paths, str):
        paths = [paths]
    if paths is not None and len(paths) != len(names):
        raise UserErrorException("download_files got %d output_paths for %d files: %s." % (len(paths), len(names), ", ".join(names) or "none"))
    done = []
    for index, name in enumerate(names):
        if paths is not None:
            own = os.fspath(paths[index])
        else:
            own = checked_name(name if append_prefix else _below(prefix, name))
        done.append(download(server, run_id, name, os.path.join(folder or ".", own)))
    return done


def _below(prefix, name):
    """A name without the folder that the prefix names: a prefix that ends within a word takes nothing from that word."""
    folder = prefix if name.startswith(prefix.rstrip("/") + "/") else prefix.rpartition("/")[0]
    return name[len(folder) :].lstrip("/")
