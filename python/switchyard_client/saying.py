"""What is said of a run: numbers, texts, tags, files, children, and how it ends."""
import binascii
import os
import time
import warnings

from switchyard_client import charts
from switchyard_client.errors import UserErrorException, not_built
from switchyard_client.values import as_number, checked_name, plain


class Saying:
    """The half of ``Run`` that speaks. A run keeps three ways: ``_place``, ``_journal`` and ``_uploads``."""

    def log(self, name, value, description="", step=None):
        """Log a number (points of one name make a curve), a text, a list, a map (a row) or a DataFrame. Anything else is kept as its text, with a warning."""
        number = as_number(value)
        if number is not None:
            self._journal.number(checked_name(name), number, step, self._about)
        elif isinstance(value, (str, bytes)) or value is None:
            self._value(name, "text", "" if value is None else value)
        elif isinstance(value, dict):
            self._value(name, "row", {str(key): each for key, each in value.items()})
        elif hasattr(value, "items") and not hasattr(value, "tolist"):  # a DataFrame; a Series is a list
            self.log_table(name, value, description)
        elif hasattr(value, "__iter__"):
            self.log_list(name, value, description)
        else:
            said = "run.log(%r, ...): a %s is no number, text or list; its text is logged." % (name, type(value).__name__)
            warnings.warn(said, stacklevel=2)
            self._value(name, "text", str(value))

    def log_list(self, name, value, description=""):
        """Log a list in one call."""
        self._value(name, "list", list(value))

    def log_row(self, name, description=None, **kwargs):
        """Log one row; each keyword is a column, repeated calls build a table."""
        self._value(name, "row", kwargs)

    def log_table(self, name, value, description=""):
        """Log a table: a mapping from column to list."""
        self._value(name, "table", _mapping(value, "log_table", "column", "list"))

    def log_confusion_matrix(self, name, value, description=""):
        """Log a confusion matrix: a map or JSON text with schema_type, schema_version and data."""
        self._value(name, "chart", charts.checked("confusion_matrix", value))

    def log_accuracy_table(self, name, value, description=""):
        """Log an accuracy table: a map or JSON text with schema_type, schema_version and data."""
        self._value(name, "chart", charts.checked("accuracy_table", value))

    def log_residuals(self, name, value, description=""):
        """Log residuals: a map or JSON text with schema_type, schema_version and data."""
        self._value(name, "chart", charts.checked("residuals", value))

    def log_predictions(self, name, value, description=""):
        """Log predictions: a map or JSON text with schema_type, schema_version and data."""
        self._value(name, "chart", charts.checked("predictions", value))

    def tag(self, key, value=None):
        """Set one tag; a bare tag has no value."""
        self._journal.record("tag", self._about, name=checked_name(key), v=None if value is None else str(value))

    def set_tags(self, tags):
        """Set several tags."""
        given = _mapping(tags, "set_tags", "key", "text")
        self._journal.tags(self._about, {checked_name(key): None if value is None else str(value) for key, value in given.items()})

    def remove_tags(self, tags):
        """Remove tags by key."""
        for key in [tags] if isinstance(tags, str) else tags:
            self._journal.record("untag", self._about, name=str(key))

    def add_properties(self, properties):
        """Add properties. They never change: the first value of a key stays, another one is only a warning."""
        given = _mapping(properties, "add_properties", "key", "text")
        self._journal.properties(self._about, {checked_name(key): str(value) for key, value in given.items()})

    def complete(self, _set_status=True):
        """The run is done. A submitted run ends when its script exits, by the exit code: there it is only a note."""
        self._keep_outputs()
        self._journal.record("complete", self._about)
        self._place.ended(self, "Completed")

    def fail(self, error_details=None, error_code=None, _set_status=True):
        """Declare the run failed, whatever its exit code will be."""
        self._keep_outputs()
        message = None if error_details is None else str(error_details)
        self._journal.record("fail", self._about, code=None if error_code is None else str(error_code), message=message)
        self._place.ended(self, "Failed")

    def flush(self, timeout_seconds=10):
        """Wait until the server has what this process logged. In the file, and so safe, it is already: nothing is buffered."""
        server = self._place.server()
        if server is not None:
            self._place.wait_until_home(self._journal, server, timeout_seconds)

    def child_run(self, name=None, run_id=None, outputs=None):
        """Make a child run, which keeps what is new in the folder ``outputs`` when it ends; used as a context manager it completes at the end of the block, or fails by its exception."""
        self._children += 1
        child = run_id or "%s_%d_%s" % (self.id, self._children, binascii.hexlify(os.urandom(3)).decode())
        self._journal.record("child", self._about, child=child, name=checked_name(name) if name else None)
        born = self._place.born(self, child)
        if outputs:
            from switchyard_client.interactive.outputs import OutputsFolder

            born._outputs = OutputsFolder(outputs)
        return born

    def create_children(self, count=None, tag_key=None, tag_values=None):
        """Make many children; with ``tag_key`` each gets one of ``tag_values``."""
        if tag_values is not None and count is not None and count != len(tag_values):
            raise UserErrorException("create_children(count=%d) does not fit %d tag_values." % (count, len(tag_values)))
        children = [self.child_run() for _ in range(len(tag_values) if tag_values is not None else count or 0)]
        for child, value in zip(children, tag_values or []):
            child.tag(tag_key, value)
        return children

    # --- file: what comes home with the outputs

    def log_image(self, name, path=None, plot=None, description=""):
        """Log an image: a file at ``path``, or a matplotlib figure or pyplot module as ``plot``."""
        if (path is None) == (plot is None):
            raise UserErrorException("log_image takes either path or plot, not %s." % ("both" if path else "neither"))
        suffix = "png" if plot is not None else (os.path.splitext(path)[1].lstrip(".") or "png")
        speaker = self._place.speaker_suffix(self)
        file = "%s_%d%s%s.%s" % (name, int(time.time() * 1000), speaker, self._place.rank_suffix, suffix)
        self._uploads.add(file, charts.png_of(plot) if plot is not None else path)
        self._value(name, "image", "aml://artifactId/ExperimentRun/dcid.%s/%s" % (self.id, file))

    def upload_file(self, name, path_or_stream, datastore_name=None):
        """Keep a file with the run under ``name``."""
        _refuse_datastore(datastore_name)
        self._uploads.add(name, path_or_stream)

    def upload_files(self, names, paths, return_artifacts=False, timeout_seconds=None, datastore_name=None):
        """Keep several files with the run."""
        _refuse_datastore(datastore_name)
        if len(names) != len(paths):
            raise UserErrorException("upload_files got %d names for %d paths." % (len(names), len(paths)))
        for name, path in zip(names, paths):
            self._uploads.add(name, path)

    def upload_folder(self, name, path, datastore_name=None):
        """Keep every file below ``path`` with the run, under ``name``/..."""
        _refuse_datastore(datastore_name)
        self._uploads.add_folder(name, path)

    # --- parts

    def _keep_outputs(self):
        if self._outputs is not None:
            self._outputs.keep_new(self._uploads)

    def _value(self, name, kind, value):
        self._journal.record("v", self._about, name=checked_name(name), kind=kind, v=plain(value))

    def _set(self, name, value):
        self._journal.record("set", self._about, name=name, v=str(value))


def _mapping(value, method, key, what):
    if not hasattr(value, "items"):
        raise UserErrorException("%s() takes a map of %s and %s, not %r." % (method, key, what, value))
    return dict(value.items())


def _refuse_datastore(name):
    if name is not None:
        raise not_built("Uploading files of a run to the datastore %s" % name, "runs")
