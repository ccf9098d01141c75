"""Writes YAML that readers of 1.1 (Python's) and 1.2 (most others) understand alike."""
import re

from switchyard_client.errors import UserErrorException
from switchyard_client.yaml_subset.scalars import resolve

#: Texts that need no quotes; what begins with or holds anything that YAML gives a meaning is left out.
_PLAIN = re.compile(
    r"(?:[A-Za-z0-9_/$(^+]|[.-](?=[A-Za-z0-9_/]|-[A-Za-z]))(?:[A-Za-z0-9_./$*+=~<>()^@%,;\[\]-]|:(?=[^\s:])|[ ](?=[^\s#:]))*\Z"
)
#: What YAML 1.1 takes for something else than a text: truth, numbers with underscores or in base 60 or 2, dates.
_OLDER = re.compile(
    r"(?:y|n|yes|no|on|off|true|false|null|~|=|<<)\Z|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z|[-+]?0b[01_]+\Z|"
    r"[-+]?(?:0x)?[0-9a-f_.,]*\Z|[-+]?[0-9._]+(?:e[-+]?[0-9]+)?\Z|[-+]?\.(?:inf|nan)\Z|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}",
    re.IGNORECASE,
)
_PRINTABLE = re.compile("[\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*\\Z")
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\", "\0": "\\0"}


def to_yaml(value):
    """The text of a value made of mappings, lists and scalars."""
    return "".join(line + "\n" for line in _lines(value, 0))


def _lines(value, indent):
    pad = " " * indent
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            for line in _entry(pad + _text(str(key)) + ":", inner, indent + 2, indent if isinstance(inner, (list, tuple)) else indent + 2):
                yield line
    elif isinstance(value, (list, tuple)) and value:
        for inner in value:
            for line in _item(inner, indent):
                yield line
    else:
        yield pad + (_scalar(value) or "null")


def _entry(start, inner, text_indent, block_indent):
    if isinstance(inner, (dict, list, tuple)) and inner:
        yield start
        for line in _lines(inner, block_indent):
            yield line
    elif _is_literal(inner):
        yield start + (" |" if inner.endswith("\n") else " |-")
        for line in inner.rstrip("\n").split("\n"):
            yield " " * text_indent + line if line else ""
    else:
        scalar = _scalar(inner)
        yield start + " " + scalar if scalar else start


def _item(inner, indent):
    pad = " " * indent
    if isinstance(inner, (dict, list, tuple)) and inner:
        lines = list(_lines(inner, indent + 2))
        yield pad + "- " + lines[0][indent + 2 :]
        for line in lines[1:]:
            yield line
    else:
        for line in _entry(pad + "-", inner, indent + 2, indent + 2):
            yield line


def _is_literal(value):
    """May the text be written as it is, line by line?"""
    if not isinstance(value, str) or "\n" not in value or value.endswith("\n\n") or value[0] in " \n\t":
        return False
    return all(_PRINTABLE.match(line) and not line.isspace() and line == line.rstrip() for line in value.split("\n"))


def _scalar(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    if isinstance(value, str):
        return _text(value)
    raise UserErrorException("%r (%s) cannot be written to a YAML file." % (value, type(value).__name__))


def _number(value):
    if isinstance(value, int):
        return "%d" % value
    if value != value:
        return ".nan"
    if value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    text = float.__repr__(value)
    return text.replace("e", ".0e") if "e" in text and "." not in text else text  # YAML 1.1 wants a point


def _text(value):
    if _PLAIN.match(value) and isinstance(resolve(value), str) and not _OLDER.match(value) and not value.startswith(("---", "...")):
        return value
    if _PRINTABLE.match(value) and "\t" not in value:
        return "'%s'" % value.replace("'", "''")
    return '"%s"' % "".join(_escaped(character) for character in value)


def _escaped(character):
    if character in _SHORT:
        return _SHORT[character]
    if _PRINTABLE.match(character):
        return character
    code = ord(character)
    return "\\x%02x" % code if code < 0x100 else "\\u%04x" % code if code < 0x10000 else "\\U%08x" % code
