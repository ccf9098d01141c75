"""Makes datasets: ``Dataset.File`` and ``Dataset.Tabular``."""
import binascii
import os
import shutil
import sys
import tempfile

from azureml.data.data_type import DataType
from azureml.data.dataset_error_handling import DatasetValidationError
from azureml.data.dataset_type_definitions import PromoteHeadersBehavior
from azureml.data.file_dataset import FileDataset
from azureml.data.tabular_dataset import TabularDataset
from switchyard_client.data import uploading
from switchyard_client.data.definitions import sources_of, target_of
from switchyard_client.errors import UserErrorException, not_built

_HEADERS = {
    PromoteHeadersBehavior.NO_HEADERS: "noHeaders",
    PromoteHeadersBehavior.ONLY_FIRST_FILE_HAS_HEADERS: "onlyFirstFileHasHeaders",
    PromoteHeadersBehavior.COMBINE_ALL_FILES_HEADERS: "allFilesHaveDifferentHeaders",
    PromoteHeadersBehavior.ALL_FILES_HAVE_SAME_HEADERS: "allFilesHaveSameHeaders",
    True: "allFilesHaveSameHeaders",
    False: "noHeaders",
}


class FileDatasetFactory:
    """Makes datasets of files."""

    @staticmethod
    def from_files(path, validate=True, partition_format=None, is_file=False):
        """Files at ``path``: an address on the web, ``(datastore, path)`` with wildcards if need be, a DataPath, or a list of such.

        ``validate``: look at once whether there is such a file; raise DatasetValidationError when there is none.
        """
        sources = sources_of(path)
        dataset = FileDataset({"kind": "file", "sources": sources.sources, "steps": []}, sources.workspace)
        if partition_format is not None:
            dataset = dataset._with_steps({"do": "partition", "format": partition_format})
        return _validated(dataset, validate)

    @staticmethod
    def upload_directory(src_dir, target, pattern=None, overwrite=False, show_progress=True):
        """Upload a folder of this machine to ``target``, ``(datastore, folder)``, and make a dataset of it.

        ``pattern`` chooses files by name. Files that are there with other bytes are an error unless ``overwrite``.
        """
        datastore, folder = target_of(target)
        files = uploading.files_of_folder(src_dir, folder, pattern)
        if not files:
            raise UserErrorException('There is no file to upload in "%s"%s.' % (src_dir, " that fits %s" % pattern if pattern else ""))
        show = (lambda text: sys.stdout.write(text + "\n")) if show_progress else None
        from azureml.data.abstract_dataset import refused_in_words

        refused_in_words(
            lambda: uploading.upload(datastore.workspace._server, datastore.name, files, "replace" if overwrite else "refuse", show)
        )
        return FileDatasetFactory.from_files((datastore, (folder.rstrip("/") + "/") if folder else "/"), validate=False)


class TabularDatasetFactory:
    """Makes datasets of rows."""

    @staticmethod
    def from_delimited_files(
        path, validate=True, include_path=False, infer_column_types=True, set_column_types=None, separator=",", header=True,
        partition_format=None, support_multi_line=False, empty_as_string=False, encoding="utf8",
    ):  # fmt: skip
        """Rows of delimited files; ``header`` says which first lines are names of columns (PromoteHeadersBehavior, True or False)."""
        if header not in _HEADERS:
            raise UserErrorException("header has to be one of PromoteHeadersBehavior, True or False; it is %r." % (header,))
        read = {
            "format": "delimited", "separator": separator, "header": _HEADERS[header], "encoding": encoding,
            "supportMultiLine": bool(support_multi_line), "emptyAsString": bool(empty_as_string), "inferColumnTypes": bool(infer_column_types),
        }  # fmt: skip
        return _table(path, read, validate, include_path, set_column_types, partition_format)

    @staticmethod
    def from_parquet_files(path, validate=True, include_path=False, set_column_types=None, partition_format=None):
        """Rows of Parquet files; reading them needs pyarrow beside pandas."""
        return _table(path, {"format": "parquet"}, validate, include_path, set_column_types, partition_format)

    @staticmethod
    def from_json_lines_files(
        path, validate=True, include_path=False, set_column_types=None, partition_format=None, invalid_lines="error", encoding="utf8"
    ):
        """Rows of files that have a JSON object on each line."""
        if invalid_lines != "error":
            raise not_built("from_json_lines_files(invalid_lines=%r)" % invalid_lines, "data")
        return _table(path, {"format": "jsonLines", "encoding": encoding}, validate, include_path, set_column_types, partition_format)

    @staticmethod
    def from_sql_query(query, validate=True, set_column_types=None, query_timeout=30):
        """Rows of a query of a database; not part of this version."""
        raise not_built("Dataset.Tabular.from_sql_query()", "data")

    @staticmethod
    def register_pandas_dataframe(dataframe, target, name, description=None, tags=None, show_progress=True, row_group_size=None, make_target_path_unique=True):
        """Write a DataFrame as a Parquet file to ``target``, ``(datastore, folder)``, and register it, or the next version. Needs pyarrow."""
        datastore, folder = target_of(target)
        inner = binascii.hexlify(os.urandom(16)).decode() if make_target_path_unique else ""
        at = uploading.join_path(folder, inner)
        local = tempfile.mkdtemp(prefix="switchyard-frame-")
        try:
            _write_parquet(dataframe, os.path.join(local, "part-00000.parquet"), row_group_size)
            files = uploading.files_of_folder(local, at)
            uploading.upload(datastore.workspace._server, datastore.name, files, "replace", None)
        finally:
            shutil.rmtree(local, ignore_errors=True)
        if show_progress:
            sys.stdout.write("Uploaded the DataFrame (%d rows) to %s.\n" % (len(dataframe), at))
        dataset = TabularDatasetFactory.from_parquet_files((datastore, at + "/"), validate=False)
        return dataset.register(datastore.workspace, name, description, tags, create_new_version=True)

    @staticmethod
    def register_spark_dataframe(dataframe, target, name, description=None, tags=None, show_progress=True):
        """For Spark; not part of this version."""
        raise not_built("Dataset.Tabular.register_spark_dataframe()", "data")

    @staticmethod
    def register_dask_dataframe(dataframe, target, name, description=None, tags=None, show_progress=True):
        """For Dask; not part of this version."""
        raise not_built("Dataset.Tabular.register_dask_dataframe()", "data")


def _table(path, read, validate, include_path, set_column_types, partition_format):
    sources = sources_of(path)
    steps = []
    if partition_format is not None:
        steps.append({"do": "partition", "format": partition_format})
    if set_column_types:
        steps.append({"do": "columnTypes", "types": {name: _type(kind) for name, kind in set_column_types.items()}})
    if include_path:
        steps.append({"do": "pathColumn", "name": "Path"})
    dataset = TabularDataset({"kind": "tabular", "sources": sources.sources, "read": read, "steps": steps}, sources.workspace)
    return _validated(dataset, validate)


def _type(kind):
    if not isinstance(kind, DataType):
        raise UserErrorException("The type of a column is a DataType, such as DataType.to_float(); it is %r." % (kind,))
    return dict(kind._wire)


def _validated(dataset, validate):
    """A dataset that matches nothing is said at once, not when a run begins."""
    if validate:
        try:
            names = dataset._files().names()
        except UserErrorException as error:
            raise DatasetValidationError(error.message, inner_exception=error) from error
        if not names:
            where = ", ".join(source.get("url") or "%s:%s" % (source["datastore"], source["path"]) for source in dataset._definition["sources"])
            raise DatasetValidationError("The dataset matches no file (%s). Upload the files first, or correct the path." % where)
    return dataset


def _write_parquet(dataframe, path, row_group_size):
    try:
        options = {} if row_group_size is None else {"row_group_size": row_group_size}
        dataframe.to_parquet(path, index=False, **options)
    except ImportError as error:
        from azureml.exceptions import OptionalDependencyMissingException

        raise OptionalDependencyMissingException(
            "Writing a DataFrame needs pyarrow: install it (pip install pyarrow).", inner_exception=error
        ) from error
