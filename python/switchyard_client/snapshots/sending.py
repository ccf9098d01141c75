"""Sends what the server lacks of a scanned folder, and names the snapshot."""
import binascii
import os
import struct

from switchyard_client.errors import ServiceException
from switchyard_client.retrying import patiently
from switchyard_client.snapshots.caches import KnownBlobs
from switchyard_client.snapshots.progress import SendingProgress
from switchyard_client.snapshots.scanning import MAX_LOOKS, keeps_changing, open_as_seen, scan_folder
from switchyard_client.snapshots.walking import signature_of

#: From here on a file travels alone.
_BIG_BYTES = 1 << 20
#: Small ones share a request of at most this.
_BATCH_BYTES, _BATCH_BLOBS = 32 << 20, 2000
_PIECE_BYTES = 512 << 10
#: As many hashes as fit into a request of a few megabytes.
_ASKED_AT_ONCE = 50000


class FileChanged(Exception):
    """A file is no longer what was hashed. The folder is scanned again; a person never sees this."""


def send_snapshot(server, scan, home):
    """Send a scanned folder and return (snapshot as the server shows it, the scan that was sent).

    What travels is what was hashed: a folder that changed meanwhile is scanned again.
    """
    for _ in range(MAX_LOOKS):
        try:
            return _Sender(server, scan).send(home), scan
        except FileChanged as change:
            changed = str(change)
        except ServiceException as error:
            if error.code != "checksum_mismatch":
                raise
            changed = scan.first_changed() or "A file"  # the change kept size and time: the server noticed
        scan = scan_folder(scan.folder, home, scan.ignoring)
    raise keeps_changing(scan.folder, changed)


class _Sender:
    def __init__(self, server, scan):
        self._server = server
        self._scan = scan
        self._folder = scan.folder

    def send(self, home):
        known = KnownBlobs(home, self._server.url, self._folder)
        self._send_missing(known.all)
        snapshot = self._name()
        known.save(list(self._scan.trees) + [found.sha256 for found in self._scan.found], self._scan.root)
        return snapshot

    def _name(self):
        def create():
            return patiently(
                lambda: self._server.ask("POST", self._server.path("snapshots"), body={"root": self._scan.root}, timeout=120)
            )

        try:
            return create()
        except ServiceException as error:
            if error.code != "snapshot_incomplete":
                raise
        # a folder's blob was there but not all that it names, as after garbage was collected: ask about each
        self._send_missing(set(), True)
        return create()

    def _send_missing(self, known, ask_all=False):
        files, trees = self._find_missing(known, ask_all)
        if not files and not trees:
            return
        progress = SendingProgress(sum(found.size for found in files) + sum(len(self._scan.trees[sha256][1]) for sha256 in trees))
        try:
            for batch in _batches([found for found in files if found.size <= _BIG_BYTES], lambda found: found.size):
                self._send_framed([(found.sha256, found.size, found) for found in batch], progress)
            for found in files:
                if found.size > _BIG_BYTES:
                    self._send_big(found, progress)
            # an edit of a file that had travelled already would be in the snapshot half: with others of the same edit, without this one
            changed = self._scan.first_changed()
            if changed is not None:
                raise FileChanged(changed)
            for batch in _batches(trees, lambda sha256: len(self._scan.trees[sha256][1])):
                self._send_framed([(sha256, len(self._scan.trees[sha256][1]), None) for sha256 in batch], progress)
        finally:
            progress.end()

    def _find_missing(self, known, ask_all):
        """What the server lacks, asked from the root downwards: below a folder that is there nothing is asked.

        Trees come in the order to send them: folders before those they lie in, so that whoever finds one finds all it names.
        """
        missing, asked, trees = set(), set(), []
        level = [self._scan.root]
        while level:
            fresh = [sha256 for sha256 in dict.fromkeys(level) if sha256 not in asked]
            asked.update(fresh)
            missing.update(self._ask_about([sha256 for sha256 in fresh if sha256 not in known]))
            level = []
            for sha256 in fresh:
                if sha256 in self._scan.trees and (ask_all or sha256 in missing):
                    if sha256 in missing:
                        trees.append(sha256)
                    level += [entry["sha256"] for entry in self._scan.trees[sha256][0] if "sha256" in entry]
        files = {found.sha256: found for found in self._scan.found if found.sha256 in missing}
        return list(files.values()), trees[::-1]

    def _ask_about(self, sha256s):
        missing = []
        for at in range(0, len(sha256s), _ASKED_AT_ONCE):
            body = {"sha256": sha256s[at : at + _ASKED_AT_ONCE]}
            missing += patiently(lambda: self._server.ask("POST", "/api/v1/blobs/missing", body=body))["missing"]
        return missing

    def _send_framed(self, blobs, progress):
        """Many blobs in one body: of each the SHA-256, the length and the bytes (``putBlobs``)."""
        length = sum(40 + size for _, size, _ in blobs)
        patiently(lambda: self._server.send("POST", "/api/v1/blobs", progress.counted(self._frames(blobs)), length))

    def _frames(self, blobs):
        for sha256, size, found in blobs:
            content = self._scan.trees[sha256][1] if found is None else b"".join(self._pieces(found))
            yield binascii.unhexlify(sha256) + struct.pack(">Q", size) + content

    def _send_big(self, found, progress):
        path = "/api/v1/blobs/" + found.sha256
        patiently(lambda: self._server.send("PUT", path, progress.counted(self._pieces(found)), found.size))

    def _pieces(self, found):
        """The bytes of a file; raise FileChanged when it is not what was hashed."""
        name = found.path.decode("utf-8")
        try:
            file = open_as_seen(self._folder, found)
        except OSError:
            file = None
        if file is None:
            raise FileChanged(name)
        with file:
            left = found.size
            while left > 0:
                piece = file.read(min(_PIECE_BYTES, left))
                if not piece:
                    raise FileChanged(name)
                left -= len(piece)
                yield piece
            if signature_of(os.fstat(file.fileno())) != found.signature:
                raise FileChanged(name)


def _batches(things, size_of):
    """Divide things into lists of some megabytes each."""
    batch, room = [], 0
    for thing in things:
        if batch and (room < size_of(thing) or len(batch) == _BATCH_BLOBS):
            yield batch
            batch = []
        if not batch:
            room = _BATCH_BYTES
        batch.append(thing)
        room -= size_of(thing)
    if batch:
        yield batch
