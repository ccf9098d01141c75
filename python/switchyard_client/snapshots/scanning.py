"""Scans a folder into a Merkle tree of SHA-256: the same tree, with the same ids, as ``packages/sdk``'s scanner."""
import errno
import hashlib
import json
import os
import time

from switchyard_client.errors import SnapshotException, UserErrorException
from switchyard_client.snapshots.caches import HashCache
from switchyard_client.snapshots.ignoring import IgnoreRules, read_ignore_file
from switchyard_client.snapshots.walking import Walk, signature_of
from switchyard_client.snapshots.warnings import warnings_of

#: How often a folder that changes while it is read is looked at again.
MAX_LOOKS = 4
_NAMED_AT_MOST = 20
_PIECE_BYTES = 1 << 20
READ_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Scan:
    """A folder as it would travel; the bytes stay where they are until they are sent.

    ``root`` is the SHA-256 of the root tree, ``trees`` maps SHA-256 to the entries and the bytes of each folder.
    """

    def __init__(self, folder, walk, ignoring=True):
        self.folder, self.ignoring = folder, ignoring
        self.found = walk.files
        self.trees = {}
        self.root, self.bytes, self.files = self._add(walk.root)
        self.excluded = sorted(walk.excluded, key=_utf16)
        self.warnings = warnings_of(self.trees, self.root, self.files, self.bytes)

    def first_changed(self):
        """The path of the first file that is no longer what was hashed, or None."""
        for found in self.found:
            try:
                if signature_of(os.lstat(os.path.join(os.fsencode(self.folder), found.path))) == found.signature:
                    continue
            except OSError:
                pass
            return found.path.decode("utf-8")
        return None

    def _add(self, folder):
        """Add the tree of a folder and of all folders in it; return the folder's hash and weight."""
        entries = [{"kind": "link", "name": name, "target": target} for name, target in folder.links]
        size = files = 0
        for inner in folder.folders:
            sha256, inner_size, inner_files = self._add(inner)
            entries.append(
                {"kind": "folder", "name": inner.name, "mode": inner.mode, "sha256": sha256, "size": inner_size, "files": inner_files}
            )
            size, files = size + inner_size, files + inner_files
        for file in folder.files:
            entries.append({"kind": "file", "name": file.name, "mode": file.mode, "size": file.size, "sha256": file.sha256})
            size, files = size + file.size, files + 1
        text = encode_tree(entries)
        sha256 = hashlib.sha256(text).hexdigest()
        self.trees[sha256] = (entries, text)
        return sha256, size, files


def encode_tree(entries):
    """The one text of a folder, as UTF-8: no white space, keys in a fixed order, entries sorted by UTF-16 code units."""
    ordered = sorted(entries, key=lambda entry: _utf16(entry["name"]))
    return json.dumps({"version": 1, "entries": ordered}, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def scan_folder(folder, home, ignoring=True):
    """Scan ``folder``; ``home`` is where hashes are remembered and never travels itself (None: neither). ``ignoring``: with its ignore file.

    Raise SnapshotException that names everything which cannot travel.
    """
    real = _real_folder(folder)
    rules = read_ignore_file(real) if ignoring else IgnoreRules("")
    own = None if home is None else os.path.relpath(os.path.realpath(home), real).replace(os.sep, "/")
    of_job = _links_of_job(real)
    cache = HashCache(home, real)
    for _ in range(MAX_LOOKS):
        walk = Walk(os.fsencode(real), lambda path, is_folder: path == own or path in of_job or rules.ignores(path, is_folder))
        changed, unreadable = _hash_all(real, walk, cache)
        if changed is None:
            if walk.refused or unreadable:
                raise _cannot_travel(real, sorted(walk.refused + unreadable))
            cache.save()
            return Scan(real, walk, ignoring)
    raise keeps_changing(real, changed)


def keeps_changing(folder, path):
    """The error for a folder in which somebody writes all the time."""
    return SnapshotException(
        "%s in %s keeps changing while the folder is read. Stop what writes to it, or list it in .amlignore, and submit again."
        % (path, folder)
    )


def open_as_seen(folder, found):
    """A file object of a file that was walked over; None when it is not what was seen any more."""
    try:
        file = open(os.open(os.path.join(os.fsencode(folder), found.path), READ_FLAGS), "rb", buffering=0)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        raise
    if signature_of(os.fstat(file.fileno())) != found.signature:
        file.close()
        return None
    return file


def _real_folder(folder):
    if folder is None or not str(folder):
        raise UserErrorException("Which folder? A snapshot is taken of a folder; source_directory is %r." % (folder,))
    real = os.path.realpath(str(folder))
    if not os.path.exists(real):
        raise UserErrorException("Folder %s does not exist." % folder)
    if not os.path.isdir(real):
        raise UserErrorException("%s is not a folder; a snapshot is taken of a folder." % folder)
    return real


def _links_of_job(folder):
    """In a run: what its folder of code has beside the code, links to where outputs and logs lie."""
    job = os.environ.get("SWITCHYARD_JOB_DIR")
    if not job:
        return ()
    inside = os.path.realpath(job) + os.sep
    if not folder.startswith(inside):
        return ()
    paths = {name: os.path.join(folder, name) for name in os.listdir(folder)}
    leads = {name: os.path.realpath(path) for name, path in paths.items() if os.path.islink(path)}
    return [name for name, real in leads.items() if real.startswith(inside) and not real.startswith(folder + os.sep)]


def _hash_all(folder, walk, cache):
    """Hash what was found: the first file that changed meanwhile, and those that cannot be read, in words."""
    unreadable = []
    for found in walk.files:
        found.sha256 = cache.get(found.signature)
        if found.sha256 is not None:
            continue
        hashed_ns = int(time.time() * 1e9)
        try:
            if not _hash(folder, found):
                return found.path.decode("utf-8"), unreadable
        except OSError as error:
            unreadable.append("%s cannot be read: %s" % (found.path.decode("utf-8"), error.strerror))
            continue
        cache.keep(found, hashed_ns)
    return None, unreadable


def _hash(folder, found):
    """Say False when the file is not what the walk saw."""
    file = open_as_seen(folder, found)
    if file is None:
        return False
    with file:
        total = hashlib.sha256()
        for piece in iter(lambda: file.read(_PIECE_BYTES), b""):
            total.update(piece)
        found.sha256 = total.hexdigest()
        return signature_of(os.fstat(file.fileno())) == found.signature


def _cannot_travel(folder, refused):
    named = "".join("\n  %s" % what for what in refused[:_NAMED_AT_MOST])
    more = "\n  … and %d more" % (len(refused) - _NAMED_AT_MOST) if len(refused) > _NAMED_AT_MOST else ""
    return SnapshotException(
        "Folder %s cannot be submitted as it is:%s%s\nRemove these, or list them in .amlignore (or .gitignore)." % (folder, named, more)
    )


def _utf16(name):
    return name.encode("utf-16-be")
