"""What is remembered of a folder between two snapshots, in the home's ``cache``: in the files and the form of ``sdk/node``."""
import binascii
import hashlib
import os
import re

_LINE = re.compile(r"^(\d+:\d+:\d+:-?\d+:-?\d+) ([0-9a-f]{64})$")
_HEADER = "switchyard hashes 1"
#: A file changed this shortly before it was hashed could change again within the same tick of the disk's clock (FAT's is 2 s).
_RACY_NS = 2000000000


class HashCache:
    """Remembers the SHA-256 of files by their signature, so that a second scan reads nothing. ``home`` None: no cache."""

    def __init__(self, home, folder):
        self._file = None if home is None else _cache_file(home, "hashes-", os.fsencode(folder))
        self._known, self._now = self._read(), {}

    def get(self, signature):
        """The SHA-256 of the file with this signature, or None."""
        sha256 = self._known.get(signature)
        if sha256 is not None:
            self._now[signature] = sha256
        return sha256

    def keep(self, found, hashed_ns):
        """Remember what was hashed at ``hashed_ns``, unless the file may still change unseen."""
        if found.changed_ns < hashed_ns - _RACY_NS:
            self._now[found.signature] = found.sha256

    def save(self):
        """Write what this scan met."""
        if self._file is not None and self._now != self._known:
            lines = "".join("%s %s\n" % item for item in self._now.items())
            _replace(self._file, ("%s\n%s" % (_HEADER, lines)).encode())

    def _read(self):
        header, _, lines = _content(self._file).decode("ascii", "replace").partition("\n")
        return dict(match.groups() for match in map(_LINE.match, lines.split("\n")) if match) if header == _HEADER else {}


class KnownBlobs:
    """What the last snapshot of a folder brought to a server, so that the next one need not ask about it.

    Only a belief: a server that has lost blobs says so when the snapshot is named, and then is asked about each.
    """

    def __init__(self, home, server, folder):
        self._file = None if home is None else _cache_file(home, "sent-", server.encode() + b"\n" + os.fsencode(folder))
        content = _content(self._file)
        self.all = {binascii.hexlify(content[at : at + 32]).decode() for at in range(0, len(content) - 31, 32)}

    def save(self, sha256s, root):
        """Remember all of a snapshot that the server has accepted."""
        if self._file is not None and root not in self.all:
            _replace(self._file, binascii.unhexlify("".join(sha256s)))


def _cache_file(home, prefix, key):
    return os.path.join(home, "cache", prefix + hashlib.sha256(key).hexdigest()[:16])


def _content(file):
    """What cannot be read is as good as nothing."""
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except (OSError, TypeError):
        return b""


def _replace(file, content):
    """A cache that cannot be written costs time, nothing else."""
    temporary = "%s.%d" % (file, os.getpid())
    try:
        os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(content)
        os.replace(temporary, file)
    except OSError:
        try:
            os.unlink(temporary)
        except OSError:
            pass
