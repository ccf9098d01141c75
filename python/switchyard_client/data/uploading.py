"""Puts local files on a datastore: only bytes that the server lacks travel, so a repeat after a cut goes on where it was."""
import binascii
import fnmatch
import hashlib
import os
import struct

from switchyard_client.errors import ServiceException, UserErrorException
from switchyard_client.retrying import patiently

#: From here on a file travels alone.
_BIG_BYTES = 1 << 20
_BATCH_BYTES, _BATCH_FILES = 32 << 20, 2000
_PIECE_BYTES = 512 << 10
_NAMED_AT_ONCE = 10000
#: How often a file that changes while it is read is looked at again.
_MOST_LOOKS = 4


class LocalFile:
    """A file of this machine and the path it will have on the datastore."""

    def __init__(self, source, path):
        self.source = source
        self.path = path
        self.sha256 = None
        self.size = None
        self._seen = None

    def hash(self):
        """Read the file once; what is sent later has to be the same."""
        digest, size = hashlib.sha256(), 0
        with open(self.source, "rb") as stream:
            before = _signature(os.fstat(stream.fileno()))
            for piece in iter(lambda: stream.read(_PIECE_BYTES), b""):
                digest.update(piece)
                size += len(piece)
        self.sha256, self.size, self._seen = digest.hexdigest(), size, before

    def pieces(self):
        """The bytes that were hashed; raise _Changed when they are others now."""
        left = self.size
        with open(self.source, "rb") as stream:
            while left > 0:
                piece = stream.read(min(_PIECE_BYTES, left))
                if not piece:
                    raise _Changed(self)
                left -= len(piece)
                yield piece
            if _signature(os.fstat(stream.fileno())) != self._seen:
                raise _Changed(self)


class _Changed(Exception):
    def __init__(self, file):
        super().__init__(file.source)
        self.file = file


def files_of_folder(folder, target, pattern=None):
    """Every file below a folder, as LocalFile; ``pattern`` like ``*.csv`` chooses by path below it or by name."""
    if not os.path.isdir(folder):
        raise UserErrorException('There is no folder "%s" to upload.' % folder)
    found = []
    for inner, folders, names in os.walk(folder, followlinks=True):
        folders.sort()
        for name in sorted(names):
            source = os.path.join(inner, name)
            below = os.path.relpath(source, folder).replace(os.sep, "/")
            if pattern is None or fnmatch.fnmatch(below, pattern) or fnmatch.fnmatch(name, pattern):
                found.append(LocalFile(source, join_path(target, below)))
    return found


def files_named(files, relative_root, target):
    """The files of a list, as LocalFile, named relative to ``relative_root`` or to the folder that all have in common."""
    if isinstance(files, (str, bytes)) or not files:
        raise UserErrorException("files has to be a list of paths with at least one in it; it is %r." % (files,))
    sources = [os.path.abspath(os.fspath(file)) for file in files]
    for given, source in zip(files, sources):
        if not os.path.isfile(source):
            raise UserErrorException('There is no file "%s" to upload.' % given)
    root = os.path.abspath(relative_root) if relative_root else os.path.commonpath([os.path.dirname(source) for source in sources])
    found = []
    for source in sources:
        below = os.path.relpath(source, root).replace(os.sep, "/")
        if below.startswith("../"):
            raise UserErrorException('"%s" does not lie below relative_root "%s".' % (source, root))
        found.append(LocalFile(source, join_path(target, below)))
    return found


def join_path(folder, name):
    """A path on a datastore; one that leads out of it is refused."""
    parts = [part for part in ("%s/%s" % (folder or "", name)).replace("\\", "/").split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UserErrorException('"%s/%s" leads out of the datastore: leave out the "..".' % (folder, name))
    return "/".join(parts)


def upload(server, datastore, files, existing="skip", show=None):
    """Send files and put them on the datastore; return the answer: ``added``, ``same`` and ``skipped`` (paths).

    ``existing``: what becomes of files there with other bytes: ``skip``, ``replace`` or ``refuse``. ``show``: called with a text.
    """
    show = show or (lambda text: None)
    for look in range(_MOST_LOOKS):
        try:
            return _upload(server, datastore, files, existing, show)
        except _Changed as change:
            changed = change.file
            changed.sha256 = None
        except ServiceException as error:
            if error.code != "checksum_mismatch" or look + 1 == _MOST_LOOKS:
                raise
            for file in files:  # a change that kept size and time: the server noticed
                file.sha256 = None
            changed = files[0]
    raise UserErrorException('"%s" keeps changing while it is uploaded. Stop what writes to it and upload again.' % changed.source)


def _upload(server, datastore, files, existing, show):
    for file in files:
        if file.sha256 is None:
            file.hash()
    _send_missing(server, files, show)
    total = {"added": 0, "same": 0, "skipped": []}
    for at in range(0, len(files), _NAMED_AT_ONCE):
        rows = [{"path": file.path, "sha256": file.sha256, "size": file.size} for file in files[at : at + _NAMED_AT_ONCE]]
        body = {"files": rows, "existing": existing}
        answer = patiently(lambda: server.ask("POST", server.path("datastores", datastore, "files"), body=body, timeout=300))
        total = {key: total[key] + answer[key] for key in total}
    return total


def _send_missing(server, files, show):
    by_hash = {file.sha256: file for file in files}
    missing = []
    hashes = list(by_hash)
    for at in range(0, len(hashes), 50000):
        body = {"sha256": hashes[at : at + 50000]}
        missing += patiently(lambda: server.ask("POST", "/api/v1/blobs/missing", body=body))["missing"]
    lacking = [by_hash[sha256] for sha256 in missing]
    for file in lacking:
        show("Uploading %s" % file.source)
    for batch in _batches([file for file in lacking if file.size <= _BIG_BYTES]):
        length = sum(40 + file.size for file in batch)
        patiently(lambda: server.send("POST", "/api/v1/blobs", _frames(batch), length))
    for file in lacking:
        if file.size > _BIG_BYTES:
            patiently(lambda: server.send("PUT", "/api/v1/blobs/" + file.sha256, file.pieces(), file.size))


def _frames(batch):
    for file in batch:
        yield binascii.unhexlify(file.sha256) + struct.pack(">Q", file.size) + b"".join(file.pieces())


def _batches(files):
    batch, room = [], 0
    for file in files:
        if batch and (room < file.size or len(batch) == _BATCH_FILES):
            yield batch
            batch = []
        if not batch:
            room = _BATCH_BYTES
        batch.append(file)
        room -= file.size
    if batch:
        yield batch


def _signature(seen):
    return seen.st_size, getattr(seen, "st_mtime_ns", seen.st_mtime), seen.st_ino
