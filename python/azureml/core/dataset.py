"""Datasets of a workspace."""
from azureml.data.abstract_dataset import ask, dataset_of
from azureml.data.dataset_factory import FileDatasetFactory, TabularDatasetFactory
from switchyard_client.errors import UserErrorException, not_built

_PAGE = 1000


class Dataset:
    """Makes datasets (``Dataset.File``, ``Dataset.Tabular``) and finds them again, each as an object of its own class."""

    File = FileDatasetFactory
    Tabular = TabularDatasetFactory

    class Scenario:
        """What a dataset of a model is used for."""

        TRAINING = "training"
        VALIDATION = "validation"
        INFERENCING = "inferencing"

    @staticmethod
    def get_by_name(workspace, name, version="latest", **_):
        """The registered dataset of this name; ``version`` is a whole number or ``"latest"``."""
        shown = ask(workspace, "GET", "registered-datasets", name, query={"version": "latest" if version is None else str(version)})
        return dataset_of(workspace, shown)

    @staticmethod
    def get_by_id(workspace, id, **_):
        """The dataset of this id, whether or not it is registered."""
        shown = ask(workspace, "GET", "datasets", id)
        registration = shown.pop("registration")
        return dataset_of(workspace, registration or shown, registration=registration is not None)

    @staticmethod
    def get_all(workspace):
        """Name -> registered dataset, the newest version of each; archived ones are left out."""
        found, after = {}, None
        while True:
            query = {"limit": _PAGE}
            if after is not None:
                query["after"] = after
            page = ask(workspace, "GET", "registered-datasets", query=query)
            found.update((shown["name"], dataset_of(workspace, shown)) for shown in page["items"])
            after = page["next"]
            if after is None:
                return found

    @staticmethod
    def get(workspace, name=None, id=None):
        """The older way to find a dataset."""
        if (name is None) == (id is None):
            raise UserErrorException("Which dataset? Give name or id, one of the two.")
        return Dataset.get_by_id(workspace, id) if name is None else Dataset.get_by_name(workspace, name)

    @staticmethod
    def auto_read_files(path, include_path=False, partition_format=None):
        """The oldest way to make a tabular dataset: the kind of files follows from their names."""
        last = path[0] if isinstance(path, list) else path
        name = str(last[1] if isinstance(last, tuple) else getattr(last, "path_on_datastore", last)).lower()
        if name.endswith(".parquet"):
            return TabularDatasetFactory.from_parquet_files(path, include_path=include_path, partition_format=partition_format)
        if name.endswith((".jsonl", ".json")):
            return TabularDatasetFactory.from_json_lines_files(path, include_path=include_path, partition_format=partition_format)
        separator = "\t" if name.endswith(".tsv") else ","
        return TabularDatasetFactory.from_delimited_files(path, include_path=include_path, partition_format=partition_format, separator=separator)

    @staticmethod
    def from_delimited_files(path, separator=",", header=True, encoding="utf8", quoting=False, infer_column_types=True, skip_rows=0, include_path=False, partition_format=None):
        """The older name of ``Dataset.Tabular.from_delimited_files``."""
        if skip_rows:
            raise not_built("Dataset.from_delimited_files(skip_rows=...)", "data")
        return TabularDatasetFactory.from_delimited_files(
            path, separator=separator, header=header, encoding=encoding, infer_column_types=infer_column_types, include_path=include_path,
            partition_format=partition_format,
        )  # fmt: skip

    @staticmethod
    def from_parquet_files(path, include_path=False, partition_format=None):
        """The older name of ``Dataset.Tabular.from_parquet_files``."""
        return TabularDatasetFactory.from_parquet_files(path, include_path=include_path, partition_format=partition_format)

    @staticmethod
    def from_binary_files(path):
        """The older name of ``Dataset.File.from_files``."""
        return FileDatasetFactory.from_files(path)
