"""A path on a datastore, for datasets and parameters of pipelines."""
from azureml.data.data_reference import DataReference


class DataPath:
    """A path on a datastore; ``name`` is for people."""

    def __init__(self, datastore=None, path_on_datastore=None, name=None):
        self._datastore = datastore
        self.path_on_datastore = path_on_datastore
        self._name = name

    @property
    def datastore_name(self):
        """The datastore's name."""
        return self._datastore.name

    def create_data_reference(self, data_reference_name=None, datapath_compute_binding=None):
        """A reference for runs to the same path."""
        binding = datapath_compute_binding or DataPathComputeBinding()
        return DataReference(
            datastore=self._datastore, data_reference_name=data_reference_name, path_on_datastore=self.path_on_datastore,
            mode=binding.mode, path_on_compute=binding.path_on_compute, overwrite=binding.overwrite,
        )._named_by_chance(self.path_on_datastore)  # fmt: skip

    @staticmethod
    def create_from_data_reference(data_reference):
        """The path that a reference for runs has."""
        return DataPath(data_reference.datastore, data_reference.path_on_datastore)

    def _datastore_and_path(self):
        return self._datastore, self.path_on_datastore or "/"

    def __repr__(self):
        return "DataPath(datastore=%r, path_on_datastore=%r)" % (self._datastore and self._datastore.name, self.path_on_datastore)


class DataPathComputeBinding:
    """How a path appears where a run is."""

    def __init__(self, mode="mount", path_on_compute=None, overwrite=False):
        self.mode, self.path_on_compute, self.overwrite = mode, path_on_compute, overwrite

    def create_data_reference(self, data_reference_name=None, datapath=None, datastore=None):
        """A reference for runs to a path, bound like this."""
        return (datapath or DataPath(datastore)).create_data_reference(data_reference_name, self)
