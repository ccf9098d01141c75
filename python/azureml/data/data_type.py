"""Types of columns."""


class DataType:
    """The type that a column of a tabular dataset is given, for ``set_column_types``."""

    def __init__(self, kind, **more):
        self._wire = dict(more, type=kind)

    @staticmethod
    def to_string():
        """Texts."""
        return DataType("string")

    @staticmethod
    def to_float(decimal_mark="."):
        """Numbers with a fraction; ``decimal_mark`` is ``.`` or ``,``."""
        return DataType("float", decimalMark=decimal_mark)

    @staticmethod
    def to_long():
        """Whole numbers."""
        return DataType("long")

    @staticmethod
    def to_bool():
        """Truth values: true and false, 1 and 0."""
        return DataType("bool")

    @staticmethod
    def to_datetime(formats=None):
        """Instants; ``formats`` is one or several like ``%Y-%m-%d``, tried in order."""
        return DataType("datetime", formats=[formats] if isinstance(formats, str) else list(formats) if formats else None)

    @staticmethod
    def to_stream(workspace=None, escaped=False):
        """Paths of files, kept as they are."""
        return DataType("stream")

    def __repr__(self):
        return "DataType(%r)" % self._wire["type"]
