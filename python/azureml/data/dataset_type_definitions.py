"""Words for how files are read."""
from enum import Enum

FILE_TYPE, TABULAR_TYPE = "file", "tabular"


class PromoteHeadersBehavior(Enum):
    """Which first lines of delimited files are names of columns."""

    NO_HEADERS = 0
    ONLY_FIRST_FILE_HAS_HEADERS = 1
    COMBINE_ALL_FILES_HEADERS = 2
    ALL_FILES_HAVE_SAME_HEADERS = 3


class HistogramCompareMethod(Enum):
    """How profiles of columns are compared."""

    WASSERSTEIN = 0
    ENERGY = 1


class FileHandlingOption(Enum):
    """How files of columns are handed over."""

    MOUNT = 0
    DOWNLOAD = 1
