"""The outputs folder of a run that is no job: what is new in it when the run ends is kept with the run."""
import os

from switchyard_client.uploads import files_below

DEFAULT_FOLDER = "outputs"


class OutputsFolder:
    """Knows what lay in a folder when the run began."""

    def __init__(self, path):
        os.makedirs(path, exist_ok=True)
        self._path = os.path.abspath(path)
        self._before = dict(self._signatures())

    def keep_new(self, uploads):
        """Hand over, below ``outputs/``, what was made or changed since; a name that was handed over already stays as it is."""
        for (name, source), signature in self._signatures():
            if self._before.get((name, source)) != signature and not uploads.has(name):
                uploads.add(name, source)

    def _signatures(self):
        if not os.path.isdir(self._path):
            return
        for name, source in files_below("outputs", self._path):
            try:
                about = os.stat(source)
            except OSError:
                continue
            yield (name, source), (about.st_ino, about.st_size, about.st_mtime_ns)
