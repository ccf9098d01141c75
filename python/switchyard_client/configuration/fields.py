"""Kinds of values that a section may hold: what they are when nothing is given, how they are read from a file, and checked.

``where`` is how an error names the place: attributes of an object (``docker.base_image``) or keys of a file.
"""
import os

from switchyard_client.errors import UserErrorException
from switchyard_client.yaml_subset import as_written


def refuse(where, expected, value):
    """Raise the error that says what was expected and what came."""
    shown = repr(value) if not isinstance(value, (dict, list, tuple)) else "a %s" % ("mapping" if isinstance(value, dict) else "list")
    raise UserErrorException("%s: expected %s, came %s." % (where, expected, shown if len(shown) < 200 else shown[:200] + "..."))


class Text:
    """A text; ``numbers`` takes a number for the text of it."""

    def __init__(self, absent=None, numbers=False):
        self._absent = absent
        self._numbers = numbers

    def absent(self):
        return self._absent

    def read(self, given, where):
        if given is None:
            return self._absent
        if isinstance(given, str):
            return given
        if self._numbers and isinstance(given, (int, float)) and not isinstance(given, bool):
            return as_written(given)
        return refuse(where, "a text", given)

    def wire(self, value, where):
        if isinstance(value, os.PathLike):
            return os.fspath(value)
        return None if value is None else self.read(value, where)


class Flag:
    """True or false; in files the words of older YAML count as well."""

    _WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

    def __init__(self, absent=False):
        self._absent = absent

    def absent(self):
        return self._absent

    def read(self, given, where):
        if given is None:
            return self._absent
        word = self._WORDS.get(given.lower()) if isinstance(given, str) else None
        return word if word is not None else self.wire(given, where)

    def wire(self, value, where):
        if value is None:
            return self._absent
        if value in (True, False):  # a 1 of a script that counts, NumPy's truth
            return bool(value)
        return refuse(where, "True or False", value)


class Number:
    """A number of at least ``least``; ``whole`` ones have no fraction."""

    def __init__(self, absent=None, least=None, whole=False):
        self._absent = absent
        self._least = least
        self._whole = whole

    def absent(self):
        return self._absent

    def read(self, given, where):
        return self._absent if given is None else self.wire(given, where)

    def wire(self, value, where):
        if value is None:
            return None
        kind = "a whole number" if self._whole else "a number"
        expected = kind if self._least is None else "%s of at least %s" % (kind, self._least)
        number = getattr(value, "item", lambda: value)()  # NumPy's
        if isinstance(number, bool) or not isinstance(number, (int, float)) or number != number or number in (float("inf"), float("-inf")):
            return refuse(where, expected, value)
        if (self._whole and number != int(number)) or (self._least is not None and number < self._least):
            return refuse(where, expected, value)
        return int(number) if self._whole or number == int(number) else float(number)


def count(absent=1, least=1):
    """A whole number of at least ``least``."""
    return Number(absent, least, whole=True)


class Word:
    """One of a few words, in any case of letters; ``also`` are older words and what they mean."""

    def __init__(self, words, absent, also=None):
        self._words = words
        self._absent = absent
        self._known = dict(also or {})
        self._known.update((word.lower(), word) for word in words)

    def absent(self):
        return self._absent

    def read(self, given, where):
        if given is None:
            return self._absent
        word = self._known.get(as_written(given).lower()) if not isinstance(given, (dict, list)) else None
        return (
            word if word is not None else refuse(where, "one of %s%s" % (", ".join(self._words), did_you_mean(given, self._words)), given)
        )

    def wire(self, value, where):
        return self.read(value, where)


class Anything:
    """Whatever JSON can say."""

    def __init__(self, absent=None):
        self._absent = absent

    def absent(self):
        return self._absent() if callable(self._absent) else self._absent

    def read(self, given, where):
        return self.absent() if given is None else given

    def wire(self, value, where):
        if hasattr(value, "_to_wire"):
            return value._to_wire(where)
        if isinstance(value, dict):
            return {str(key): self.wire(inner, "%s.%s" % (where, key)) for key, inner in value.items()}
        if isinstance(value, (list, tuple, set)):
            return [self.wire(inner, "%s[%d]" % (where, index)) for index, inner in enumerate(value)]
        if value is None or isinstance(value, (str, int, float)):
            return value
        return refuse(where, "texts, numbers, lists and mappings", value)


class Texts:
    """A list of texts; numbers become texts, as a process gets them."""

    def __init__(self, absent=()):
        self._absent = absent

    def absent(self):
        return list(self._absent)

    def read(self, given, where):
        if given is None:
            return self.absent()
        if not isinstance(given, list):
            return refuse(where, "a list", given)
        return [self._of_file(each, "%s[%d]" % (where, index)) for index, each in enumerate(given)]

    @staticmethod
    def _of_file(given, where):
        return refuse(where, "a text or a number", given) if given is None or isinstance(given, (dict, list)) else as_written(given)

    def wire(self, value, where):
        if value is None:
            return []
        if not isinstance(value, (list, tuple)):
            return refuse(where, "a list", value)
        return [as_argument(each, "%s[%d]" % (where, index)) for index, each in enumerate(value)]


def as_argument(value, where):
    """What reaches a process as text."""
    if value is None or isinstance(value, (dict, list, tuple, set)):
        return refuse(where, "a text or a number", value)
    return os.fspath(value) if isinstance(value, os.PathLike) else getattr(value, "written", None) or str(value)


class Variables:
    """Names and texts: environment variables, settings of Spark."""

    def __init__(self, absent=None):
        self._absent = absent or {}

    def absent(self):
        return dict(self._absent)

    def read(self, given, where):
        if given is None:
            return self.absent()
        if not isinstance(given, dict):
            return refuse(where, "a mapping of names to values", given)
        for name, value in given.items():
            if isinstance(value, (dict, list)):
                refuse("%s.%s" % (where, name), "a text or a number", value)
        return {str(name): as_written(value) for name, value in given.items()}

    def wire(self, value, where):
        if value is None:
            return {}
        if not isinstance(value, dict):
            return refuse(where, "a mapping of names to values", value)
        return {str(name): "" if each is None else as_argument(each, "%s.%s" % (where, name)) for name, each in value.items()}


class Inner:
    """A section within a section; ``optional`` ones may be None."""

    def __init__(self, section, optional=False):
        self._section = section
        self._optional = optional

    def absent(self):
        return None if self._optional else self._section()

    def read(self, given, where):
        return self.absent() if given is None else self._section._read(given, where)

    def wire(self, value, where):
        if value is None:
            return None if self._optional else self._section()._to_wire(where)
        if isinstance(value, dict):
            value = self._section._read(value, where)
        if not hasattr(value, "_to_wire"):
            return refuse(where, "a %s" % self._section.__name__, value)
        return value._to_wire(where)


class Named:
    """Sections by names that a person chose. What is no section but knows how to become an entry is asked for it."""

    def __init__(self, section):
        self._section = section

    def absent(self):
        return {}

    def read(self, given, where):
        if given is None:
            return {}
        if not isinstance(given, dict):
            return refuse(where, "a mapping of names to values", given)
        return {name: self._section._read(value, "%s.%s" % (where, name)) for name, value in given.items()}

    def wire(self, value, where):
        if value is None:
            return {}
        if not isinstance(value, dict):
            return refuse(where, "a mapping of names to %s" % self._section.__name__, value)
        entry = Inner(self._section)
        return {str(name): entry.wire(each, "%s.%s" % (where, name)) for name, each in value.items() if not hasattr(each, "_add_to")}


class Several:
    """A list of sections."""

    def __init__(self, section):
        self._inner = Inner(section)
        self._section = section

    def absent(self):
        return []

    def read(self, given, where):
        if given is None:
            return []
        if not isinstance(given, list):
            return refuse(where, "a list", given)
        return [each if isinstance(each, str) else self._inner.read(each, "%s[%d]" % (where, index)) for index, each in enumerate(given)]

    def wire(self, value, where):
        if value is None:
            return []
        if not isinstance(value, (list, tuple)):
            return refuse(where, "a list", value)
        return [each if isinstance(each, str) else self._inner.wire(each, "%s[%d]" % (where, index)) for index, each in enumerate(value)]


def did_you_mean(given, candidates):
    """``; did you mean "x"?`` when a candidate is near, else the empty text."""
    near = nearest(str(given), candidates)
    return "" if near is None else ' (did you mean "%s"?)' % near


def nearest(given, candidates):
    """The candidate that was probably meant, or None."""
    import difflib

    by_folded = {folded(each): each for each in candidates}
    found = difflib.get_close_matches(folded(given), list(by_folded), 1, 0.7)
    return by_folded[found[0]] if found else None


def folded(name):
    """``node_count``, ``NodeCount`` and ``nodeCount`` are one name."""
    return name.lower().replace("_", "")
