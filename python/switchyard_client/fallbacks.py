"""Modules that scripts of v1 import although they need next to nothing of them: found only where the real ones are not installed."""
import importlib.util

_MODULES = {
    "msrest": "",
    "msrest.exceptions": "class HttpOperationError(Exception):\n    '''A service answered with an error.'''\n",
}


class _Loader:
    @staticmethod
    def create_module(spec):
        """The usual way."""

    @staticmethod
    def exec_module(module):
        """Fill the module."""
        exec(_MODULES[module.__name__], module.__dict__)


def find_spec(name):
    """A spec for a module that we stand in for, else None."""
    if name not in _MODULES:
        return None
    return importlib.util.spec_from_loader(name, _Loader, is_package=any(other.startswith(name + ".") for other in _MODULES))
