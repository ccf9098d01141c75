"""The files of a dataset for somebody who reads them: on this machine already, as for a script in a run, or fetched first."""
import os
import shutil
import tempfile

from switchyard_client.data import downloading
from switchyard_client.errors import UserErrorException


class OnDisk:
    """Files that the run was given: ``path`` is their folder, or the one file."""

    def __init__(self, path):
        self._path = path

    def names(self):
        """The names of the files, sorted."""
        if os.path.isfile(self._path):
            return [os.path.basename(self._path)]
        found = []
        for folder, _, files in os.walk(self._path):
            found += [os.path.relpath(os.path.join(folder, file), self._path).replace(os.sep, "/") for file in files]
        return sorted(found)

    def each(self):
        """(name, path on this machine) of every file, in order."""
        for name in self.names():
            yield name, self._path if os.path.isfile(self._path) else os.path.join(self._path, *name.split("/"))

    def download(self, target, overwrite):
        """Copy the files below ``target``; return their paths."""
        written = []
        for name, source in self.each():
            to = _place(target, name, overwrite)
            os.makedirs(os.path.dirname(to), exist_ok=True)
            if os.path.exists(to):
                os.unlink(to)
            shutil.copyfile(source, to)
            written.append(to)
        return written


class OnServer:
    """Files that the server has or fetches; ``server`` and the id of the saved dataset find them."""

    def __init__(self, server, dataset_id):
        self._server = server
        self._id = dataset_id

    def _list(self, fetch):
        path = self._server.path("datasets", self._id, "files")
        return self._server.ask("GET", path, query={"fetch": "true" if fetch else "false"}, timeout=1800 if fetch else 120)

    def names(self):
        """The names of the files, sorted; nothing is fetched for it."""
        return [file["path"] for file in self._list(False)]

    def listed(self):
        """What is known of each file without fetching it."""
        return self._list(False)

    def each(self):
        """(name, path on this machine) of every file, in order; each is there only until the next one."""
        folder = tempfile.mkdtemp(prefix="switchyard-data-")
        try:
            for file in self._list(True):
                to = os.path.join(folder, "file")
                self._fetch(file, to)
                yield file["path"], to
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def download(self, target, overwrite):
        """Bring the files below ``target``; return their paths. Files that are there with the same bytes are kept."""
        files = self._list(True)
        if not files:
            raise UserErrorException("The dataset matches no file, so there is nothing to download.")
        places = []
        for file in files:
            to = downloading.place_below(target, file["path"])
            same = downloading.is_same(to, file["size"], file["sha256"])
            if not same and os.path.exists(to) and not overwrite:
                raise UserErrorException('"%s" exists and differs. Give overwrite=True to replace it.' % to)
            places.append((file, to, same))
        for file, to, same in places:
            if not same:
                self._fetch(file, to)
        return [to for _, to, _ in places]

    def _fetch(self, file, to):
        downloading.fetch_file(self._server, "/api/v1/blobs/" + file["sha256"], to, file["sha256"])


def _place(target, name, overwrite):
    to = downloading.place_below(target, name)
    if os.path.exists(to) and not overwrite:
        raise UserErrorException('"%s" exists. Give overwrite=True to replace it.' % to)
    return to
