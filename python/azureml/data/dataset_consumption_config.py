"""How a run meets a dataset."""
import binascii
import os
import re

from switchyard_client.errors import UserErrorException, not_built

_MECHANISMS = {"direct": "Direct", "mount": "Mount", "download": "Download"}


class DatasetConsumptionConfig:
    """A dataset as an input of a run. In an argument it becomes the path of its files, or, in ``direct`` mode, its id."""

    def __init__(self, name, dataset, mode="direct", path_on_compute=None):
        if mode == "hdfs":
            raise not_built("as_hdfs(), for Spark pools,", "data")
        if mode not in _MECHANISMS:
            raise UserErrorException("mode has to be direct, mount or download; it is %r." % (mode,))
        if not re.match(r"[A-Za-z_][A-Za-z0-9_]*$", str(name)):
            raise UserErrorException('An input is named with letters, digits and "_", and begins with no digit; "%s" is not.' % name)
        self.name = name
        self.dataset = dataset
        self.mode = mode
        self.path_on_compute = path_on_compute

    def as_mount(self, path_on_compute=None):
        """The dataset's files as a read-only folder of the run, or its one file."""
        return self._as("mount", path_on_compute)

    def as_download(self, path_on_compute=None):
        """The dataset's files copied into a folder of the run."""
        return self._as("download", path_on_compute)

    def as_hdfs(self):
        """For Spark pools; not part of this version."""
        raise not_built("as_hdfs(), for Spark pools,", "data")

    def _as(self, mode, path_on_compute):
        from azureml.data.file_dataset import FileDataset

        if not isinstance(self.dataset, FileDataset):
            raise UserErrorException(
                "A tabular dataset cannot be mounted or downloaded: the script opens it as run.input_datasets[%r]. Make a dataset of "
                "files (Dataset.File.from_files) of the same path." % self.name
            )
        return DatasetConsumptionConfig(self.name, self.dataset, mode, path_on_compute or self.path_on_compute)

    def _add_to(self, wire):
        self.dataset._ensure_saved(self.dataset._workspace)
        wire.setdefault("data", {})[self.name] = {
            "dataLocation": {"dataset": {"id": self.dataset.id, "name": self.dataset.name, "version": self.dataset._version_text()}},
            "mechanism": _MECHANISMS[self.mode],
            "environmentVariableName": self.name,
            "pathOnCompute": self.path_on_compute,
            "overwrite": False,
        }
        return str(self)

    def __str__(self):
        return "DatasetConsumptionConfig:%s" % self.name

    def __repr__(self):
        return "DatasetConsumptionConfig(%r, mode=%r)" % (self.name, self.mode)


def name_by_chance():
    """A name for an input that nobody named."""
    return "input_" + binascii.hexlify(os.urandom(4)).decode()
