"""Reads a tabular dataset into pandas, which is imported here and nowhere else."""
import codecs
import datetime
import hashlib
import re

from switchyard_client.errors import UserErrorException

_DATES = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?\s*$|\d{1,2}/\d{1,2}/\d{4}( \d{1,2}:\d{2}(:\d{2})?( [AP]M)?)?\s*$")
_HEADERS = "allFilesHaveSameHeaders"


def import_pandas():
    """pandas, or an error that says what to install."""
    try:
        import pandas
    except ImportError as error:
        from azureml.exceptions import OptionalDependencyMissingException

        raise OptionalDependencyMissingException(
            "Reading a tabular dataset needs pandas: install it (pip install pandas; for Parquet also pyarrow).", inner_exception=error
        ) from error
    return pandas


def read_table(definition, files, strict=lambda kind: False):
    """The rows of a dataset: ``definition`` as the server has it, ``files`` gives (name, local path) of each file.

    ``strict`` says of a type that was asked for (``float``, ``datetime``, ...) whether a value that is none is an error.
    """
    pandas = import_pandas()
    steps = definition.get("steps") or []
    frames, count = [], 0
    most = _rows_wanted(steps)
    for name, path in files.each():
        count += 1
        frame = _read_file(pandas, definition["read"], path, count == 1)
        for step in steps:
            if step["do"] == "pathColumn":
                frame.insert(0, step["name"], "/" + name)
            elif step["do"] == "partition":
                for column, value in _partition_values(step["format"], name).items():
                    frame[column] = value
        frames.append(frame)
        if most is not None and sum(len(each) for each in frames) >= most:
            break
    if not frames:
        raise UserErrorException("The dataset matches no file, so it has no rows. Upload the files, or correct its path.")
    table = frames[0] if len(frames) == 1 else pandas.concat(frames, ignore_index=True, sort=False)
    table = _with_types(pandas, table, definition["read"], steps, strict)
    for step in steps:
        table = _apply(pandas, table, step, steps)
    return table.reset_index(drop=True)


def _rows_wanted(steps):
    """How many rows are enough, when the first step that counts rows says so."""
    for step in steps:
        if step["do"] == "take":
            return step["count"]
        if step["do"] not in ("keepColumns", "dropColumns", "columnTypes", "pathColumn", "partition", "timestamps"):
            return None
    return None


def _read_file(pandas, read, path, is_first):
    try:
        if read["format"] == "parquet":
            return pandas.read_parquet(path)
        if read["format"] == "jsonLines":
            return pandas.read_json(path, lines=True, convert_dates=False, encoding=_encoding(read))
        return _read_delimited(pandas, read, path, is_first)
    except UserErrorException:
        raise
    except ImportError as error:
        from azureml.exceptions import OptionalDependencyMissingException

        raise OptionalDependencyMissingException("Reading Parquet needs pyarrow: install it (%s)." % error, inner_exception=error) from error
    except Exception as error:
        raise _cannot_read(error, read) from error


def _cannot_read(error, read):
    from azureml.data.dataset_error_handling import DatasetExecutionError

    return DatasetExecutionError("A file of the dataset cannot be read as %s: %s" % (read["format"], error), inner_exception=error)


def _read_delimited(pandas, read, path, is_first):
    header = read.get("header", _HEADERS)
    has_header = header in (_HEADERS, "allFilesHaveDifferentHeaders") or (header == "onlyFirstFileHasHeaders" and is_first)
    options = {"sep": read.get("separator", ","), "header": 0 if has_header else None, "encoding": _encoding(read), "skipinitialspace": False}
    if len(options["sep"]) > 1:
        options.update(sep=re.escape(options["sep"]), engine="python")
    if not read.get("inferColumnTypes", True):
        options["dtype"] = str
    if read.get("emptyAsString"):
        options["keep_default_na"] = False
    try:
        table = pandas.read_csv(path, **options)
    except pandas.errors.EmptyDataError:
        return pandas.DataFrame()
    if not has_header:
        table.columns = ["Column%d" % (index + 1) for index in range(len(table.columns))]
    return table


def _encoding(read):
    name = {"utf8": "utf-8-sig", "iso88591": "iso-8859-1", "latin1": "latin-1", "windows1252": "cp1252"}.get(read.get("encoding", "utf8"), read.get("encoding"))
    codecs.lookup(name)
    return name


def _with_types(pandas, table, read, steps, strict):
    """Columns of texts that are all dates become dates, as v1 has it; then the types that were asked for."""
    asked = {}
    for step in steps:
        if step["do"] == "columnTypes":
            asked.update(step["types"])
    if read["format"] == "delimited" and read.get("inferColumnTypes", True):
        for column in table.columns:
            if column not in asked and (table[column].dtype == object or str(table[column].dtype) in ("str", "string")):
                table[column] = _as_dates(pandas, table[column])
    for column, kind in asked.items():
        if column in table.columns:
            converted = _converted(pandas, table[column], kind, column)
            if strict(kind["type"] if isinstance(kind, dict) else kind):
                _refuse_what_was_lost(column, kind, table[column], converted)
            table[column] = converted
    return table


def _refuse_what_was_lost(column, kind, before, after):
    lost = before[before.notna() & after.isna()]
    if len(lost):
        from azureml.data.dataset_error_handling import DatasetExecutionError

        word = kind["type"] if isinstance(kind, dict) else kind
        raise DatasetExecutionError('The column "%s" has %d values that are no %s; the first is %r.' % (column, len(lost), word, lost.iloc[0]))


def _as_dates(pandas, values):
    texts = values.dropna()
    if len(texts) == 0 or not all(isinstance(text, str) and _DATES.match(text) for text in texts):
        return values
    try:
        dates = pandas.to_datetime(values, errors="raise", utc=bool(re.search(r"(Z|[+-]\d{2}:?\d{2})\s*$", texts.iloc[0])) or None)
        return dates.dt.tz_localize(None) if dates.dt.tz is not None else dates
    except (ValueError, TypeError, OverflowError):
        return values


def _converted(pandas, values, kind, column):
    word = kind["type"] if isinstance(kind, dict) else kind
    if word == "string":
        return values.where(values.isna(), values.astype(str))
    if word == "float":
        mark = kind.get("decimalMark", ".")
        texts = values.astype(str).str.replace(mark, ".", regex=False) if mark != "." else values
        return pandas.to_numeric(texts, errors="coerce").astype("float64")
    if word == "long":
        numbers = pandas.to_numeric(values, errors="coerce")
        return numbers.astype("int64") if not numbers.isna().any() else numbers
    if word == "bool":
        return values.map(lambda value: {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().lower()))
    if word == "datetime":
        formats = kind.get("formats") or [None]
        result = None
        for each in formats:
            dates = pandas.to_datetime(values, format=each, errors="coerce")
            result = dates if result is None else result.fillna(dates)
        return result
    if word == "stream":
        return values
    raise UserErrorException('The column "%s" cannot be made a %s.' % (column, word))


def _apply(pandas, table, step, steps):
    do = step["do"]
    if do == "take":
        return table.iloc[: step["count"]]
    if do == "skip":
        return table.iloc[step["count"] :]
    if do in ("sample", "split"):
        # pandas' own generator differs between versions: a row's chance depends on the seed and its place alone
        low = [_chance(step.get("seed"), place) < step["probability" if do == "sample" else "percentage"] for place in range(len(table))]
        return table[[each == (do == "sample" or step["part"] == 0) for each in low]]
    if do == "keepColumns":
        return table[_existing(table, step["columns"])]
    if do == "dropColumns":
        return table.drop(columns=[column for column in step["columns"] if column in table.columns])
    if do == "time":
        return _within(pandas, table, step, steps)
    return table


def _existing(table, columns):
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise UserErrorException("The dataset has no column %s; it has %s." % (", ".join(map(repr, missing)), ", ".join(map(str, table.columns))))
    return list(columns)


def _chance(seed, place):
    digest = hashlib.sha256(("%d:%d" % (seed or 0, place)).encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2.0**32


def _within(pandas, table, step, steps):
    column = None
    for each in steps:
        if each is step:
            break
        if each["do"] == "timestamps":
            column = each["fine"] or each["coarse"]
    times = pandas.to_datetime(table[column], errors="coerce")
    if getattr(times.dt, "tz", None) is not None:
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    keep = pandas.Series(True, index=table.index)
    if step["after"] is not None:
        bound = _instant(step["after"])
        keep &= (times >= bound) if step["includeAfter"] else (times > bound)
    if step["before"] is not None:
        bound = _instant(step["before"])
        keep &= (times <= bound) if step["includeBefore"] else (times < bound)
    return table[keep]


def _instant(text):
    return datetime.datetime.strptime(text[:23].rstrip("Z"), "%Y-%m-%dT%H:%M:%S.%f" if "." in text else "%Y-%m-%dT%H:%M:%S")


def _partition_values(partition_format, name):
    """``/{country}/{day:yyyy/MM/dd}/data.csv`` applied to a file's name: columns and their values."""
    expression, columns, at = "", [], 0
    text = partition_format.strip("/")
    for found in re.finditer(r"\{([^{}:]*)(?::([^{}]*))?\}", text):
        expression += _literal(text[at : found.start()])
        at = found.end()
        column, dates = found.group(1), found.group(2)
        if dates:
            expression += "(" + "".join(re.escape(char) if not char.isalpha() else r"\d" for char in dates) + ")"
        else:
            expression += "([^/]+)"
        columns.append((column, dates))
    expression += _literal(text[at:])
    match = re.search("(?:^|/)" + expression + "$", name)
    if match is None:
        raise UserErrorException('The file "%s" does not fit the partition_format "%s".' % (name, partition_format))
    values = {}
    for (column, dates), value in zip(columns, match.groups()):
        if column:
            values[column] = value if not dates else datetime.datetime.strptime(value, _strptime(dates))
    return values


def _literal(text):
    return re.escape(text).replace(r"\*", "[^/]*").replace("*", "[^/]*")


def _strptime(dates):
    for word, directive in (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S")):
        dates = dates.replace(word, directive)
    return dates
