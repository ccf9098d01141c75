"""What files of 2018 to 2021 import and today's packages have no more: each name leads to what became of it."""
import importlib
import importlib.abc
import importlib.util
import sys

MOVED = {
    "sklearn.externals": None,
    "sklearn.externals.joblib": "joblib",
    "sklearn.externals.six": "six",
}


class _Moved(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self, is_package=MOVED[name] is None) if name in MOVED else None

    def create_module(self, spec):
        moved_to = MOVED[spec.name]
        return None if moved_to is None else importlib.import_module(moved_to)

    def exec_module(self, module):
        if module.__name__ == "sklearn.externals":
            module.joblib = importlib.import_module("joblib")


#: Names that NumPy had for what is Python's own.
NUMPY_HAD = {"bool": bool, "complex": complex, "float": float, "int": int, "object": object, "str": str}


class _NumPy(importlib.abc.MetaPathFinder):
    """Gives NumPy those names when it is imported."""

    def find_spec(self, name, path=None, target=None):
        if name != "numpy":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None:
            execute = spec.loader.exec_module

            def exec_module(module):
                execute(module)
                for had, now in NUMPY_HAD.items():
                    module.__dict__.setdefault(had, now)

            spec.loader.exec_module = exec_module
        return spec


sys.meta_path.append(_Moved())
sys.meta_path.insert(0, _NumPy())
