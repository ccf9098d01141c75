"""Files that a script hands over by name: kept in the run directory, brought home with the outputs."""
import binascii
import os
import shutil

from switchyard_client.errors import UserErrorException


class Uploads:
    """Copies files to where the carrier collects them, so that no network stands between a script and its upload.

    ``outputs/...`` goes to the run's outputs folder; every other name below ``uploads/`` of the run directory.
    """

    def __init__(self, job_folder, top=None, told=None):
        """``told`` is called after each file."""
        self._told = told
        self._job_folder = job_folder
        self._names = set()
        self._top = top or self

    def add(self, name, path_or_stream):
        """Keep one file or stream under ``name``; a name can be used once."""
        name = checked_name(name)
        if name in self._names:
            raise UserErrorException('A file named "%s" was already uploaded to this run; choose another name.' % name)
        to = self.path_of(name)
        if hasattr(path_or_stream, "read"):
            _store(to, lambda out: shutil.copyfileobj(path_or_stream, out))
        else:
            source = os.fspath(path_or_stream)
            if not os.path.isfile(source):
                raise UserErrorException('There is no file "%s" to upload as "%s".' % (source, name))
            if not (os.path.exists(to) and os.path.samefile(source, to)):
                with open(source, "rb") as stream:
                    _store(to, lambda out: shutil.copyfileobj(stream, out, 1 << 20))
        self._names.add(name)
        if self._told is not None:
            self._told()

    def put(self, name, path):
        """Keep one file under ``name``, in place of an earlier one."""
        name = checked_name(name)
        to = self.path_of(name)
        if not (os.path.exists(to) and os.path.samefile(path, to)):
            with open(path, "rb") as stream:
                _store(to, lambda out: shutil.copyfileobj(stream, out, 1 << 20))
        self._names.add(name)
        if self._told is not None:
            self._told()

    def path_of(self, name):
        """Where the file or folder of this name lies, or would lie; empty: what is not below ``outputs``."""
        in_outputs = name == "outputs" or name.startswith("outputs/")
        return os.path.join(self._job_folder, name if in_outputs else os.path.join("uploads", name))

    def top(self):
        """The uploads of the process's own run."""
        return self._top

    def of_child(self, run_id):
        """The uploads of another run: below the run directory of the process that makes it."""
        return Uploads(os.path.join(self._top._job_folder, "children", run_id), self._top, self._told)

    def has(self, name):
        """Was a file of this name handed over?"""
        return name in self._names

    def add_folder(self, name, path):
        """Keep every file below the folder ``path`` under ``name``/...; return their names."""
        added = []
        for inner, source in files_below(name, path):
            self.add(inner, source)
            added.append(inner)
        return added


def files_below(name, path):
    """Pairs of name and path for every file below the folder ``path``, in one order everywhere."""
    if not os.path.isdir(path):
        raise UserErrorException('There is no folder "%s" to upload as "%s".' % (path, name))
    found = []
    for folder, _, files in sorted(os.walk(path)):
        for file in sorted(files):
            source = os.path.join(folder, file)
            found.append(("%s/%s" % (name.rstrip("/"), os.path.relpath(source, path).replace(os.sep, "/")), source))
    return found


def checked_name(name):
    """Return ``name`` as a relative path with ``/``; refuse one that would lead out of the run's files."""
    parts = [part for part in str(name).replace("\\", "/").split("/") if part not in ("", ".")]
    if str(name).startswith("/") or ".." in parts or not parts or "\0" in str(name):
        raise UserErrorException('"%s" cannot be the name of a file of the run: use a relative path without "..".' % name)
    return "/".join(parts)


def _store(to, copy):
    os.makedirs(os.path.dirname(to), exist_ok=True)
    # several processes of a run may hand over one name at the same moment: the last one counts
    partial = "%s.%d-%s.part" % (to, os.getpid(), binascii.hexlify(os.urandom(3)).decode())
    with open(partial, "wb") as out:
        copy(out)
    os.replace(partial, to)
