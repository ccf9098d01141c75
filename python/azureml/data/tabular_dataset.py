"""Datasets of rows."""
import datetime

from azureml.data.abstract_dataset import AbstractDataset
from azureml.exceptions import DatasetTimestampMissingError
from switchyard_client.errors import UserErrorException, not_built


class TabularDataset(AbstractDataset):
    """Rows of delimited, JSON lines or Parquet files, by reference. Rows are read where they are asked for, with pandas."""

    _kind = "tabular"

    def to_pandas_dataframe(self, on_error="null", out_of_range_datetime="null", **_):
        """All rows as a pandas DataFrame. Needs pandas, and pyarrow for Parquet.

        A value that is not of the type that was asked for its column is null, or with ``on_error="fail"`` a DatasetExecutionError;
        ``out_of_range_datetime="error"`` says so of times alone.
        """
        if on_error not in ("null", "fail") or out_of_range_datetime not in ("null", "error"):
            raise UserErrorException(
                'on_error is "null" or "fail" and out_of_range_datetime "null" or "error", not %r and %r.' % (on_error, out_of_range_datetime)
            )
        from switchyard_client.data.tables import import_pandas, read_table

        import_pandas()  # said before anything is fetched
        strict = lambda kind: on_error == "fail" or (kind == "datetime" and out_of_range_datetime == "error")  # noqa: E731
        return read_table(self._definition, self._files(), strict)

    def keep_columns(self, columns, validate=False):
        """Only these columns."""
        return self._columns("keepColumns", columns, validate)

    def drop_columns(self, columns):
        """All but these columns."""
        return self._columns("dropColumns", columns, False)

    def _columns(self, do, columns, validate):
        names = [columns] if isinstance(columns, str) else list(columns)
        if not all(isinstance(name, str) for name in names):
            raise UserErrorException("columns has to be a name or a list of names; it is %r." % (columns,))
        changed = self._with_steps({"do": do, "columns": names})
        if validate:
            changed.take(1).to_pandas_dataframe()
        return changed

    # --- time

    @property
    def timestamp_columns(self):
        """The columns of fine and coarse time, each a name or None."""
        fine = coarse = None
        for step in self._definition.get("steps") or []:
            if step["do"] == "timestamps":
                fine, coarse = step["fine"], step["coarse"]
        return fine, coarse

    def with_timestamp_columns(self, timestamp=None, partition_timestamp=None, validate=False, **kwargs):
        """Say which columns tell the time; None takes that back. Older scripts say fine_grain_timestamp, coarse_grain_timestamp."""
        fine = kwargs.get("fine_grain_timestamp", timestamp)
        coarse = kwargs.get("coarse_grain_timestamp", partition_timestamp)
        return self._with_steps({"do": "timestamps", "fine": fine, "coarse": coarse})

    def time_before(self, end_time, include_boundary=True, validate=True):
        """Rows up to ``end_time``."""
        return self._time(None, end_time, True, include_boundary)

    def time_after(self, start_time, include_boundary=True, validate=True):
        """Rows from ``start_time`` on."""
        return self._time(start_time, None, include_boundary, True)

    def time_between(self, start_time, end_time, include_boundary=True, validate=True):
        """Rows from ``start_time`` up to ``end_time``."""
        return self._time(start_time, end_time, include_boundary, include_boundary)

    def time_recent(self, time_delta, include_boundary=True, validate=True):
        """Rows of the last ``time_delta``, counted back from now."""
        return self._time(datetime.datetime.utcnow() - time_delta, None, include_boundary, True)

    def _time(self, after, before, include_after, include_before):
        if self.timestamp_columns == (None, None):
            raise DatasetTimestampMissingError("The dataset does not say which column tells the time: call with_timestamp_columns first.")
        return self._with_steps(
            {
                "do": "time", "after": _instant(after), "before": _instant(before),
                "includeAfter": bool(include_after), "includeBefore": bool(include_before),
            }
        )  # fmt: skip

    # --- not part of this version

    def __getitem__(self, column):
        """A column by its name is for ``filter``, which is not part of this version."""
        raise not_built("dataset[%r], a column for TabularDataset.filter()," % (column,), "data")

    def to_dask_dataframe(self, *args, **kwargs):
        """For Dask; not part of this version."""
        raise not_built("TabularDataset.to_dask_dataframe()", "data")

    def download(self, stream_column=None, *args, **kwargs):
        """Files that a column names are not fetched in this version."""
        raise not_built("TabularDataset.download()", "data")

    def mount(self, stream_column=None, *args, **kwargs):
        """As ``download``."""
        raise not_built("TabularDataset.mount()", "data")

    def get_profile_runs(self, workspace=None):
        """Profiles of columns are not part of this version."""
        raise not_built("TabularDataset.get_profile_runs()", "data")

    def partition_by(self, partition_keys, target, name=None, show_progress=True, partition_as_file_dataset=False):
        """Writing a dataset anew by the values of columns is not part of this version."""
        raise not_built("TabularDataset.partition_by()", "data")

    def to_spark_dataframe(self):
        """For Spark; not part of this version."""
        raise not_built("TabularDataset.to_spark_dataframe()", "data")

    def to_csv_files(self, separator=","):
        """Not part of this version."""
        raise not_built("TabularDataset.to_csv_files()", "data")

    def to_parquet_files(self):
        """Not part of this version."""
        raise not_built("TabularDataset.to_parquet_files()", "data")

    def get_profile(self, workspace=None):
        """Profiles of columns are not part of this version."""
        raise not_built("TabularDataset.get_profile()", "data")

    def submit_profile_run(self, compute_target, experiment, cache_datastore_name=None):
        """Profiles of columns are not part of this version."""
        raise not_built("TabularDataset.submit_profile_run()", "data")

    def filter(self, expression):
        """Choosing rows by an expression is not part of this version; use pandas on what to_pandas_dataframe() gives."""
        raise not_built("TabularDataset.filter()", "data")


def _instant(time):
    if time is None:
        return None
    if not isinstance(time, datetime.datetime):
        raise UserErrorException("A time has to be a datetime.datetime; it is %r." % (time,))
    if time.tzinfo is not None:
        time = time.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (time.microsecond // 1000)
