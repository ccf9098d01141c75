"""A path on a datastore, for runs."""
import binascii
import os
import re

from switchyard_client.errors import UserErrorException

_MODES = {"mount": "Mount", "download": "Download", "upload": "Upload"}
_NAME = re.compile(r"[A-Za-z0-9_]+$")


class DataReference:
    """A path on a datastore that a run reads from (``mount``, ``download``) or writes to (``upload``).

    In an argument it becomes the path where the run finds it; as a text it is ``$AZUREML_DATAREFERENCE_<name>``.
    """

    def __init__(self, datastore, data_reference_name=None, path_on_datastore=None, mode="mount", path_on_compute=None, overwrite=False):
        if str(mode).lower() not in _MODES:
            raise UserErrorException("mode has to be mount, download or upload; it is %r." % (mode,))
        self.datastore = datastore
        self.data_reference_name = data_reference_name or re.sub(r"\W", "_", datastore.name)
        if not _NAME.match(self.data_reference_name):
            raise UserErrorException('data_reference_name "%s" has to be letters, digits and "_".' % data_reference_name)
        self.path_on_datastore = path_on_datastore
        self.mode = str(mode).lower()
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite

    def path(self, path=None, data_reference_name=None):
        """A reference to a path below this one."""
        inner = "/".join(part for part in ((self.path_on_datastore or "").rstrip("/"), path or "") if part) or None
        return self._with(path_on_datastore=inner, data_reference_name=data_reference_name)._named_by_chance(path)

    def as_mount(self):
        """The same, as a read-only folder of the run."""
        return self._with(mode="mount")

    def as_download(self, path_on_compute=None, overwrite=False):
        """The same, copied into a folder of the run."""
        return self._with(mode="download", path_on_compute=path_on_compute, overwrite=overwrite)

    def as_upload(self, path_on_compute=None, overwrite=False):
        """The same, as a folder of the run whose files are put on the datastore when the run is over."""
        return self._with(mode="upload", path_on_compute=path_on_compute, overwrite=overwrite)

    def to_config(self):
        """The same as part of a run configuration."""
        from azureml.core.runconfig import DataReferenceConfiguration

        return DataReferenceConfiguration(
            datastore_name=self.datastore.name,
            mode=self.mode,
            path_on_datastore=self.path_on_datastore,
            path_on_compute=self.path_on_compute,
            overwrite=self.overwrite,
        )

    def _with(self, **changes):
        fields = dict(
            datastore=self.datastore, data_reference_name=self.data_reference_name, path_on_datastore=self.path_on_datastore,
            mode=self.mode, path_on_compute=self.path_on_compute, overwrite=self.overwrite,
        )  # fmt: skip
        fields.update((name, value) for name, value in changes.items() if value is not None)
        return DataReference(**fields)

    def _named_by_chance(self, path):
        """A reference to a part of a datastore must not have the name that the whole has."""
        if path is not None and self.data_reference_name == re.sub(r"\W", "_", self.datastore.name):
            self.data_reference_name = binascii.hexlify(os.urandom(16)).decode()
        return self

    def _add_to(self, wire):
        wire.setdefault("dataReferences", {})[self.data_reference_name] = {
            "dataStoreName": self.datastore.name,
            "mode": _MODES[self.mode],
            "pathOnDataStore": self.path_on_datastore,
            "pathOnCompute": self.path_on_compute,
            "overwrite": bool(self.overwrite),
        }
        return str(self)

    def _datastore_and_path(self):
        return self.datastore, self.path_on_datastore or "/"

    def __str__(self):
        return "$AZUREML_DATAREFERENCE_%s" % self.data_reference_name

    def __repr__(self):
        return str(self)
