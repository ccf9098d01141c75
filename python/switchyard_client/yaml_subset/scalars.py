"""What a plain scalar means (YAML 1.2, core schema). Numbers remember how they were written: an argument ``1e-3`` stays that."""
import re

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z")
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
#: An integer of more digits takes Python long to read, and no configuration has one.
_MOST_DIGITS = 300


class WrittenInt(int):
    """An integer that knows its text."""


class WrittenFloat(float):
    """A float that knows its text."""


def resolve(text):
    """The value of a plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _MOST_DIGITS:
        return text
    if _INTEGER.match(text):
        return _with_text(WrittenInt(text), text)
    if _OCTAL.match(text):
        return _with_text(WrittenInt(text[2:], 8), text)
    if _HEXADECIMAL.match(text):
        return _with_text(WrittenInt(text[2:], 16), text)
    if _FLOAT.match(text):
        return _with_text(WrittenFloat(text), text)
    if _INFINITE.match(text):
        return _with_text(WrittenFloat("-inf" if text[0] == "-" else "inf"), text)
    if text in (".nan", ".NaN", ".NAN"):
        return _with_text(WrittenFloat("nan"), text)
    return text


def as_written(value):
    """A scalar as text: numbers as they stood in the file, true and false in YAML's words, nothing as the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return getattr(value, "written", None) or str(value)


def _with_text(value, text):
    value.written = text
    return value
