"""The entry script: imported by its path, ``init()`` called once, ``run()`` for one request at a time."""
import importlib.util
import os
import sys
import threading
import traceback

_LONGEST = 4000


class CannotServe(Exception):
    """The entry script cannot be used; ``details`` is the whole traceback."""

    def __init__(self, code, message, details=""):
        super().__init__(message)
        self.code, self.details = code, details or message


class EntryScript:
    """An entry script by its path relative to the working directory."""

    def __init__(self, path):
        self._path = path
        self._turn = threading.Lock()
        self.run = None

    def begin(self):
        """Import the script and call its ``init()``. Raise CannotServe with the traceback."""
        module = self._import()
        init, self.run = getattr(module, "init", None), getattr(module, "run", None)
        for name, function in (("init", init), ("run", self.run)):
            if not callable(function):
                raise CannotServe("EntryScriptInvalid", "The entry script %s has no function %s()." % (self._path, name))
        try:
            init()
        except BaseException as error:
            raise _told("InitFailed", "init() of %s raised" % self._path, error) from error

    def _import(self):
        folder = os.path.dirname(os.path.abspath(self._path))
        for place in (folder, os.getcwd()):
            if place not in sys.path:
                sys.path.insert(0, place)
        name = os.path.splitext(os.path.basename(self._path))[0]
        spec = importlib.util.spec_from_file_location(name, os.path.abspath(self._path))
        module = importlib.util.module_from_spec(spec)
        # a pickle of a class of the script finds it under this name
        sys.modules.setdefault(name, module)
        try:
            spec.loader.exec_module(module)
        except BaseException as error:
            raise _told("EntryScriptFailed", "The entry script %s could not be imported" % self._path, error) from error
        return module

    def call(self, *args, **kwargs):
        """One request at a time: scripts of v1 count on being alone."""
        with self._turn:
            return self.run(*args, **kwargs)


def _told(code, what, error):
    """The error with what a person needs first: what was raised, then the end of the traceback."""
    details = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return CannotServe(code, "%s: %s" % (what, details.strip()[-_LONGEST:]), details)
