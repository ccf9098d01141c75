"""Names of v1 whose features are yet to come: they can be imported, and say what they are when they are called.

The table is ``later/names.py``. A module of the table appears only where there is no real one of that name.
"""
import importlib.util
import sys

#: Packages that the table has modules of.
_ROOTS = ("azureml", "msrest")


class _Finder:
    """Stands last in line, so that whatever is really there wins."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.split(".", 1)[0] not in _ROOTS:
            return None
        from switchyard_client.later.modules import loader_of

        loader = loader_of(name)
        return None if loader is None else importlib.util.spec_from_loader(name, loader, is_package=True)


def let_later_names_be_imported():
    """Called once, when the ``azureml`` package is imported."""
    if not any(finder is _Finder for finder in sys.meta_path):
        sys.meta_path.append(_Finder)
