"""Reads YAML: the subset by itself, more of it through a YAML library where one is installed."""
from switchyard_client.errors import UserErrorException
from switchyard_client.yaml_subset.library import load_with_library
from switchyard_client.yaml_subset.reading import read
from switchyard_client.yaml_subset.refused import YamlRefused

_MOST_CHARACTERS = 1024 * 1024


def load_yaml(text, file):
    """The value of a YAML or JSON text; ``file`` is how errors call it."""
    text = _decoded(text, file)
    if len(text) > _MOST_CHARACTERS:
        raise UserErrorException("%s has over %d characters; that is not a configuration." % (file, _MOST_CHARACTERS))
    try:
        return read(text)
    except YamlRefused as refused:
        try:
            known, value = load_with_library(text)
        except YamlRefused as error:
            raise UserErrorException("%s:%d: %s" % (file, error.line, error.reason)) from error
        if known:
            return value
        raise UserErrorException(
            "%s:%d: %s. If this is YAML of a kind that this client does not read by itself, install a library for it: pip install PyYAML"
            % (file, refused.line, refused.reason)
        ) from refused


def _decoded(text, file):
    if isinstance(text, str):
        return text.lstrip("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        raise UserErrorException("%s:%d: the file is not valid UTF-8 from here on; save it as UTF-8" % (file, line)) from error
