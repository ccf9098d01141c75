"""What files of 2018 to 2021 import and today's packages have no more: each name leads to what became of it."""
import importlib
import importlib.abc
import importlib.util
import os
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


def _names_that_numpy_had(numpy):
    for had, now in NUMPY_HAD.items():
        numpy.__dict__.setdefault(had, now)


def _old_options_of_pandas(pandas):
    """``display.max_colwidth`` was -1 for "as wide as it is"; now that is None."""
    real = pandas.set_option

    def set_option(*words, **named):
        words = list(words)
        for at in range(1, len(words), 2):
            if words[at - 1] in ("display.max_colwidth", "max_colwidth") and words[at] == -1:
                words[at] = None
        return real(*words, **named)

    pandas.set_option = set_option


def _hosts_of_requests(requests):
    import corpus_hosts

    corpus_hosts.serve_requests(requests)


#: What is done to a module once it is there.
AFTERWARDS = {"numpy": _names_that_numpy_had, "pandas": _old_options_of_pandas, "requests": _hosts_of_requests}


class _Afterwards(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name not in AFTERWARDS:
            return None
        change = AFTERWARDS.pop(name)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            change(module)

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.append(_Moved())
if os.environ.get("CORPUS_DATA"):
    import corpus_hosts

    corpus_hosts.serve_urllib()
sys.meta_path.insert(0, _Afterwards())
