"""Looks at everything in a folder that no rule ignores. Never follows a link."""
import os
import stat

from switchyard_client.snapshots.links import read_link

#: Deepest nesting of folders that a snapshot may have; deeper trees are refused by name.
MAX_TREE_DEPTH = 256


class FoundFile:
    """A file as it was seen; ``path`` is relative to the folder, in bytes, because names of files are bytes."""

    def __init__(self, name, path, about):
        self.name = name
        self.path = path
        self.mode = stat.S_IMODE(about.st_mode) & 0o777
        self.size = about.st_size
        self.signature = signature_of(about)
        self.changed_ns = max(about.st_mtime_ns, about.st_ctime_ns)
        self.sha256 = None


class FoundFolder:
    """A folder and what lies in it; ``links`` are pairs of name and target."""

    def __init__(self, name, path, mode):
        self.name, self.path, self.mode = name, path, mode
        self.files, self.folders, self.links = [], [], []


class Walk:
    """One walk: ``files``, what ignore rules kept at home (``excluded``), and what cannot travel and why (``refused``)."""

    def __init__(self, folder, ignores):
        self.files, self.excluded, self.refused = [], [], []
        self._folder = folder
        self._ignores = ignores
        self.root = FoundFolder("", b"", 0o755)
        self._look(self.root, 1)

    def _look(self, into, depth):
        for entry in self._entries_of(into):
            path = into.path + b"/" + entry.name if into.path else entry.name
            try:
                name, words = entry.name.decode("utf-8"), path.decode("utf-8")
            except UnicodeDecodeError:
                self.refused.append("%s has a name that is not UTF-8" % path.decode("utf-8", "replace"))
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            if self._ignores(words, is_folder):
                self.excluded.append(words + "/" if is_folder else words)
            else:
                self._take(into, entry, name, path, words, depth)

    def _take(self, into, entry, name, path, words, depth):
        if entry.is_symlink():
            target, refused = read_link(self._folder, path)
            if refused:
                self.refused.append("%s %s" % (words, refused))
            else:
                into.links.append((name, target))
        elif entry.is_file(follow_symlinks=False):
            about = self._lstat(path, words)
            if about is not None:
                into.files.append(FoundFile(name, path, about))
                self.files.append(into.files[-1])
        elif not entry.is_dir(follow_symlinks=False):
            self.refused.append("%s is %s" % (words, self._kind_of(path)))
        elif depth >= MAX_TREE_DEPTH:
            self.refused.append("%s lies more than %d folders deep" % (_shortened(words), MAX_TREE_DEPTH))
        else:
            about = self._lstat(path, words)
            if about is not None:
                folder = FoundFolder(name, path, stat.S_IMODE(about.st_mode) & 0o777)
                into.folders.append(folder)
                self._look(folder, depth + 1)

    def _entries_of(self, folder):
        try:
            with os.scandir(os.path.join(self._folder, folder.path) if folder.path else self._folder) as entries:
                return list(entries)
        except OSError as error:
            if not (folder.path and isinstance(error, FileNotFoundError)):
                where = folder.path or self._folder
                self.refused.append("%s cannot be read: %s" % (_shortened(where.decode("utf-8", "replace")), error.strerror))
            return []

    def _lstat(self, path, words):
        """None for what went away since its folder was read: then it was never there."""
        try:
            return os.lstat(os.path.join(self._folder, path))
        except FileNotFoundError:
            return None
        except OSError as error:
            self.refused.append("%s cannot be read: %s" % (_shortened(words), error.strerror))
            return None

    def _kind_of(self, path):
        about = self._lstat(path, "")
        mode = about.st_mode if about else 0
        if stat.S_ISSOCK(mode):
            return "a socket"
        if stat.S_ISFIFO(mode):
            return "a named pipe"
        return "a device" if stat.S_ISBLK(mode) or stat.S_ISCHR(mode) else "neither file, folder nor link"


def signature_of(about):
    """Tells one content of one file from another without reading it, as ``sdk/node`` does: both share one cache."""
    return "%d:%d:%d:%d:%d" % (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)


def _shortened(path):
    return path if len(path) <= 300 else path[:300] + "…"
