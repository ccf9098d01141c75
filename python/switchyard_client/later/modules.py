"""Makes the modules of the table, and the placeholders in them."""
import sys

from switchyard_client.errors import on_the_roadmap
from switchyard_client.later.names import FEATURES, MODULES
from switchyard_client.version import VERSION


def loader_of(name):
    """What loads a module of the table (or a package that such modules are in); None for all other names."""
    if name == "msrest" or name.startswith("msrest."):
        return _MsrestLoader if name in ("msrest", "msrest.exceptions") else None
    return _Loader if name in _known() else None


def fill_in(module_name):
    """Give a real module the names of the table that it lacks."""
    module = sys.modules[module_name]
    for name, feature in MODULES.get(module_name, {}).items():
        if not hasattr(module, name):
            setattr(module, name, placeholder(name, feature))


class _Loader:
    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        names = MODULES.get(module.__name__, {})
        module.__doc__ = "Names of v1 whose features are yet to come (switchyard_client/later/names.py)."
        module.__all__ = sorted(names)
        module.VERSION = module.__version__ = VERSION
        for name, feature in names.items():
            inner = "%s.%s" % (module.__name__, name)
            if inner not in _known():  # else it is a module, which importing it puts here
                setattr(module, name, placeholder(name, feature))


class _MsrestLoader:
    """The one class of a package of the vendor's that scripts catch; a real ``msrest`` wins."""

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        if module.__name__ == "msrest.exceptions":
            from switchyard_client.later.msrestnames import ClientException, HttpOperationError

            module.ClientException, module.HttpOperationError = ClientException, HttpOperationError


def placeholder(name, feature):
    """A class of that name. It can be imported, subclassed, compared and asked for attributes; calling anything of it raises."""
    return _Later(name.split(".")[-1], (), {"_name": name, "_feature": feature, "__doc__": "%s: %s." % (name, FEATURES[feature])})


class _Later(type):
    def __call__(cls, *args, **kwargs):
        if "_name" not in cls.__dict__:
            return super().__call__(*args, **kwargs)  # a class of a script's own that is built on a placeholder
        raise cls._error()

    def _error(cls):
        words = (cls._name, FEATURES[cls._feature], on_the_roadmap(cls._feature))
        return NotImplementedError("%s is part of %s, which is not built yet: %s. Nothing was done." % words)

    def __getattr__(cls, attribute):
        if attribute.startswith("_"):
            raise AttributeError("%s has no attribute %r" % (cls.__name__, attribute))
        return placeholder("%s.%s" % (cls._name, attribute), cls._feature)

    def __iter__(cls):
        raise cls._error()

    def __repr__(cls):
        return "<%s, not built yet>" % cls._name


def _known():
    found = _known.__dict__.get("names")
    if found is None:
        found = set(MODULES)
        for name in MODULES:
            parts = name.split(".")
            found.update(".".join(parts[:count]) for count in range(2, len(parts)))
        _known.names = found
    return found
