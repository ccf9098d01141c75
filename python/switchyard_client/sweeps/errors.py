"""What configurations and runs of sweeps raise, beside what everything raises."""
from switchyard_client.errors import AzureMLException, UserErrorException


class HyperDriveException(AzureMLException):
    """Base of the errors of sweeps."""


class HyperDriveConfigException(HyperDriveException, UserErrorException):
    """A sweep was told something that cannot be."""


class HyperDriveRehydrateException(HyperDriveException):
    """What a run was asked as a sweep, it does not know: it is none."""


class HyperDriveScenarioNotSupportedException(HyperDriveException):
    """A sweep cannot do what was asked of its run."""


class HyperDriveNotImplementedException(HyperDriveException, NotImplementedError):
    """What v1 had and is yet to come."""


def refuse(where, expected, value):
    """Raise the error that says what was expected and what came."""
    shown = repr(value)
    if len(shown) > 200:
        shown = shown[:200] + "..."
    raise HyperDriveConfigException("%s: expected %s, came %s." % (where, expected, shown))


def number(value, where, whole=False, least=None, most=None, above=None):
    """A finite number, NumPy's too, as int or float; ``above`` it must lie, ``least`` and ``most`` it may be."""
    expected = "a whole number" if whole else "a number"
    if above is not None:
        expected += " above %s" % above
    elif least is not None and most is not None:
        expected += " from %s to %s" % (least, most)
    elif least is not None:
        expected += " of at least %s" % least
    found = _number(value)
    if found is None or (whole and found != int(found)):
        return refuse(where, expected, value)
    if (least is not None and found < least) or (most is not None and found > most) or (above is not None and found <= above):
        return refuse(where, expected, value)
    return int(found) if whole else found


def _number(value):
    """As int or float; None for what is no finite number."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):  # NumPy's
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if value == value and value not in (float("inf"), float("-inf")) else None
