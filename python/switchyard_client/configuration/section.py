"""A section of a configuration: attributes with a kind each, which become keys of JSON and of files."""
import json
import os
import sys
import warnings

from switchyard_client.configuration.fields import folded, nearest, refuse


class Field:
    """One attribute and its key. ``later`` keys are written to files only when they say something."""

    def __init__(self, attribute, key, kind, later=False, also=(), yaml=None):
        self.attribute = attribute
        self.key = key
        self.kind = kind
        self.later = later
        self.also = also
        self.yaml = yaml or key


class Section:
    """Base of all sections. Attributes that no section has are taken, as on any Python object, with a warning that names the nearest."""

    _fields = ()
    #: older names of attributes -> the name that counts
    _older = {}

    def __init__(self):
        for field in self._fields:
            object.__setattr__(self, field.attribute, field.kind.absent())
        self._others = {}

    def __setattr__(self, name, value):
        name = self._older.get(name, name)
        if not name.startswith("_") and not hasattr(self, name):
            self._warn_of(name)
        object.__setattr__(self, name, value)

    def __getattr__(self, name):
        older = type(self)._older.get(name)
        if older is not None:
            return getattr(self, older)
        near = None if name.startswith("_") else nearest(name, self._attributes())
        hint = "" if near is None else '; did you mean "%s"?' % near
        raise AttributeError("%s has no attribute %r%s" % (type(self).__name__, name, hint))

    def _attributes(self):  # what a person can mean
        properties = [name for name in dir(type(self)) if isinstance(getattr(type(self), name, None), property)]
        return [name for name in [field.attribute for field in self._fields] + properties if not name.startswith("_")]

    def _warn_of(self, name):
        near = nearest(name, self._attributes())
        hint = "" if near is None else '; did you mean "%s"?' % near
        warnings.warn(
            "%s has no attribute %r, so that setting it has no effect%s" % (type(self).__name__, name, hint), stacklevel=_callers_level()
        )

    def _set(self, **values):
        """Set attributes, leaving out those that are None."""
        for name, value in values.items():
            if value is not None:
                setattr(self, name, value)

    def _to_wire(self, where=""):
        """The section as JSON, every key in it; raises UserErrorException that names the attribute that cannot be."""
        wire = {
            field.key: field.kind.wire(getattr(self, field.attribute), below(where, field.attribute.lstrip("_"))) for field in self._fields
        }
        wire.update(self._others)
        return wire

    def _for_file(self):
        """The keys that a file holds, in its spelling."""
        wire = self._to_wire(type(self).__name__)
        absent = type(self)._blank()
        kept = {}
        for field in self._fields:
            value = getattr(self, field.attribute)
            default = field.kind.wire(getattr(absent, field.attribute), "")
            if field.later and wire[field.key] == default:
                continue
            kept[field.yaml] = value._for_file() if isinstance(value, Section) else wire[field.key]
        kept.update(self._others)
        return kept

    @classmethod
    def _blank(cls):
        made = cls.__new__(cls)
        Section.__init__(made)
        return made

    @classmethod
    def _read(cls, given, where):
        """The section that a mapping of a file or of the server describes; unknown keys are kept and warned of."""
        if not isinstance(given, dict):
            return refuse(where, "a mapping", given)
        made = cls._blank()
        fields = {folded(name): field for field in cls._fields for name in (field.key,) + tuple(field.also)}
        seen = {}
        for key, value in given.items():
            field = fields.get(folded(str(key)))
            place = below(where, key)
            if field is None:
                made._others[key] = value
                made._unknown_key(key, place, value)
            elif field.attribute in seen:
                refuse(place, "the key once (it is there as %s too)" % seen[field.attribute], value)
            else:
                seen[field.attribute] = key
                object.__setattr__(made, field.attribute, field.kind.read(value, place))
        return made

    def _unknown_key(self, key, place, value):
        near = nearest(str(key), [field.key for field in self._fields])
        hint = "" if near is None else '; did you mean "%s"?' % near
        warnings.warn('%s: unknown key "%s", kept but not used%s' % (place, key, hint), stacklevel=2)

    def __eq__(self, other):
        return type(self) is type(other) and self._to_wire() == other._to_wire()

    __hash__ = None

    def __repr__(self):
        return json.dumps(masked(self._shown()), indent=4, default=_readable)

    def _shown(self):
        try:
            return self._to_wire()
        except Exception:  # what cannot be sent can still be looked at
            return {field.key: getattr(self, field.attribute, None) for field in self._fields}


def _readable(value):
    """For JSON that is only looked at."""
    return masked(value._shown()) if isinstance(value, Section) else repr(value)


def _callers_level():
    """How far up the script is that set the attribute."""
    level, frame = 2, sys._getframe(2)
    while frame.f_back is not None and os.path.dirname(frame.f_code.co_filename) == os.path.dirname(__file__):
        level, frame = level + 1, frame.f_back
    return level


def masked(value):
    """The same with passwords replaced by stars."""
    if isinstance(value, dict):
        return {key: "***" if str(key).lower() == "password" and inner else masked(inner) for key, inner in value.items()}
    return [masked(each) for each in value] if isinstance(value, list) else value


def below(where, name):
    """The place of a part."""
    return "%s.%s" % (where, name) if where else str(name)
