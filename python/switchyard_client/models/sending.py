"""Sends files to the server as blobs, those that it lacks."""
import binascii
import hashlib
import os
import struct

from switchyard_client.errors import UserErrorException
from switchyard_client.retrying import patiently

#: From here on a file travels alone.
_BIG_BYTES = 1 << 20
_BATCH_BYTES = 32 << 20
_PIECE_BYTES = 512 << 10
_ASKED_AT_ONCE = 50000


def send_files(server, files):
    """Send ``files``, pairs of path and local file; return what a registration names: a list of path and sha256.

    What broke off goes on when it is called again: the server keeps each whole file that reached it.
    """
    found = [_Found(path, file) for path, file in files]
    lacking = set(_missing(server, sorted({each.sha256 for each in found})))
    wanted = list({each.sha256: each for each in found if each.sha256 in lacking}.values())
    for batch in _batches([each for each in wanted if each.size <= _BIG_BYTES]):
        length = sum(40 + each.size for each in batch)
        patiently(lambda: server.send("POST", "/api/v1/blobs", _frames(batch), length))
    for each in wanted:
        if each.size > _BIG_BYTES:
            patiently(lambda: server.send("PUT", "/api/v1/blobs/" + each.sha256, each.pieces(), each.size))
    return [{"path": each.path, "sha256": each.sha256} for each in found]


class _Found:
    """A file, and what it held when it was read."""

    def __init__(self, path, file):
        self.path = path
        self.file = file
        digest, self.size = hashlib.sha256(), 0
        with open(file, "rb") as stream:
            for piece in iter(lambda: stream.read(_PIECE_BYTES), b""):
                digest.update(piece)
                self.size += len(piece)
        self.sha256 = digest.hexdigest()

    def pieces(self):
        """The bytes, as many as there were; the server refuses them when they are others."""
        left = self.size
        with open(self.file, "rb") as stream:
            while left > 0:
                piece = stream.read(min(_PIECE_BYTES, left))
                if not piece:
                    raise UserErrorException("%s became shorter while it was sent. Try again when nothing writes to it." % self.file)
                left -= len(piece)
                yield piece


def _missing(server, sha256s):
    for at in range(0, len(sha256s), _ASKED_AT_ONCE):
        body = {"sha256": sha256s[at : at + _ASKED_AT_ONCE]}
        for sha256 in patiently(lambda: server.ask("POST", "/api/v1/blobs/missing", body=body))["missing"]:
            yield sha256


def _batches(found):
    batch, size = [], 0
    for each in found:
        if batch and size + each.size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += each.size
    if batch:
        yield batch


def _frames(batch):
    for each in batch:
        yield binascii.unhexlify(each.sha256) + struct.pack(">Q", each.size)
        for piece in each.pieces():
            yield piece


def files_of_model(model_path, child_paths=None):
    """Name of the file or folder at ``model_path``, and its files as pairs of path (which begins with that name) and local file.

    With ``child_paths`` only those of the folder. Links are followed.
    """
    top = os.path.abspath(os.fspath(model_path))
    name = os.path.basename(top)
    if os.path.isfile(top):
        if child_paths:
            raise UserErrorException("child_paths choose from a folder; %s is a file." % model_path)
        return name, [(name, top)]
    if not os.path.isdir(top):
        raise UserErrorException('There is no file or folder "%s" to register as a model.' % model_path)
    files = list(_walk(top, name, ()))
    if child_paths:
        files = [pair for child in child_paths for pair in _chosen(files, name, child)]
    if not files:
        raise UserErrorException('The folder "%s" has no files to register as a model.' % model_path)
    return name, files


def _walk(folder, path, above):
    here = os.path.realpath(folder)
    if here in above:
        raise UserErrorException("%s is a link that leads back to %s, which it lies in." % (folder, here))
    for name in sorted(os.listdir(folder)):
        inner = os.path.join(folder, name)
        if os.path.isdir(inner):
            for pair in _walk(inner, path + "/" + name, above + (here,)):
                yield pair
        elif os.path.isfile(inner):
            yield path + "/" + name, inner
        else:
            raise UserErrorException("%s cannot be part of a model: it is no file, or a link to nothing." % inner)


def _chosen(files, name, child):
    wanted = name + "/" + str(child).replace("\\", "/").strip("/")
    chosen = [pair for pair in files if pair[0] == wanted or pair[0].startswith(wanted + "/")]
    if not chosen:
        raise UserErrorException('There is no "%s" in the folder of the model.' % child)
    return chosen
