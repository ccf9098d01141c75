"""What a run writes to a datastore when it is over."""
import binascii
import os
import re

from switchyard_client.errors import UserErrorException, not_built


class OutputDatasetConfig:
    """Base of the outputs of runs."""


class OutputFileDatasetConfig(OutputDatasetConfig):
    """A folder of a run whose files are put on a datastore when the run is over. In an argument it becomes the folder's path.

    ``destination`` is ``(datastore, folder)``; ``{run-id}`` and ``{output-name}`` in it are replaced. Without one: the default
    datastore, ``dataset/{run-id}/{output-name}``. ``source`` is where the script writes, when it does not take the path.
    """

    def __init__(self, name=None, destination=None, source=None, partition_format=None):
        if name is not None and not re.match(r"[A-Za-z0-9_]+$", str(name)):
            raise UserErrorException('An output is named with letters, digits and "_"; "%s" is not.' % name)
        if destination is not None and not (isinstance(destination, tuple) and hasattr(destination[0], "datastore_type")) and not hasattr(destination, "datastore_type"):
            raise UserErrorException("destination has to be (datastore, folder); it is %r." % (destination,))
        self.name = name or "output_" + binascii.hexlify(os.urandom(4)).decode()
        self.destination = destination
        self.source = source
        self.mode = "mount"
        self._partition_format = partition_format
        self._overwrite = False
        self._globs = None
        self._registration = None

    def as_mount(self, disable_metadata_cache=False):
        """Replace files that are there. The files are put there when the run is over, as with every mode."""
        return self._changed(mode="mount")

    def as_upload(self, overwrite=False, source_globs=None):
        """Keep files that are there, unless ``overwrite``; the run then warns of those that it left out."""
        if source_globs is not None:
            raise not_built("as_upload(source_globs=...)", "data")
        return self._changed(mode="upload", _overwrite=overwrite)

    def register_on_complete(self, name, description=None, tags=None):
        """Register the folder as a dataset, or as the next version of it, when the run has succeeded."""
        if not isinstance(name, str) or not name:
            raise UserErrorException("register_on_complete needs the name of the dataset; it is %r." % (name,))
        return self._changed(_registration={"name": name, "description": description, "tags": dict(tags or {})})

    def as_input(self, name=None):
        """The output as the input of a later step of a pipeline."""
        raise not_built("OutputFileDatasetConfig.as_input(), for steps of pipelines,", "pipelines")

    def read_delimited_files(self, *args, **kwargs):
        """The output as a tabular dataset for a later step of a pipeline."""
        raise not_built("OutputFileDatasetConfig.read_delimited_files(), for steps of pipelines,", "pipelines")

    def read_parquet_files(self, *args, **kwargs):
        """The output as a tabular dataset for a later step of a pipeline."""
        raise not_built("OutputFileDatasetConfig.read_parquet_files(), for steps of pipelines,", "pipelines")

    def _changed(self, **changes):
        changed = OutputFileDatasetConfig.__new__(type(self))
        changed.__dict__.update(self.__dict__)
        changed.__dict__.update(changes)
        return changed

    def _add_to(self, wire):
        datastore, folder = (None, None)
        if self.destination is not None:
            datastore, folder = self.destination if isinstance(self.destination, tuple) else (self.destination, None)
        wire.setdefault("outputData", {})[self.name] = {
            "outputLocation": {"dataPath": {"datastoreName": datastore and datastore.name, "relativePath": folder}},
            "mechanism": "Mount" if self.mode == "mount" else "Upload",
            "additionalOptions": {
                "pathOnCompute": self.source,
                "uploadOptions": {"overwrite": bool(self._overwrite)},
                "registrationOptions": self._registration,
            },
        }
        return str(self)

    def __str__(self):
        return "DatasetOutputConfig:%s" % self.name

    def __repr__(self):
        return "OutputFileDatasetConfig(%r, mode=%r)" % (self.name, self.mode)


class _Later(OutputDatasetConfig):
    """Outputs of Spark pools and links between services: known by name."""

    def __init__(self, *_, **__):
        raise not_built(type(self).__name__, "pipelines")


class HDFSOutputDatasetConfig(_Later):
    """For Spark pools."""


class LinkFileOutputDatasetConfig(_Later):
    """A dataset that a run makes without copying."""


class LinkTabularOutputDatasetConfig(_Later):
    """A tabular dataset that a run makes without copying."""


class OutputTabularDatasetConfig(_Later):
    """An output that is read as a table."""
