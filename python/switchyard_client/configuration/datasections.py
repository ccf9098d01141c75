"""The sections of a run configuration that name data: references to datastores, inputs and outputs (spec 01 section 6)."""
from switchyard_client.configuration.fields import Anything, Flag, Inner, Text, Word
from switchyard_client.configuration.section import Field, Section


class DataReferenceConfiguration(Section):
    """A place on a datastore that a run reads from or writes to; ``mode`` is mount, download or upload.

    The script finds it in the variable ``AZUREML_DATAREFERENCE_<name>``.
    """

    _fields = (
        Field("data_store_name", "dataStoreName", Text()),
        Field("mode", "mode", Word(("Mount", "Download", "Upload"), "Mount")),
        Field("path_on_data_store", "pathOnDataStore", Text()),
        Field("path_on_compute", "pathOnCompute", Text()),
        Field("overwrite", "overwrite", Flag(False)),
    )
    _older = {"datastore_name": "data_store_name", "path_on_datastore": "path_on_data_store"}

    def __init__(self, datastore_name=None, mode="mount", path_on_datastore=None, path_on_compute=None, overwrite=False):
        super().__init__()
        self._set(data_store_name=datastore_name, path_on_data_store=path_on_datastore, path_on_compute=path_on_compute)
        self._set(mode=mode, overwrite=overwrite)


class Dataset(Section):
    """A registered dataset within a run configuration: ``id``, or ``name`` and ``version``."""

    _fields = (Field("id", "id", Text()), Field("name", "name", Text()), Field("version", "version", Text(numbers=True)))

    def __init__(self, dataset_id=None, dataset_name=None, dataset_version=None):
        super().__init__()
        self._set(id=dataset_id, name=dataset_name, version=dataset_version)


class DataPath(Section):
    """A path on a datastore within a run configuration."""

    _fields = (Field("datastore_name", "datastoreName", Text()), Field("relative_path", "relativePath", Text()))

    def __init__(self, datastore_name=None, relative_path=None):
        super().__init__()
        self._set(datastore_name=datastore_name, relative_path=relative_path)


class DataLocation(Section):
    """Where an input is: a ``dataset`` or a ``data_path``."""

    _fields = (
        Field("dataset", "dataset", Inner(Dataset, optional=True)),
        Field("data_path", "dataPath", Inner(DataPath, optional=True)),
        Field("uri", "uri", Text()),
        Field("type", "type", Text()),
    )

    def __init__(self, dataset=None, data_path=None, uri=None, type=None):
        super().__init__()
        self._set(dataset=dataset, data_path=data_path, uri=uri, type=type)


class OutputLocation(DataLocation):
    """Where an output goes."""


class Data(Section):
    """An input; ``mechanism`` is mount, download or direct."""

    _fields = (
        Field("data_location", "dataLocation", Inner(DataLocation, optional=True)),
        Field("mechanism", "mechanism", Word(("Mount", "Download", "Direct"), "Mount")),
        Field("environment_variable_name", "environmentVariableName", Text()),
        Field("path_on_compute", "pathOnCompute", Text()),
        Field("overwrite", "overwrite", Flag(False)),
        Field("create_output_directories", "createOutputDirectories", Flag(False)),
        Field("options", "options", Anything()),
    )

    def __init__(
        self,
        data_location=None,
        create_output_directories=False,
        mechanism=None,
        environment_variable_name=None,
        path_on_compute=None,
        overwrite=False,
    ):
        super().__init__()
        self._set(data_location=data_location, create_output_directories=create_output_directories, mechanism=mechanism)
        self._set(environment_variable_name=environment_variable_name, path_on_compute=path_on_compute, overwrite=overwrite)


class RegistrationOptions(Section):
    """How an output is registered as a dataset."""

    _fields = (
        Field("name", "name", Text()),
        Field("description", "description", Text()),
        Field("tags", "tags", Anything()),
        Field("properties", "properties", Anything()),
        Field("dataset_registration_options", "datasetRegistrationOptions", Anything()),
    )

    def __init__(self, name=None, description=None, tags=None, properties=None, dataset_registration_options=None):
        super().__init__()
        self._set(name=name, description=description, tags=tags, properties=properties)
        self._set(dataset_registration_options=dataset_registration_options)


class OutputOptions(Section):
    """Where the script writes an output, and how it is registered."""

    _fields = (
        Field("path_on_compute", "pathOnCompute", Text()),
        Field("registration_options", "registrationOptions", Inner(RegistrationOptions, optional=True)),
    )

    def __init__(self, path_on_compute=None, registration_options=None, upload_options=None, mount_options=None):
        super().__init__()
        self._set(path_on_compute=path_on_compute, registration_options=registration_options)
        for key, value in (("uploadOptions", upload_options), ("mountOptions", mount_options)):
            if value is not None:
                self._others[key] = Anything().wire(value, key)


class OutputData(Section):
    """An output; ``mechanism`` is mount or upload."""

    _fields = (
        Field("output_location", "outputLocation", Inner(OutputLocation, optional=True)),
        Field("mechanism", "mechanism", Word(("Mount", "Upload"), "Mount")),
        Field("additional_options", "additionalOptions", Inner(OutputOptions, optional=True)),
    )

    def __init__(self, output_location=None, mechanism=None, additional_options=None, environment_variable_name=None):
        super().__init__()
        self._set(output_location=output_location, mechanism=mechanism, additional_options=additional_options)
        if environment_variable_name is not None:
            self._others["environmentVariableName"] = environment_variable_name
