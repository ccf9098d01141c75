"""Turns what scripts log into JSON: NumPy scalars, arrays and tensors included, without importing any of them."""
import json

from switchyard_client.errors import UserErrorException

#: The server takes no record with a longer name.
LONGEST_NAME = 255
_SPECIAL = {float("inf"): "Infinity", float("-inf"): "-Infinity"}


def checked_name(name):
    """Return the name of a metric, tag or property as text; refuse one that the server would have to leave out."""
    text = name if type(name) is str else str(name)
    if not 0 < len(text) <= LONGEST_NAME:
        raise UserErrorException("What is logged needs a name of 1 to %d characters; this one has %d." % (LONGEST_NAME, len(text)))
    return text


def as_number(value):
    """Return ``value`` as int or float if it is a number (bool, NumPy scalar, 0-d tensor, Decimal ... too), else None."""
    kind = type(value)
    if kind is float or kind is int:
        return value
    if isinstance(value, (bool, int, float)):
        return int(value) if isinstance(value, (bool, int)) else float(value)
    if isinstance(value, (str, bytes, list, tuple, dict, set)) or value is None:
        return None
    item = getattr(value, "item", None)
    if item is not None and getattr(value, "size", 1) in (1, None) or callable(getattr(value, "numel", None)):
        try:
            return as_number(item())
        except Exception:  # not a scalar after all
            return None
    try:
        return float(value)
    except Exception:
        return None


def number_json(value):
    """JSON text of a number. JSON has no NaN and no infinities: these travel as texts."""
    if isinstance(value, int):
        return str(value)
    if value != value:
        return '"NaN"'
    if value in _SPECIAL:
        return '"%s"' % _SPECIAL[value]
    return repr(value)


def plain(value):
    """Return ``value`` as something ``json`` can write; numbers that JSON lacks become texts."""
    number = None if getattr(value, "shape", ()) else as_number(value)
    if number is not None:
        if isinstance(number, float) and (number != number or number in _SPECIAL):
            return json.loads(number_json(number))
        return number
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    tolist = getattr(value, "tolist", None)
    if callable(tolist):
        return plain(tolist())
    if isinstance(value, (list, tuple, set, frozenset)) or hasattr(value, "__iter__"):
        return [plain(item) for item in value]
    return str(value)
