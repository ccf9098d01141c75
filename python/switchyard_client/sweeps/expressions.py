"""How values are drawn: the ten expressions (spec 06, section 1), as lists ``[name, [arguments]]`` that know how they travel."""
import math

from switchyard_client.sweeps.errors import HyperDriveConfigException, number, refuse

#: e to a power above this is no number any more, and below the other one it is 0.
_LARGEST_LOG, _SMALLEST_LOG = 709.0, -744.0
#: JSON loses digits of whole numbers beyond it.
_LARGEST_WHOLE = (1 << 53) - 1
#: Nobody draws farther than this many standard deviations from the middle.
_FARTHEST_SIGMAS = 10


class Expression(list):
    """``[name, [arguments]]``, as v1 stored it."""

    @property
    def name(self):
        """``choice``, ``uniform``, ..."""
        return self[0]


def choice(*options):
    """One of the options, each as likely as the others; a single list, range or array is the list of options.

    An option may be another expression, whose draw becomes the value, or (where our own rules hold) a map of names to
    expressions: parameters that are there when this option is drawn.
    """
    if len(options) == 1:
        options = _listed(options[0])
    if not options:
        raise HyperDriveConfigException("choice: there is nothing to choose from; give at least one option.")
    options = [
        option if isinstance(option, Expression) else plain_value(option, "choice: options[%d]" % index) for index, option in enumerate(options)
    ]
    return Expression(["choice", [options]])


def randint(upper):
    """A whole number from 0 to ``upper`` - 1."""
    return Expression(["randint", [number(upper, "randint: upper", whole=True, least=1)]])


def uniform(min_value, max_value):
    """Any number from ``min_value`` to ``max_value``."""
    return _ranged("uniform", min_value, max_value)


def quniform(min_value, max_value, q):
    """round(uniform / q) * q."""
    return _ranged("quniform", min_value, max_value, q)


def loguniform(min_value, max_value):
    """exp(uniform(min_value, max_value)): the arguments are the logarithms of the smallest and the largest value."""
    return _ranged("loguniform", min_value, max_value)


def qloguniform(min_value, max_value, q):
    """round(loguniform / q) * q; ``min_value`` and ``max_value`` are logarithms, ``q`` is not."""
    return _ranged("qloguniform", min_value, max_value, q)


def normal(mu, sigma):
    """Normally distributed, with mean ``mu`` and standard deviation ``sigma``."""
    return _bell("normal", mu, sigma)


def qnormal(mu, sigma, q):
    """round(normal / q) * q."""
    return _bell("qnormal", mu, sigma, q)


def lognormal(mu, sigma):
    """exp(normal(mu, sigma)): the logarithm is normally distributed."""
    return _bell("lognormal", mu, sigma)


def qlognormal(mu, sigma, q):
    """round(lognormal / q) * q."""
    return _bell("qlognormal", mu, sigma, q)


NAMES = ("choice", "randint", "uniform", "quniform", "loguniform", "qloguniform", "normal", "qnormal", "lognormal", "qlognormal")
_ARGUMENTS = {"randint": 1, "uniform": 2, "loguniform": 2, "normal": 2, "lognormal": 2}


def as_expression(given, where):
    """An expression; one that was written out as ``["uniform", [0, 1]]`` is looked through like one that a function made."""
    if isinstance(given, Expression):
        return given
    if not isinstance(given, (list, tuple)) or len(given) != 2 or not isinstance(given[0], str) or not isinstance(given[1], (list, tuple)):
        return refuse(where, "an expression such as choice(1, 2) or uniform(0, 1)", given)
    name, arguments = given
    if name not in NAMES:
        return refuse(where, "one of %s" % ", ".join(NAMES), name)
    count = _ARGUMENTS.get(name, 3)
    if name != "choice" and len(arguments) != count:
        raise HyperDriveConfigException("%s: %s takes %d values, came %d." % (where, name, count, len(arguments)))
    return globals()[name](*arguments)


def wire_of(expression):
    """The stored form: floats that are whole keep being floats, and options that are expressions say so."""
    name, arguments = expression
    if name == "choice":
        return [name, [[_option(option) for option in arguments[0]]]]
    return [name, [_marked(value) for value in arguments]]


def expressions_within(expression):
    """An expression and all that its options are made of, each with the names of a map that it stands in."""
    yield expression
    if expression[0] != "choice":
        return
    for option in expression[1][0]:
        inner = [option] if isinstance(option, Expression) else option.values() if is_space(option) else ()
        for each in inner:
            if isinstance(each, Expression):
                for found in expressions_within(each):
                    yield found


def is_space(option):
    """Whether an option is a map of names to expressions."""
    return isinstance(option, dict) and any(isinstance(value, Expression) for value in option.values())


def _ranged(name, low, high, *q):
    low, high = number(low, name + ": min_value"), number(high, name + ": max_value")
    if low > high:
        raise HyperDriveConfigException("%s: min_value %s is above max_value %s; exchange the two." % (name, low, high))
    if "log" in name:
        for value, word, is_out in ((high, "max_value", high > _LARGEST_LOG), (low, "min_value", low < _SMALLEST_LOG)):
            if is_out:
                raise HyperDriveConfigException(
                    "%s: the arguments are logarithms, and e^%s is no number above 0 that a script could use; give math.log(%s)."
                    % (name, value, word)
                )
    return Expression([name, [low, high] + _steps(name, q)])


def _bell(name, mu, sigma, *q):
    mu, sigma = number(mu, name + ": mu"), number(sigma, name + ": sigma, a standard deviation", above=0)
    if "log" in name and mu + _FARTHEST_SIGMAS * sigma > _LARGEST_LOG:
        raise HyperDriveConfigException(
            "%s: mu and sigma are of the logarithm, and e^(%s + some times %s) is too large." % (name, mu, sigma)
        )
    return Expression([name, [mu, sigma] + _steps(name, q)])


def _steps(name, q):
    return [number(each, name + ": q", above=0) for each in q]


def _listed(given):
    """The options that one argument holds."""
    if isinstance(given, (str, bytes, dict, Expression)):
        return (given,)
    if callable(getattr(given, "tolist", None)) and getattr(given, "shape", ()) != ():
        return tuple(given.tolist())
    if isinstance(given, (list, tuple, range, set, frozenset)) or hasattr(given, "__next__"):
        return tuple(sorted(given, key=repr)) if isinstance(given, (set, frozenset)) else tuple(given)
    return (given,)


def plain_value(value, where):
    """An option as JSON has it, numbers of NumPy too; expressions within are kept."""
    if value is None or isinstance(value, (bool, str, Expression)):
        return value
    if isinstance(value, int):
        if abs(value) > _LARGEST_WHOLE:
            return refuse(where, "a whole number up to 2**53 - 1; a longer one as a text, of which the script gets every digit", value)
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else refuse(where, "a number that a script could use, or a text", value)
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            return refuse(where, "texts as names", value)
        return {key: plain_value(inner, "%s[%r]" % (where, key)) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_value(inner, "%s[%d]" % (where, index)) for index, inner in enumerate(value)]
    if callable(getattr(value, "tolist", None)):
        return plain_value(value.tolist(), where)
    return refuse(where, "a number, a text, True, False, None, or a list or map of these", value)


def _option(option):
    if isinstance(option, Expression):
        return {"expression": wire_of(option)}
    if is_space(option):
        return {"space": parameters_of(option)}
    return _marked(option)


def parameters_of(space):
    """The stored form of a map of names to expressions; a plain value is a choice of one."""
    found = []
    for name, value in space.items():
        when, value = (value.when, value.expression) if hasattr(value, "when") else (None, value)
        expression = value if isinstance(value, Expression) else choice([value])
        found.append({"name": name, "expression": wire_of(expression), "when": when})
    return found


def _marked(value):
    if isinstance(value, float):
        return {"float": value} if value == int(value) else value
    if isinstance(value, list):
        return [_marked(inner) for inner in value]
    if isinstance(value, dict):
        return {key: _marked(inner) for key, inner in value.items()}
    return value
