"""Names of a package that are imported when somebody asks for them: a training script should start at once."""
import importlib
import sys
import types


class _LazyModule(types.ModuleType):
    """Works from Python 3.6 on, which does not know a module's own ``__getattr__`` yet."""

    def __getattr__(self, name):
        module = self.__dict__["_lazy_names"].get(name)
        if module is None:
            raise AttributeError("module %r has no attribute %r" % (self.__name__, name))
        found = importlib.import_module(module)
        value = found if module == "%s.%s" % (self.__name__, name) else getattr(found, name)
        setattr(self, name, value)
        return value

    def __dir__(self):
        return sorted(set(super().__dir__()) | set(self.__dict__["_lazy_names"]))


def import_when_asked(package, names):
    """Let ``package`` offer ``names``: each maps to the module that has it, or is that module itself."""
    module = sys.modules[package]
    module.__dict__["_lazy_names"] = names
    module.__class__ = _LazyModule
