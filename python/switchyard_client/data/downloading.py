"""Brings files of datastores and datasets to this machine; each appears only when it is whole and its bytes are right."""
import binascii
import hashlib
import os
import shutil

from switchyard_client.errors import UserErrorException
from switchyard_client.retrying import patiently

_PIECE_BYTES = 1 << 20


def place_below(folder, path):
    """Where the file ``path`` goes below ``folder``; a path that leads out is refused, whoever sent it."""
    root = os.path.abspath(folder)
    to = os.path.normpath(os.path.join(root, path))
    if not to.startswith(root.rstrip(os.sep) + os.sep):
        raise UserErrorException('The server names a file "%s", which leads out of %s. It was not written.' % (path, root))
    return to


def is_same(to, size, sha256):
    """Does the file that is there hold these bytes?"""
    if sha256 is None or not os.path.isfile(to) or os.path.getsize(to) != size:
        return False
    return hash_of(to) == sha256


def hash_of(path):
    """The SHA-256 of a file of this machine."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for piece in iter(lambda: stream.read(_PIECE_BYTES), b""):
            digest.update(piece)
    return digest.hexdigest()


def fetch_file(server, path, to, sha256=None):
    """Write the bytes of an address of the server to the file ``to``."""
    os.makedirs(os.path.dirname(to), exist_ok=True)
    partial = "%s.%s.part" % (to, binascii.hexlify(os.urandom(4)).decode())

    def act():
        with server._open("GET", path, timeout=300) as answer, open(partial, "wb") as out:
            shutil.copyfileobj(answer, out, _PIECE_BYTES)

    try:
        patiently(act)
        if sha256 is not None and hash_of(partial) != sha256:
            raise UserErrorException('"%s" arrived with other bytes than the server announced. Try again.' % os.path.basename(to))
        os.replace(partial, to)
    finally:
        if os.path.exists(partial):
            os.unlink(partial)
