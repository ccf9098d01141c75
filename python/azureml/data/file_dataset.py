"""Datasets of files."""
import os
import shutil
import tempfile

from azureml.data.abstract_dataset import AbstractDataset
from azureml.data.dataset_consumption_config import DatasetConsumptionConfig, name_by_chance
from switchyard_client.errors import not_built


class FileDataset(AbstractDataset):
    """Files of datastores or of the web, by reference."""

    _kind = "file"

    def to_path(self):
        """The names of the files, each with a slash before it, relative to the folder where the dataset is mounted."""
        return ["/" + name for name in self._files().names()]

    def download(self, target_path=None, overwrite=False, ignore_not_found=False):
        """Download the files below ``target_path`` (default: a new folder); return their paths."""
        target = target_path or tempfile.mkdtemp(prefix="switchyard-dataset-")
        return self._files().download(os.path.abspath(target), overwrite)

    def mount(self, mount_point=None, **_):
        """The files as a read-only folder of this machine, while the context is open. They are copied when it is entered."""
        return MountContext(self, mount_point)

    def as_mount(self, path_on_compute=None):
        """The files as a read-only folder of a run, or the one file."""
        return DatasetConsumptionConfig(name_by_chance(), self, "mount", path_on_compute)

    def as_download(self, path_on_compute=None):
        """The files copied into a folder of a run."""
        return DatasetConsumptionConfig(name_by_chance(), self, "download", path_on_compute)

    def as_cache(self, datacache_store):
        """Caches of datasets are not part of this version."""
        raise not_built("FileDataset.as_cache()", "data")

    def as_hdfs(self):
        """For Spark pools; not part of this version."""
        raise not_built("FileDataset.as_hdfs(), for Spark pools,", "data")

    @property
    def file_metadata(self):
        """Sizes and times of files are for ``filter``, which is not part of this version."""
        raise not_built("FileDataset.file_metadata", "data")

    def filter(self, expression):
        """Choosing files by what is known of them is not part of this version."""
        raise not_built("FileDataset.filter()", "data")


class MountContext:
    """Files of a dataset as a folder of this machine; ``mount_point`` is its path."""

    def __init__(self, dataset, mount_point):
        self._dataset = dataset
        self._own = mount_point is None
        self.mount_point = os.path.abspath(mount_point) if mount_point else tempfile.mkdtemp(prefix="switchyard-mount-")
        self._written = []

    def start(self):
        """Bring the files."""
        self._written = self._dataset._files().download(self.mount_point, True)
        for path in self._written:
            os.chmod(path, 0o444)

    def stop(self):
        """Take the files away again."""
        for path in self._written:
            if os.path.exists(path):
                os.unlink(path)
        self._written = []
        if self._own:
            shutil.rmtree(self.mount_point, ignore_errors=True)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
